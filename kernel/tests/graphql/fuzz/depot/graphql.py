"""Root fields that are written by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from huikuan.context import Context
from huikuan.graphql import query
from huikuan.money import Money
from huikuan.values import AnyNode, Id, Ref
from kernel.tests.graphql.fuzz import rules
from kernel.tests.graphql.fuzz.depot import models
from kernel.tests.graphql.fuzz.depot.models import ShelfKind
from kernel.tests.graphql.fuzz.depot.types import Room, Shelf
from kernel.tests.graphql.fuzz.outputs import Failure, Options, Report


@query(permission="depot.read")
def depot_echo(
    ctx: Context,
    amount: Money,
    decimals: list[Decimal],
    text: str = "x",
    flag: bool = True,
    ratio: float | None = None,
    room: Ref[models.Room] | None = None,
    rooms: list[Ref[models.Room]] | None = None,
    shelf: Id[models.Shelf] | None = None,
    kind: ShelfKind | None = None,
    kinds: list[ShelfKind | None] | None = None,
    day: date | None = None,
    at: datetime | None = None,
    free: dict[str, Any] | None = None,
    options: Options | None = None,
) -> str:
    """Say what came."""
    return rules.echo(**{name: value for name, value in locals().items() if name != "ctx"})


@query(permission="depot.read")
def room_report(ctx: Context, room: Ref[models.Room], limit: int = 3) -> Report | None:
    """What stands in a room."""
    row = models.Shelf
    columns = (row.id, row.code, row.weight, row.room_id)
    found = ctx.rows(select(*columns).where(row.room_id == room.id).order_by(row.id).limit(max(0, limit)))
    return rules.report(room, list(found), limit)


@query(permission="depot.read")
def heaviest_shelf(ctx: Context) -> Shelf | None:
    """The heaviest one."""
    found = ctx.scalar(select(models.Shelf.id).order_by(models.Shelf.weight.desc(), models.Shelf.id).limit(1))
    return None if found is None else Ref(found)  # type: ignore[return-value]


@query(permission="depot.read")
def some_rooms(ctx: Context, above: int = 0) -> list[Room]:
    """Rooms on a floor above."""
    row = models.Room
    found = ctx.scalars(select(row.id).where(row.floor > above).order_by(row.id))
    return [Ref(id) for id in found]  # type: ignore[misc]


@query(permission=None)
def anything(ctx: Context, last: bool = False) -> AnyNode | None:
    """Some shelf, or null."""
    row = models.Shelf
    found = ctx.scalar(select(row.id).order_by(row.id.desc() if last else row.id).limit(1))
    return None if found is None else AnyNode("Shelf", found)


@query(permission=None)
def depot_fails(ctx: Context, how: Failure = Failure.INPUT) -> int | None:
    """Fail as it is asked to."""
    rules.fail(how)
    return "no number" if how is Failure.SHAPE else 1  # type: ignore[return-value] # broken on purpose


@query(permission=None)
def depot_must(ctx: Context, how: Failure = Failure.NOT) -> int:
    """Fail as it is asked to, where null is not allowed."""
    rules.fail(how)
    return None if how is Failure.SHAPE else 1  # type: ignore[return-value] # broken on purpose


@query(permission="depot.secret")
def secret_number(ctx: Context) -> int:
    """Only for some."""
    return 42


@query(permission="depot.secret")
def secret_text(ctx: Context) -> str | None:
    """Only for some."""
    return "secret"
