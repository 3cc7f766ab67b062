"""Quantities decide: more than 10 is short, more than 100 too much. What it is told, it writes down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from huikuan import Level, Money, Refusal, hookimpl
from huikuan_orders.snapshots import LineDraft, OrderDraft, OrderSnapshot, OrderTerms, TracePart
from modules.orders.tests.warehouse.errors import WAREHOUSE_FULL, WAREHOUSE_SHORT


@dataclass
class Book:
    """What the warehouse was told, and what it has shipped by line."""

    told: list[tuple[str, str, int]] = field(default_factory=list)
    shipped: dict[tuple[UUID, UUID], Decimal] = field(default_factory=dict)
    increases: list[Money] = field(default_factory=list)


book = Book()


@hookimpl
def orders_before_quote(order: OrderSnapshot) -> Refusal | None:
    wanted = sum((line.quantity for line in order.lines), Decimal(0))
    if wanted > 100:
        return Refusal(WAREHOUSE_FULL, "There is no room for more than 100.")
    if wanted > 10:
        return Refusal(WAREHOUSE_SHORT, "Only 10 are here.", level=Level.WARN)
    return None


@hookimpl
def orders_before_confirm(order: OrderSnapshot) -> list[Refusal]:
    wanted = sum((line.quantity for line in order.lines), Decimal(0))
    refusals = []
    if wanted > 5:
        refusals.append(Refusal(WAREHOUSE_SHORT, "It will take a week.", level=Level.WARN))
    if wanted > 10:
        refusals.append(
            Refusal(WAREHOUSE_SHORT, "Only 10 are here.", level=Level.APPROVE, advice="Order 10.", here=Decimal(10))
        )
    if wanted > 100:
        refusals.append(Refusal(WAREHOUSE_FULL, "There is no room for more than 100."))
    return refusals


@hookimpl
def orders_before_change(after: OrderSnapshot, increase: Money) -> Refusal | None:
    book.increases.append(increase)
    if increase and sum((line.quantity for line in after.lines), Decimal(0)) > 100:
        return Refusal(WAREHOUSE_FULL, "There is no room for more than 100.")
    return None


@hookimpl
def orders_payment_terms(terms: OrderTerms, total: Money) -> OrderTerms | None:
    return OrderTerms(code=None, terms=None) if terms.code and total.amount < 5 else None


@hookimpl
def orders_price_line(line: LineDraft, order: OrderDraft) -> LineDraft | None:
    if line.unit_price is None:
        return None
    if line.sku == "BROKEN":
        return replace(line, quantity=line.quantity + 1)
    if line.sku == "NEGATIVE":
        return replace(line, unit_price=Decimal(-1))
    if line.quantity < 1:
        return replace(line, unit_price=line.unit_price * 2, description=f"{line.description} (small quantity)")
    return None


@hookimpl
def orders_after_confirm(order: OrderSnapshot) -> None:
    book.told.append(("confirm", order.status.name, order.version))


@hookimpl
def orders_after_change(before: OrderSnapshot, after: OrderSnapshot) -> None:
    book.told.append(("change", f"{before.total} to {after.total}", after.version))


@hookimpl
def orders_after_cancel(order: OrderSnapshot) -> None:
    book.told.append(("cancel", order.status.name, order.version))


@hookimpl
def orders_after_close(order: OrderSnapshot) -> None:
    book.told.append(("close", f"{order.status.name}{' closed' if order.closed else ''}", order.version))


@hookimpl
def orders_after_reopen(order: OrderSnapshot) -> None:
    book.told.append(("reopen", "binding" if order.binding else "free", order.version))


@hookimpl
def orders_trace_parts(orders: Sequence[UUID]) -> list[TracePart]:
    return [
        TracePart(order_id=order_id, name="shipped", line_id=line_id, quantity=quantity)
        for (order_id, line_id), quantity in book.shipped.items()
        if order_id in orders
    ]
