"""Reading orders for others: many at once, never writing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from huikuan.context import Context
from huikuan.errors import Refusal, Refused
from huikuan.money import Money
from huikuan_orders.hookspecs import orders_before_confirm, orders_trace_parts
from huikuan_orders.lifecycle import pin, wrong_state
from huikuan_orders.models import Order, OrderLine
from huikuan_orders.snapshots import OrderSnapshot, OrderStatus, TracePart
from huikuan_orders.states import OrderAction, may
from huikuan_orders.views import snapshot, snapshots

__all__ = [
    "FULFILLED_NAMES",
    "agreed_orders",
    "confirm_verdicts",
    "fulfilled",
    "open_order_count",
    "open_orders",
    "order_by_id",
    "order_id_of",
    "order_ids_of",
    "ordered_parts",
    "orders_by_id",
    "orders_of",
    "trace",
]

FULFILLED_NAMES = frozenset({"shipped", "invoiced"})


def order_by_id(ctx: Context, order_id: UUID) -> OrderSnapshot:
    """One order with its lines, or NotFound."""
    return snapshot(ctx, ctx.get(Order, order_id))


def orders_by_id(ctx: Context, ids: Collection[UUID]) -> dict[UUID, OrderSnapshot]:
    """Orders with their lines; unknown ids are left out. Two statements."""
    return {found.id: found for found in snapshots(ctx, list(ids))} if ids else {}


def order_id_of(ctx: Context, *, number: str | None = None, reference: str | None = None) -> UUID | None:
    """The order with this number or reference, or None."""
    found = Order.number == number if number is not None else Order.reference == reference
    return ctx.scalar(select(Order.id).where(found))


def open_orders(
    ctx: Context, *, bill_to: Collection[UUID] | None = None, after: UUID | None = None, limit: int = 500
) -> list[OrderSnapshot]:
    """Binding orders (confirmed, not closed), by id, in pages: pass the last id as ``after``."""
    statement = select(Order.id).where(Order.status == OrderStatus.CONFIRMED, Order.closed_at.is_(None))
    if bill_to is not None:
        statement = statement.where(Order.bill_to_id.in_(bill_to))
    if after is not None:
        statement = statement.where(Order.id > after)
    return snapshots(ctx, ctx.scalars(statement.order_by(Order.id).limit(limit)))


def agreed_orders(ctx: Context, *, after: UUID | None = None, limit: int = 500) -> list[OrderSnapshot]:
    """Orders that were confirmed and not cancelled, closed and done ones too, in pages like ``open_orders``.

    Orders of the past, which were entered as done and never confirmed, are not among them.
    """
    agreed = (Order.status.in_([OrderStatus.CONFIRMED, OrderStatus.DONE]), Order.confirmed_at.is_not(None))
    statement = select(Order.id).where(*agreed)
    if after is not None:
        statement = statement.where(Order.id > after)
    return snapshots(ctx, ctx.scalars(statement.order_by(Order.id).limit(limit)))


def orders_of(
    ctx: Context, customer_id: UUID, *, before: tuple[date, UUID | None] | None = None, limit: int
) -> list[OrderSnapshot]:
    """Quotes and orders that a customer buys or is billed for, the newest first; drafts are left out.

    ``before``: only those of earlier days, and of that day those with a smaller id, or all of that day. Two statements.
    """
    statement = select(Order.id).where(
        or_(Order.customer_id == customer_id, Order.bill_to_id == customer_id), Order.status != OrderStatus.DRAFT
    )
    if before is not None:
        day, id = before
        statement = statement.where(Order.ordered_on <= day)
        if id is not None:
            statement = statement.where(or_(Order.ordered_on < day, and_(Order.ordered_on == day, Order.id < id)))
    ids = ctx.scalars(statement.order_by(Order.ordered_on.desc(), Order.id.desc()).limit(limit))
    found = orders_by_id(ctx, ids)
    return [found[id] for id in ids]


def order_ids_of(ctx: Context, customer_id: UUID) -> Sequence[UUID]:
    """All orders that a customer buys, is billed for or gets the goods of, drafts left out. One statement."""
    roles = (Order.customer_id, Order.bill_to_id, Order.ship_to_id)
    return ctx.scalars(
        select(Order.id).where(or_(*(role == customer_id for role in roles)), Order.status != OrderStatus.DRAFT)
    )


def open_order_count(ctx: Context, customer_id: UUID) -> int:
    """How many quotes and orders that have not ended name this customer in any role."""
    roles = (Order.customer_id, Order.bill_to_id, Order.ship_to_id, Order.payer_id)
    living = Order.status.in_([OrderStatus.DRAFT, OrderStatus.QUOTED, OrderStatus.CONFIRMED])
    return (
        ctx.scalar(
            select(func.count(Order.id)).where(
                living, Order.closed_at.is_(None), or_(*(role == customer_id for role in roles))
            )
        )
        or 0
    )


def trace(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[TracePart]]:
    """How far orders have come, as all modules say."""
    found: dict[UUID, list[TracePart]] = {id: [] for id in ids}
    for part in ctx.collect(orders_trace_parts, orders=list(ids)):
        found[part.order_id].append(part)
    return found


def ordered_parts(ctx: Context, ids: Sequence[UUID]) -> list[TracePart]:
    """What was ordered: quantities by line and the total."""
    lines = ctx.rows(select(OrderLine.order_id, OrderLine.id, OrderLine.quantity).where(OrderLine.order_id.in_(ids)))
    orders = ctx.rows(select(Order.id, Order.total_amount, Order.currency).where(Order.id.in_(ids)))
    return [
        *(TracePart(order_id=row.order_id, name="ordered", line_id=row.id, quantity=row.quantity) for row in lines),
        *(TracePart(order_id=row.id, name="ordered", amount=Money(row.total_amount, row.currency)) for row in orders),
    ]


def fulfilled(ctx: Context, order_id: UUID) -> dict[UUID, Decimal]:
    """How much of each line was shipped or invoiced, whichever is more."""
    by_name: dict[tuple[UUID, str], Decimal] = {}
    for part in trace(ctx, [order_id])[order_id]:
        if part.name in FULFILLED_NAMES and part.line_id is not None and part.quantity is not None:
            key = part.line_id, part.name
            by_name[key] = by_name.get(key, Decimal(0)) + part.quantity
    most: dict[UUID, Decimal] = {}
    for (line_id, _), quantity in by_name.items():
        most[line_id] = max(most.get(line_id, quantity), quantity, key=abs)
    return most


def confirm_verdicts(ctx: Context, order_id: UUID) -> tuple[Sequence[Refusal], Iterable[Refusal]]:
    """What would stop a confirmation now, and what it would warn of; releases are taken into account."""
    order = ctx.get(Order, order_id)
    if not may(OrderAction.CONFIRM, order.state):
        return [wrong_state(order, OrderAction.CONFIRM)], []
    seen = snapshot(ctx, order)
    try:
        ctx.guard(ctx.vetoes(orders_before_confirm, order=seen), subject=order, pin=pin(seen))
    except Refused as error:
        return error.refusals, ctx.work.warnings
    return [], ctx.work.warnings
