"""Changes to an order's lines, as values; the same for drafts and for change orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.values import Unset
from huikuan_orders.drafting import MAX_LINES, check_numbers, draft_lines
from huikuan_orders.errors import LINE_UNKNOWN
from huikuan_orders.inputs import OrderLineInput, OrderLineUpdateInput
from huikuan_orders.models import Order
from huikuan_orders.snapshots import OrderDraft
from huikuan_orders.values import LineLike, LineValues

__all__ = ["draft_of", "edited"]


def draft_of(order: Order) -> OrderDraft:
    """What pricing needs to know of an order."""
    return OrderDraft(
        customer_id=order.customer_id, kind=order.kind, currency=order.currency, ordered_on=order.ordered_on
    )


def edited(
    ctx: Context,
    order: Order,
    lines: Sequence[LineLike],
    *,
    add: Sequence[OrderLineInput],
    update: Sequence[OrderLineUpdateInput],
    remove: Iterable[int],
    keep_removed: bool,
) -> list[LineValues]:
    """The lines as they would be; a line removed is dropped, or kept with quantity 0.

    A line whose quantity changes keeps its price: it was agreed. Amounts are still to be assessed.
    """
    found = {line.position: LineValues.of(line) for line in lines}
    touched: set[int] = set()
    for index, change in enumerate(update):
        _update(_line_at(ctx, found, touched, change.position, f"update.{index}"), change, f"update.{index}")
    for index, position in enumerate(remove):
        line = _line_at(ctx, found, touched, position, f"remove.{index}")
        if keep_removed:
            line.quantity = Decimal(0)
        else:
            del found[position]
    last = max((line.position for line in lines), default=0)
    added = draft_lines(ctx, add, draft_of(order), first_position=last + 1, field="add") if add else []
    if len(found) + len(added) > MAX_LINES:
        raise BadInput(f"An order has at most {MAX_LINES} lines.", field="add")
    return [*found.values(), *added]


def _line_at(ctx: Context, lines: dict[int, LineValues], touched: set[int], position: int, where: str) -> LineValues:
    if position in touched:
        raise BadInput(f"Line {position} is named twice.", field=where)
    touched.add(position)
    if position not in lines:
        ctx.refuse(Refusal(LINE_UNKNOWN, f"The order has no line {position}.", field=where, positions=sorted(lines)))
    return lines[position]


def _update(line: LineValues, change: OrderLineUpdateInput, where: str) -> None:
    if not isinstance(change.quantity, Unset):
        line.quantity = change.quantity
    if not isinstance(change.unit_price, Unset):
        line.unit_price = change.unit_price
    if not isinstance(change.discount_percent, Unset):
        line.discount_percent = change.discount_percent
    if not isinstance(change.description, Unset):
        line.description = change.description
    if not isinstance(change.promised_on, Unset):
        line.promised_on = change.promised_on
    check_numbers(line.quantity, line.unit_price, line.discount_percent, where)
