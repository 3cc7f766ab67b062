"""Commands: they change, refuse, warn and break, and never make an id that the reference could not know."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import Level, Refusal
from huikuan.values import Id, Ref
from kernel.tests.graphql.fuzz import rules
from kernel.tests.graphql.fuzz.depot.errors import DEPOT_DUSTY, DEPOT_FULL
from kernel.tests.graphql.fuzz.depot.models import Room, Shelf
from kernel.tests.graphql.fuzz.outputs import Failure, Weighed


@command(permission="depot.write", idempotency="natural")
def shelf_label(ctx: Context, id: Id[Shelf], label: str | None = None, dusty: bool = False) -> Shelf:
    """Put a label on a shelf."""
    row = ctx.get(Shelf, id)
    if dusty:
        ctx.warn(Refusal(DEPOT_DUSTY, "It is dusty.", level=Level.WARN, field="dusty", speck=Decimal("0.10")))
    row.label = label
    return row


@command(permission="depot.write", idempotency="natural")
def shelf_paint_all(ctx: Context, shelves: list[Ref[Shelf]], height: int) -> list[Shelf]:
    """Change several at once."""
    rows = [ctx.get(Shelf, ref.id) for ref in shelves]
    for row in rows:
        row.height = height
    return rows


@command(permission="depot.write", idempotency="natural")
def shelf_fill(ctx: Context, id: Id[Shelf], much: int = 1) -> Shelf:
    """Refused, always."""
    row = ctx.get(Shelf, id)
    ctx.refuse(Refusal(DEPOT_FULL, "There is no room left.", field="much", advice="Ask for less.", limit=much - 1))
    return row


@command(permission="depot.write", idempotency="natural", payload="number")
def shelf_break(ctx: Context, how: Failure = Failure.BROKEN) -> int:
    """Raises what it is asked to."""
    rules.fail(how)
    return 5


@command(permission="depot.secret", idempotency="natural", payload="number")
def shelf_guard(ctx: Context) -> int:
    """Only for some."""
    return 6


@command(permission="depot.write", idempotency="natural", payload="weighed")
def room_weigh(ctx: Context, room: Ref[Room]) -> Weighed:
    """Answers an output with objects in it."""
    rows = list(ctx.scalars(select(Shelf).where(Shelf.room_id == room.id).order_by(Shelf.id)))
    return rules.weighed(room, rows)
