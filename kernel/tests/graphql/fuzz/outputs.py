"""Outputs and inputs of both modules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

from huikuan.graphql import output
from huikuan.money import Money
from huikuan.values import Id, Ref
from kernel.tests.graphql.fuzz.depot import models
from kernel.tests.graphql.fuzz.depot.models import ShelfKind
from kernel.tests.graphql.fuzz.survey.models import Verdict


class Failure(Enum):
    """How something fails."""

    NOT = "it does not"
    BROKEN = "with an error that nobody expected"
    INPUT = "because of what was sent"
    MISSING = "because something is not there"
    RIGHTS = "because somebody may not"
    SHAPE = "by answering something else than was promised"


@output
@dataclass(frozen=True)
class Label:
    """A label."""

    text: Annotated[str, "What it says."]
    weight: Decimal
    room: Ref[models.Room]
    vault: Ref[models.Vault] | None


@output
@dataclass(frozen=True)
class Step:
    """A part of a rating."""

    name: str
    share: Decimal
    room: Ref[models.Room] | None
    labels: list[Label]


@output
@dataclass(frozen=True)
class Rating:
    """A rating."""

    echo: str
    scale: int
    amount: Money
    fee: Money | None
    at: datetime
    day: date | None
    verdict: Verdict | None
    shelf_id: Id[models.Shelf]
    best: Ref[models.Room] | None
    steps: list[Step]
    rooms: list[Ref[models.Room]]
    maybe_rooms: list[Ref[models.Room] | None] | None
    notes: list[str]
    grid: list[list[int | None]]
    free: dict[str, Any] | None
    remark: Annotated[str, "Promised, but null for some."]


@output
@dataclass(frozen=True)
class Report:
    """What stands in a room."""

    room: Ref[models.Room]
    shelves: list[Ref[models.Shelf]]
    labels: list[Label]
    total: Decimal


@output
@dataclass(frozen=True)
class Weighed:
    """What a room weighs."""

    room: Ref[models.Room]
    total: Decimal
    labels: list[Label]


@dataclass(frozen=True)
class Options:
    """Input of some depth."""

    depth: int
    ratio: Decimal | None = None
    kind: ShelfKind = ShelfKind.DRY
    since: datetime | None = None
    days: list[date] | None = None
    room: Ref[models.Room] | None = None
    deeper: Options | None = None
