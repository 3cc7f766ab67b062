"""Money paid for an order beforehand, how far an order is paid, and none confirmed while a dunning level stops it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from huikuan.commands import command
from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.errors import Refusal
from huikuan.graphql import batch, extend
from huikuan.hooks import hookimpl
from huikuan.money import Money
from huikuan.values import Ref
from huikuan_customers.api import customer_lock
from huikuan_orders.api import open_orders, order_by_id, order_ids_of, orders_by_id, orders_of
from huikuan_orders.api import trace as trace_of
from huikuan_orders.snapshots import OrderSnapshot, TracePart
from huikuan_orders.types import Order
from huikuan_receivables.models import Allocation, ItemBalance, Payment
from huikuan_receivables.paying import NewPayment
from huikuan_receivables.settling import record_payment
from huikuan_receivables.snapshots import (
    AllocationKind,
    BlockKind,
    CustomerFigure,
    FigureRow,
    PaymentMethod,
    PaymentStatus,
    RowMark,
    TimelineEntry,
    TimelineKind,
    TimelineMark,
)
from huikuan_receivables.stopping import stopped

ORDER = "orders.order"
UNINVOICED = "UNINVOICED_ORDERS"
PAGE = 500
ZERO = Decimal(0)


@command(permission="receivables.pay", idempotency="natural")
def payment_advance(
    ctx: Context,
    order: Ref[Order],
    amount: Money,
    reference: str | None = None,
    received_on: date | None = None,
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER,
    status: PaymentStatus = PaymentStatus.SUCCEEDED,
    rate: Decimal | None = None,
    rate_units: int = 1,
    allow_duplicate: bool = False,
) -> Payment:
    """Record money that is paid for an order beforehand, by the order's payer: it settles the order's invoices only.

    Those that are posted already are settled at once, the others when they are posted. The same reference and content
    again is the same payment; a twin without reference is refused, unless `allowDuplicate`.
    """
    new = NewPayment(
        customer_id=order_by_id(ctx, order.id).payer_id,
        amount=amount,
        received_on=received_on,
        method=method,
        status=status,
        reference=reference,
        rate=rate,
        rate_units=rate_units,
        source_type=ORDER,
        source_id=order.id,
        allow_duplicate=allow_duplicate,
    )
    return record_payment(ctx, new)


@hookimpl
def orders_confirm_locks(ctx: Context, order: OrderSnapshot) -> list[LockKey]:
    """Who owes the money: nobody reminds or pays while it is decided."""
    return [customer_lock(order.bill_to_id)]


@hookimpl
def orders_before_confirm(ctx: Context, order: OrderSnapshot) -> Refusal | None:
    """Whether an open item of whoever gets the invoice stops new orders."""
    return stopped(ctx, order.bill_to_id, BlockKind.ORDERS)


@hookimpl
def orders_trace_parts(ctx: Context, orders: Sequence[UUID]) -> list[TracePart]:
    """What of orders is paid, advances included, and what of their invoices is overdue."""
    known = orders_by_id(ctx, orders)
    paid = _paid(ctx, known)
    for id, amount in _advanced(ctx, known).items():
        paid[id] = paid.get(id, ZERO) + amount
    figures = [("paid", paid), ("overdue", _overdue(ctx, known))]
    return [
        TracePart(order_id=id, name=name, amount=Money(amount, known[id].currency))
        for name, amounts in figures
        for id, amount in amounts.items()
        if amount
    ]


@hookimpl
def orders_after_cancel(ctx: Context, order: OrderSnapshot) -> None:
    """Its advances are money like any other: nothing will be billed for it any more."""
    ctx.execute(
        update(Payment)
        .where(Payment.source_type == ORDER, Payment.source_id == order.id)
        .values(source_type=None, source_id=None)
    )


@extend(Order)
class OrderAdvances:
    """What receivables adds to an order."""

    @batch(requires=["id"], permission="receivables.read")
    def advances(ctx: Context, orders: Sequence[Any]) -> list[list[Ref[Payment]]]:
        """Payments made for it beforehand, whatever became of them."""
        ids = [row.id for row in orders]
        statement = select(Payment.id, Payment.source_id).where(
            Payment.source_type == ORDER, Payment.source_id.in_(ids)
        )
        found: dict[UUID, list[Ref[Payment]]] = {id: [] for id in ids}
        for row in ctx.rows(statement.order_by(Payment.id)):
            assert row.source_id is not None
            found[row.source_id].append(Ref(row.id))
        return [found[id] for id in ids]


def _paid(ctx: Context, orders: Collection[UUID]) -> dict[UUID, Decimal]:
    """What settles invoices that are for one order alone, credit notes of their own aside."""
    same = (Allocation.item_id == ItemBalance.item_id) & (Allocation.tenant_id == ItemBalance.tenant_id)
    rows = ctx.rows(
        select(ItemBalance.document_id, func.sum(Allocation.amount))
        .join(Allocation, same)
        .where(ItemBalance.document_id.in_(orders), Allocation.kind != AllocationKind.ORIGIN)
        .group_by(ItemBalance.document_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def _advanced(ctx: Context, orders: dict[UUID, OrderSnapshot]) -> dict[UUID, Decimal]:
    """Advances that settle nothing yet, in the orders' currencies."""
    rows = ctx.rows(
        select(Payment.source_id, Payment.amount_currency, func.sum(Payment.unapplied))
        .where(Payment.source_type == ORDER, Payment.source_id.in_(orders), Payment.unapplied != 0)
        .group_by(Payment.source_id, Payment.amount_currency)
    )
    return {row[0]: row[2] for row in rows if row[0] is not None and orders[row[0]].currency == row[1]}


