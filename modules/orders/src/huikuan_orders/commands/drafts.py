"""Writing and changing drafts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan.values import UNSET, Id, Ref, Unset
from huikuan_orders.amounts import assess
from huikuan_orders.creating import LINE_FIELDS, check_kind, line_row, prepare, same_order, set_totals, store
from huikuan_orders.drafting import draft_lines
from huikuan_orders.edits import draft_of, edited
from huikuan_orders.events import OrderChanged
from huikuan_orders.inputs import OrderChangeInput, OrderCreateInput, OrderLineInput
from huikuan_orders.lifecycle import locked, require
from huikuan_orders.models import Order, OrderLine
from huikuan_orders.states import OrderAction
from huikuan_orders.values import LineValues
from huikuan_orders.views import lines_of

__all__ = ["order_change", "order_copy", "order_create", "order_record"]


@command(permission="orders.create", idempotency="natural")
def order_create(ctx: Context, input: OrderCreateInput) -> Order:
    """Write a draft of an order.

    With a reference it is safe to repeat: the same content gives the order that is there already,
    other content is refused. Without one, send an idempotencyKey.
    """
    return same_order(ctx, input) or store(ctx, prepare(ctx, input))


@command(permission="orders.create", idempotency="natural", exposed=False)
def order_record(ctx: Context, input: OrderCreateInput) -> Order:
    """Enter an order of the past as done: no checks, no reservation, prices as given."""
    return same_order(ctx, input, past=True) or store(ctx, prepare(ctx, input, past=True), past=True)


@command(permission="orders.change", idempotency="key")
def order_change(ctx: Context, id: Id[Order], input: OrderChangeInput) -> Order:
    """Change a draft: its dates and notes, all of its lines or single ones. What is left out stays."""
    order = locked(ctx, id)
    require(ctx, order, OrderAction.CHANGE)
    replaced = not isinstance(input.lines, Unset)
    if replaced and (input.add or input.update or input.remove):
        raise BadInput("Give either lines, or add, update and remove.", field="lines")
    before = lines_of(ctx, order.id)
    if not isinstance(input.lines, Unset):
        after = draft_lines(ctx, input.lines, draft_of(order))
    else:
        after = edited(ctx, order, before, add=input.add, update=input.update, remove=input.remove, keep_removed=False)
    check_kind(ctx, order.kind, after)
    totals = assess(after, order.currency, order.tax_rounding)
    _set_dates(order, input)
    set_totals(order, totals)
    _apply(ctx, order, before, after)
    order.version += 1
    ctx.emit(OrderChanged(order_id=order.id, version=order.version, total=order.total))
    return order


@command(permission="orders.create", idempotency="natural")
def order_copy(
    ctx: Context,
    order: Ref[Order],
    reference: str | None = None,
    ordered_on: date | None = None,
    keep_prices: bool = False,
) -> Order:
    """Write a new draft with the customer and lines of an earlier order, at today's prices.

    With ``keepPrices`` its prices and discounts are taken over.
    """
    source = ctx.get(Order, order.id)
    lines = [
        OrderLineInput(
            quantity=line.quantity,
            sku=line.sku,
            description=line.description,
            unit_price=line.unit_price if keep_prices or line.sku is None else None,
            discount_percent=line.discount_percent if keep_prices or line.sku is None else None,
        )
        for line in lines_of(ctx, source.id)
        if line.quantity
    ]
    return order_create(
        ctx,
        input=OrderCreateInput(
            customer=Ref(source.customer_id),
            lines=lines,
            reference=reference,
            kind=source.kind,
            currency=source.currency,
            bill_to=Ref(source.bill_to_id),
            ship_to=Ref(source.ship_to_id),
            payer=Ref(source.payer_id),
            ordered_on=ordered_on,
            notes=source.notes,
            origin=Ref(source.id),
        ),
    )


def _set_dates(order: Order, input: OrderChangeInput) -> None:
    if input.promised_on is not UNSET:
        order.promised_on = input.promised_on or None
    if not isinstance(input.valid_until, Unset):
        if input.valid_until is not None and input.valid_until < order.ordered_on:
            raise BadInput("A quote cannot end before it begins.", field="validUntil")
        order.valid_until = input.valid_until
    if not isinstance(input.notes, Unset):
        order.notes = input.notes


def _apply(ctx: Context, order: Order, before: Sequence[OrderLine], after: Sequence[LineValues]) -> None:
    """Make the stored lines those of ``after``, by id."""
    stored = {line.id: line for line in before}
    kept = {line.id for line in after}
    gone = [line for line in before if line.id not in kept]
    for line in gone:
        ctx.remove(line)
    if gone:
        ctx.flush()  # before others take their positions
    for values in after:
        row = stored.get(values.id)
        if row is None:
            ctx.add(line_row(order, values))
        else:
            update_row(row, values)


def update_row(row: OrderLine, values: LineValues) -> None:
    """Copy what differs to a stored line."""
    for name in LINE_FIELDS:
        value = getattr(values, name)
        if getattr(row, name) != value:
            setattr(row, name, value)
