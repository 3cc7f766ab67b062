"""How far an order has come, told by whoever ships or invoices it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan_credit.amounts import Line, decoded, encoded, open_of
from huikuan_credit.ledger import Change, apply, position_of
from huikuan_credit.models import Position
from huikuan_credit.snapshots import Part

__all__ = ["PROGRESS", "Moves", "change_of", "kept_progress", "lines_in", "moved"]

PROGRESS = {"shipped": "inventory", "returned": "inventory", "invoiced": "invoicing", "given_up": "invoicing"}
"""Names of a line's progress, in the trace of an order and here, and who tells it."""

Moves = Mapping[UUID, Mapping[str, Decimal]]
"""By line: how much more is shipped, returned, invoiced or given up."""


def lines_in(position: Position) -> dict[UUID, Line]:
    """The lines of a position."""
    return decoded(position.lines)


def kept_progress(ctx: Context, line: Line) -> Line:
    """A line with that progress alone which nobody tells any more: what a disabled module said last."""
    kept = [name for name, module in PROGRESS.items() if not ctx.enabled(module)]
    return Line(gross=line.gross, quantity=line.quantity, **{name: getattr(line, name) for name in kept})


def change_of(position: Position) -> Change:
    """What a position comes to by its lines, state and deposits."""
    found = open_of(lines_in(position).values(), position.currency, position.state, position.deposits)
    return Change(position, {Part.ORDERED: found.ordered, Part.SHIPPED: found.shipped})


def moved(ctx: Context, event: str, order_id: UUID, moves: Moves, deposits: Decimal = Decimal(0)) -> Position | None:
    """Move an order's lines on; None where the order owes nothing here. Its account is locked."""
    position = position_of(ctx, "Order", order_id)
    if position is None:
        return None
    lines = lines_in(position)
    for id, more in moves.items():
        if id in lines:
            lines[id] = lines[id].moved(**more)
    position.lines = encoded(lines)
    position.deposits += deposits
    apply(ctx, event, [change_of(position)])
    return position
