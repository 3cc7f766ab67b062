"""Rows to snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, select

from huikuan.codec import decode
from huikuan.context import Context
from huikuan.money import Money
from huikuan_customers.snapshots import Terms
from huikuan_orders.amounts import Totals
from huikuan_orders.models import Order, OrderLine
from huikuan_orders.snapshots import LineSnapshot, OrderSnapshot
from huikuan_orders.values import LineLike

__all__ = ["lines_of", "next_version", "snapshot", "snapshots"]


def lines_of(ctx: Context, order_id: UUID) -> Sequence[OrderLine]:
    """The lines of an order by position."""
    return ctx.scalars(_lines([order_id]))


def snapshot(
    ctx: Context, order: Order, lines: Iterable[LineLike] | None = None, totals: Totals | None = None
) -> OrderSnapshot:
    """The order as others see it, or as it would be with other lines."""
    if lines is None and totals is None:
        key = "orders.snapshot", order.id
        return ctx.once(key, lambda: _snapshot(order, _stored_lines(ctx, order)), Order, OrderLine)
    found = _stored_lines(ctx, order) if lines is None else tuple(_line(line, order.currency) for line in lines)
    return _snapshot(order, found, totals)


def _snapshot(order: Order, lines: tuple[LineSnapshot, ...], totals: Totals | None = None) -> OrderSnapshot:
    sums = totals or Totals(order.net, order.tax, order.total)
    return OrderSnapshot(
        id=order.id,
        number=order.number,
        kind=order.kind,
        status=order.status,
        reference=order.reference,
        customer_id=order.customer_id,
        bill_to_id=order.bill_to_id,
        ship_to_id=order.ship_to_id,
        payer_id=order.payer_id,
        currency=order.currency,
        tax_rounding=order.tax_rounding,
        ordered_on=order.ordered_on,
        promised_on=order.promised_on,
        valid_until=order.valid_until,
        confirmed_at=order.confirmed_at,
        payment_terms=order.payment_terms,
        terms=decode(Terms, order.terms),
        net=sums.net,
        tax=sums.tax,
        total=sums.total,
        version=order.version,
        held=order.held_at is not None,
        closed=order.closed_at is not None,
        lines=lines,
    )


def snapshots(ctx: Context, ids: Sequence[UUID]) -> list[OrderSnapshot]:
    """Many orders with two statements, by id; those that do not exist are left out."""
    if len(ids) == 1:
        return [snapshot(ctx, order) for order in ctx.get_many(Order, ids).values()]
    orders = ctx.scalars(select(Order).where(Order.id.in_(ids)).order_by(Order.id))
    lines: dict[UUID, list[OrderLine]] = {order.id: [] for order in orders}
    for line in ctx.scalars(_lines(ids)):
        lines[line.order_id].append(line)
    return [snapshot(ctx, order, lines[order.id]) for order in orders]


def _stored_lines(ctx: Context, order: Order) -> tuple[LineSnapshot, ...]:
    """The lines of this version of the order: they change with it only, so a command reads them once."""
    version = ctx.memory.get(_same(order), order.version)

    def read() -> tuple[LineSnapshot, ...]:
        return tuple(_line(line, order.currency) for line in lines_of(ctx, order.id))

    return ctx.once(("orders.lines", order.id, version), read, OrderLine, lasting=True)


def next_version(ctx: Context, order: Order) -> None:
    """One more version of an order whose stored lines stay as they are."""
    lines = ctx.memory.get(_same(order), order.version)
    order.version += 1
    ctx.memory[_same(order)] = lines


def _same(order: Order) -> tuple[str, UUID, int]:
    """Where the version is kept that has the same lines."""
    return "orders.same_lines", order.id, order.version


def _lines(order_ids: Sequence[UUID]) -> Select[OrderLine]:
    return select(OrderLine).where(OrderLine.order_id.in_(order_ids)).order_by(OrderLine.position)


def _line(line: LineLike, currency: str) -> LineSnapshot:
    return LineSnapshot(
        id=line.id,
        position=line.position,
        product_id=line.product_id,
        sku=line.sku,
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        list_price=line.list_price,
        discount_percent=line.discount_percent,
        tax_code=line.tax_code,
        tax_percent=line.tax_percent,
        tax_included=line.tax_included,
        net=Money(line.net, currency),
        tax=Money(line.tax, currency),
        gross=Money(line.gross, currency),
        promised_on=line.promised_on,
    )
