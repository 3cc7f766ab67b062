"""What the second module adds to the first one's types."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from huikuan.context import Context
from huikuan.graphql import batch, connection, extend, node, to_many, to_one
from huikuan.money import Money
from huikuan.values import Id, Ref
from kernel.tests.graphql.fuzz import rules
from kernel.tests.graphql.fuzz.depot import models as depot
from kernel.tests.graphql.fuzz.depot.models import ShelfKind
from kernel.tests.graphql.fuzz.depot.types import Room, Shelf
from kernel.tests.graphql.fuzz.outputs import Failure, Label, Options, Rating, Step
from kernel.tests.graphql.fuzz.survey import models
from kernel.tests.graphql.fuzz.survey.models import Verdict

RATED = (
    "id",
    "code",
    "height",
    "price",
    "currency",
    "weight",
    "room_id",
    "spare_room_id",
    "checked_at",
    "painted_on",
)


@node(models.Visit, permission="survey.read")
class Visit:
    """Somebody looked at a shelf."""

    visited_at: datetime
    verdict: Verdict | None
    score: int | None
    fee: Money
    shelf: Shelf = to_one("shelf_id", "Promised, but missing in some rows.")


@extend(Shelf)
class ShelfVisits:
    """Contributed to every shelf."""

    visits: Any = connection(models.Visit, "shelf_id", "Who came.")
    visit_list: list[Visit] = to_many("shelf_id", "Who came, the last one first.", order_by="-visited_at")

    @batch(requires=RATED)
    @staticmethod
    def rating(
        ctx: Context,
        rows: Sequence[Any],
        scale: int = 1,
        weights: list[Decimal] | None = None,
        kind: ShelfKind | None = None,
        since: date | None = None,
        at: datetime | None = None,
        limit: Money | None = None,
        room: Ref[depot.Room] | None = None,
        shelf: Id[depot.Shelf] | None = None,
        options: Options | None = None,
        free: dict[str, Any] | None = None,
    ) -> list[Rating]:
        """A rating for each shelf."""
        given = {name: value for name, value in locals().items() if name not in ("ctx", "rows")}
        return [rules.rating(row, **given) for row in rows]

    @batch(requires=RATED)
    @staticmethod
    def ratings(ctx: Context, rows: Sequence[Any], count: int = 2) -> list[list[Rating] | None]:
        """Several for each, null for some."""
        return [None if rules.luck(row, 5) == 0 else [rules.rating(row, **PLAIN)] * min(count, 3) for row in rows]

    @batch()
    @staticmethod
    def shaky(ctx: Context, rows: Sequence[Any]) -> list[int]:
        """Promised, but wrong for some."""
        return [rules.shaky(row) for row in rows]

    @batch()
    @staticmethod
    def loose(ctx: Context, rows: Sequence[Any], above: int = 2) -> list[int | None]:
        """Null or wrong for some."""
        return [rules.loose(row, above) for row in rows]

    @batch()
    @staticmethod
    def hue(ctx: Context, rows: Sequence[Any]) -> list[ShelfKind | None]:
        """Null or unknown for some."""
        return [rules.hue(row) for row in rows]

    @batch()
    @staticmethod
    def moment(ctx: Context, rows: Sequence[Any]) -> list[datetime | None]:
        """Null or no time for some."""
        return [rules.moment(row) for row in rows]

    @batch(requires=["id", "code"])
    @staticmethod
    def marks(ctx: Context, rows: Sequence[Any]) -> list[list[str]]:
        """Texts, of which some are missing."""
        return [rules.marks(row) for row in rows]

    @batch()
    @staticmethod
    def loose_marks(ctx: Context, rows: Sequence[Any]) -> list[list[int | None] | None]:
        """Numbers, of which some are none."""
        return [rules.loose_marks(row) for row in rows]

    @batch(requires=["id", "code"])
    @staticmethod
    def loose_text(ctx: Context, rows: Sequence[Any]) -> list[str | None]:
        """Texts, or what can be made into one, or what cannot."""
        return [rules.loose_text(row) for row in rows]

    @batch()
    @staticmethod
    def loose_flag(ctx: Context, rows: Sequence[Any]) -> list[bool | None]:
        """Truth, or what can be made into it, or what cannot."""
        return [rules.loose_flag(row) for row in rows]

    @batch()
    @staticmethod
    def loose_ratio(ctx: Context, rows: Sequence[Any]) -> list[float | None]:
        """Numbers, or what can be made into one, or what cannot."""
        return [rules.loose_ratio(row) for row in rows]

    @batch()
    @staticmethod
    def loose_day(ctx: Context, rows: Sequence[Any]) -> list[date | None]:
        """Days, or what is none."""
        return [rules.loose_day(row) for row in rows]

    @batch(requires=["id", "weight"])
    @staticmethod
    def loose_sum(ctx: Context, rows: Sequence[Any]) -> list[Decimal | None]:
        """Decimals, or what is none."""
        return [rules.loose_sum(row) for row in rows]

    @batch()
    @staticmethod
    def hues(ctx: Context, rows: Sequence[Any]) -> list[list[ShelfKind]]:
        """Kinds, of which some are none."""
        return [rules.hues(row) for row in rows]

    @batch(requires=["id", "code"])
    @staticmethod
    def loose_list(ctx: Context, rows: Sequence[Any]) -> list[list[str] | None]:
        """Lists, or what is none."""
        return [rules.loose_list(row) for row in rows]

    @batch()
    @staticmethod
    def fees(ctx: Context, rows: Sequence[Any]) -> list[list[Money | None] | None]:
        """Amounts, of which some are missing."""
        return [rules.fees(row) for row in rows]

    @batch()
    @staticmethod
    def cube(ctx: Context, rows: Sequence[Any]) -> list[list[list[list[int]] | None]]:
        """Lists of lists of lists."""
        return [rules.cube(row) for row in rows]

    @batch(requires=["id", "code", "weight", "room_id"])
    @staticmethod
    def label_rows(ctx: Context, rows: Sequence[Any], most: int = 3) -> list[list[list[Label | None] | None]]:
        """Outputs in lists of lists, of which some are missing."""
        return [rules.label_rows(row, most) for row in rows]

    @batch()
    @staticmethod
    def fee(ctx: Context, rows: Sequence[Any]) -> dict[UUID, Money]:
        """By id; null for the others."""
        return {row.id: found for row in rows if (found := rules.fee(row)) is not None}

    @batch()
    @staticmethod
    def failing(ctx: Context, rows: Sequence[Any], how: Failure = Failure.BROKEN) -> list[int | None]:
        """Fails for all at once."""
        rules.fail(how)
        return [1] * (len(rows) + (how is Failure.SHAPE))

    @batch(permission="survey.more")
    @staticmethod
    def hidden(ctx: Context, rows: Sequence[Any]) -> list[int]:
        """Only for some."""
        return [7 for _ in rows]


PLAIN: dict[str, Any] = dict.fromkeys(
    ("weights", "kind", "since", "at", "limit", "room", "shelf", "options", "free"), None
) | {"scale": 1}


@extend(Room)
class RoomVisits:
    """Contributed to every room."""

    @batch(requires=["id", "code"])
    @staticmethod
    def motto(ctx: Context, rows: Sequence[Any], times: int = 1) -> list[str | None]:
        """Its code, several times."""
        return [None if rules.luck(row, 4) == 0 else row.code * min(times, 4) for row in rows]

    @batch()
    @staticmethod
    def must(ctx: Context, rows: Sequence[Any]) -> list[int]:
        """Promised, but null for some."""
        return [None if rules.luck(row, 5) == 0 else 1 for row in rows]  # type: ignore[misc] # broken on purpose


@extend(Label)
class LabelStamps:
    """Contributed to every label, which is no row."""

    @batch(requires=["text", "weight"])
    @staticmethod
    def stamp(ctx: Context, labels: Sequence[Label], times: int = 1) -> list[str]:
        """Promised, but null for some."""
        return [rules.stamp(label, times) for label in labels]

    @batch(requires=["text", "weight"])
    @staticmethod
    def weak_stamp(ctx: Context, labels: Sequence[Label]) -> list[int | None]:
        """Null or wrong for some."""
        return [rules.weak_stamp(label) for label in labels]

    @batch(requires=["text", "weight", "room", "vault"])
    @staticmethod
    def twins(ctx: Context, labels: Sequence[Label], count: int = 1) -> list[list[Label]]:
        """The same again."""
        return [rules.twins(label, count) for label in labels]

    @batch()
    @staticmethod
    def failing_stamp(ctx: Context, labels: Sequence[Label], how: Failure = Failure.BROKEN) -> list[int | None]:
        """Fails for all at once."""
        rules.fail(how)
        return [1] * (len(labels) + (how is Failure.SHAPE))

    @batch(permission="survey.more")
    @staticmethod
    def hidden_stamp(ctx: Context, labels: Sequence[Label]) -> list[int | None]:
        """Only for some."""
        return [8 for _ in labels]


@extend(Step)
class StepRooms:
    """Contributed to every step."""

    @batch(requires=["room"])
    @staticmethod
    def next_room(ctx: Context, steps: Sequence[Step]) -> list[Ref[depot.Room] | None]:
        """Its room again, where it has one."""
        return [step.room for step in steps]
