"""Change orders: a confirmed order changes by what is added to it, the original stays."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import func, select

from huikuan.codec import digest
from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan.money import Money
from huikuan.values import Id
from huikuan_orders.amounts import Totals, assess
from huikuan_orders.commands.drafts import update_row
from huikuan_orders.creating import check_kind, line_row, set_totals
from huikuan_orders.edits import edited
from huikuan_orders.events import OrderAmended
from huikuan_orders.hookspecs import orders_after_change, orders_before_change
from huikuan_orders.inputs import OrderAmendInput
from huikuan_orders.lifecycle import checked_reason, locked_with, move, pin, require
from huikuan_orders.models import Order, OrderChange, OrderChangeKind, OrderChangeLine, OrderLine
from huikuan_orders.snapshots import OrderSnapshot
from huikuan_orders.states import OrderAction
from huikuan_orders.values import LineValues
from huikuan_orders.views import lines_of, snapshot

__all__ = ["order_amend"]

ZERO = Decimal(0)


@command(permission="orders.confirm", idempotency="key")
def order_amend(ctx: Context, id: Id[Order], input: OrderAmendInput) -> Order:
    """Change a confirmed order by a change order: the original stays, the order is original plus changes.

    Checks such as credit ask about the increase only.
    """
    checked_reason(input.reason)
    if not (input.add or input.update or input.remove):
        raise BadInput("Say what to add, update or remove.", field="update")
    _, future, _ = _planned(ctx, ctx.get(Order, id), input)
    order, before = locked_with(ctx, id, future)
    require(ctx, order, OrderAction.AMEND)
    lines, after, totals = _planned(ctx, order, input)
    increase = max(after.total - before.total, Money.zero(order.currency))
    refusals = ctx.vetoes(orders_before_change, before=before, after=after, increase=increase)
    ctx.guard(refusals, subject=order, pin=(*pin(before), digest(input)))
    change = _record(ctx, order, before, lines, totals, input.reason)
    set_totals(order, totals)
    _apply(ctx, order, change, lines)
    move(ctx, order, OrderAction.AMEND, input.reason)
    change.version = order.version
    ctx.react(orders_after_change, before=before, after=snapshot(ctx, order))
    ctx.emit(OrderAmended(order_id=order.id, change_id=change.id, before=before.total, total=order.total))
    return order


def _planned(ctx: Context, order: Order, input: OrderAmendInput) -> tuple[list[LineValues], OrderSnapshot, Totals]:
    """The lines as they would be; writes nothing."""
    lines = edited(
        ctx,
        order,
        lines_of(ctx, order.id),
        add=input.add,
        update=input.update,
        remove=input.remove,
        keep_removed=True,
    )
    check_kind(ctx, order.kind, lines)
    totals = assess(lines, order.currency, order.tax_rounding)
    return lines, snapshot(ctx, order, lines, totals), totals


def _record(
    ctx: Context,
    order: Order,
    before: OrderSnapshot,
    lines: Sequence[LineValues],
    totals: Totals,
    reason: str,
) -> OrderChange:
    last = ctx.scalar(select(func.max(OrderChange.sequence)).where(OrderChange.order_id == order.id))
    return ctx.add(
        OrderChange(
            order_id=order.id,
            sequence=(last or 0) + 1,
            reason=reason,
            at=ctx.now,
            actor_id=ctx.actor.id,
            actor_name=ctx.actor.name,
            version=order.version + 1,
            net=totals.net - before.net,
            tax=totals.tax - before.tax,
            total=totals.total - before.total,
        )
    )


def _apply(ctx: Context, order: Order, change: OrderChange, lines: Sequence[LineValues]) -> None:
    """Store the changed lines, remembering what they were when the order was confirmed."""
    stored = {line.id: line for line in lines_of(ctx, order.id)}
    entries = []
    for values in lines:
        row = stored.get(values.id)
        entry = _entry(order, change, row, values)
        if row is None:
            added = line_row(order, values)
            added.original_quantity = added.original_gross = ZERO
            ctx.add(added)
        elif _differs(row, values):
            if row.original_quantity is None:
                row.original_quantity, row.original_gross = row.quantity, row.gross
            update_row(row, values)
        else:
            continue
        entries.append(entry)
    ctx.flush()  # lines before what refers to them
    ctx.add_all(entries)


def _differs(row: OrderLine, values: LineValues) -> bool:
    return any(
        getattr(row, name) != getattr(values, name)
        for name in ("quantity", "unit_price", "discount_percent", "description", "promised_on", "gross")
    )


def _entry(order: Order, change: OrderChange, row: OrderLine | None, values: LineValues) -> OrderChangeLine:
    kind = (
        OrderChangeKind.ADDED
        if row is None
        else OrderChangeKind.CHANGED
        if values.quantity
        else OrderChangeKind.REMOVED
    )
    return OrderChangeLine(
        change_id=change.id,
        line_id=values.id,
        kind=kind,
        currency=order.currency,
        quantity_before=row.quantity if row else ZERO,
        quantity_after=values.quantity,
        unit_price_before=row.unit_price if row else ZERO,
        unit_price_after=values.unit_price,
        gross_before=row.gross if row else ZERO,
        gross_after=values.gross,
    )