def _overdue(ctx: Context, orders: Collection[UUID]) -> dict[UUID, Decimal]:
    rows = ctx.rows(
        select(ItemBalance.document_id, func.sum(ItemBalance.open))
        .where(ItemBalance.document_id.in_(orders), ItemBalance.open > 0, ItemBalance.due_on < ctx.today)
        .group_by(ItemBalance.document_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


# --- figures and timeline -----------------------------------------------------------------------


@hookimpl
def receivables_customer_figures(ctx: Context, accounts: Mapping[UUID, str]) -> list[CustomerFigure]:
    """What was ordered and is not invoiced yet."""
    sums = dict.fromkeys(accounts, ZERO)
    for order, amount in _uninvoiced(ctx, accounts):
        sums[order.bill_to_id] += amount
    return [
        CustomerFigure(
            customer_id=id,
            name=UNINVOICED,
            formula="Of each confirmed order that is not closed and billed to the customer: its total with taxes, less"
            " what is invoiced, deposits included; never less than 0.",
            amount=Money(sums[id], currency),
        )
        for id, currency in accounts.items()
    ]


@hookimpl
def receivables_figure_rows(
    ctx: Context, customer_id: UUID, currency: str, name: str, after: RowMark | None, limit: int
) -> list[FigureRow] | None:
    """The orders of which something is not invoiced."""
    if name != UNINVOICED:
        return None
    found = sorted(_uninvoiced(ctx, {customer_id: currency}), key=lambda it: (it[0].ordered_on, it[0].id))
    return [
        FigureRow(type_name="Order", id=order.id, on=order.ordered_on, amount=Money(amount, currency))
        for order, amount in found
        if after is None or (order.ordered_on, order.id) > (after.on, after.id)
    ][:limit]


@hookimpl
def receivables_timeline_parts(
    ctx: Context, customer_id: UUID, kinds: frozenset[TimelineKind], before: TimelineMark | None, limit: int
) -> list[TimelineEntry]:
    """Quotes and orders, on the day that they were ordered."""
    if TimelineKind.ORDER not in kinds or not ctx.actor.may("orders.read"):
        return []
    place = (before.day, before.id if before.midnight else None) if before is not None else None
    return [
        TimelineEntry(
            id=order.id,
            kind=TimelineKind.ORDER,
            on=order.ordered_on,
            title=f"Order {order.number}: {order.status.name}",
            type_name="Order",
            subject_id=order.id,
            amount=order.total,
            text=order.reference,
        )
        for order in orders_of(ctx, customer_id, before=place, limit=limit)
    ]


@hookimpl
def receivables_timeline_subjects(ctx: Context, customer_id: UUID) -> list[tuple[str, UUID]]:
    """Its orders, on which deliveries hang."""
    return [("Order", id) for id in order_ids_of(ctx, customer_id)]


def _uninvoiced(ctx: Context, accounts: Mapping[UUID, str]) -> list[tuple[OrderSnapshot, Decimal]]:
    """Binding orders in the accounts' currencies of which something is not invoiced, with how much; 500 at a time."""
    found: list[tuple[OrderSnapshot, Decimal]] = []
    after = None
    while page := open_orders(ctx, bill_to=list(accounts), after=after, limit=PAGE):
        after = page[-1].id
        ours = [order for order in page if order.currency == accounts[order.bill_to_id]]
        parts = trace_of(ctx, [order.id for order in ours])
        for order in ours:
            invoiced = [part.amount.amount for part in parts[order.id] if part.name == "invoiced" and part.amount]
            left = order.total.amount - sum(invoiced, ZERO)
            if left > ZERO:
                found.append((order, left))
    return found
