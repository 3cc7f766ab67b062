"""What fields answer for one row. Both sides ask these: the modules for many rows at once, the reference for one.

Which rows go wrong depends on their ids alone, so that it can be said without knowing the other rows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from huikuan.errors import BadInput, Forbidden, NotFound
from huikuan.money import Money
from huikuan.values import AnyNode, Ref
from kernel.tests.graphql.fuzz.depot.models import ShelfKind
from kernel.tests.graphql.fuzz.outputs import Failure, Label, Options, Rating, Report, Step, Weighed
from kernel.tests.graphql.fuzz.survey.models import Verdict

EPOCH = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)


def luck(row: Any, of: int) -> int:
    """A number below ``of`` that depends on the row's id."""
    return int(row.id.int >> 8) % of


def own_label(row: Any, prefix: str, loud: bool) -> Label:
    text = f"{prefix}-{row.code}"
    vault: Any = Ref(row.room_id) if luck(row, 2) else None
    return Label(text.upper() if loud else text, row.weight * 2, Ref(row.room_id), vault)


def chance(label: Label, of: int) -> int:
    """A number below ``of`` that depends on what stands on the label."""
    return (int(label.weight * 1000) + sum(map(ord, label.text or ""))) % of


def stamp(label: Label, times: int) -> Any:
    """A text that is promised; some labels have none."""
    return None if chance(label, 7) == 0 else f"{label.text}!" * min(times, 3)


def weak_stamp(label: Label) -> Any:
    """A number that may be null; some labels have something else."""
    return {0: None, 1: "text", 2: 2**31}.get(chance(label, 8), chance(label, 100))


def twins(label: Label, count: int) -> list[Label]:
    """The same again, with another text."""
    return [replace(label, text=f"{label.text}-{number}") for number in range(min(count, 2))]


def nick(row: Any) -> str | None:
    return None if row.height is None or row.height % 2 else f"nick {row.height}"


def rooms(row: Any) -> list[Any]:
    return [Ref(id) for id in (row.room_id, row.spare_room_id, row.room_id) if id is not None]


def maybe_rooms(row: Any) -> list[Any] | None:
    return None if row.spare_room_id is None else [Ref(row.room_id), None, Ref(row.spare_room_id)]


def around(row: Any) -> list[Any]:
    return [AnyNode("Shelf", row.id), AnyNode("Room", row.room_id), None, AnyNode("Shelf", row.room_id)]


def marks(row: Any) -> list[Any]:
    """Texts that are promised; one of seven rows breaks the promise."""
    return {0: ["a", None, "b"], 1: []}.get(luck(row, 7), [row.code, "x"])


def loose_marks(row: Any) -> list[Any] | None:
    """Numbers that may be null; some are none."""
    return {0: None, 1: [1, "two", None], 2: [2**31, 3], 3: []}.get(luck(row, 6), [None, luck(row, 100)])


def shaky(row: Any) -> Any:
    """A number that is promised; some rows have null or something else."""
    return {0: None, 1: "text", 2: 2**40, 3: True, 4: 3.0}.get(luck(row, 23), luck(row, 1000))


def loose(row: Any, above: int) -> Any:
    """A number that may be null, or something else."""
    found = luck(row, 11)
    return None if found < above else {7: "text", 8: -(2**31) - 1, 9: [1]}.get(found, found)


def hue(row: Any) -> Any:
    """A kind that may be null; some rows have one that is unknown."""
    return {0: None, 1: "MAUVE", 2: 7, 3: Verdict.BAD}.get(luck(row, 9), list(ShelfKind)[luck(row, 3)])


def moment(row: Any) -> Any:
    """A time that may be null; some rows have a text."""
    return {0: None, 1: "yesterday", 2: datetime(2026, 1, 1)}.get(luck(row, 8), EPOCH)  # noqa: DTZ001 - on purpose


def half_budget(row: Any) -> Money | None:
    return None if row.budget is None else Money._exact(row.budget.amount / 2, row.budget.currency)


def loose_text(row: Any) -> Any:
    """A text that may be null; some rows have something else."""
    return {0: None, 1: 5, 2: True, 3: 1.5, 4: ["x"], 5: Decimal(3)}.get(luck(row, 10), row.code)


def loose_flag(row: Any) -> Any:
    """Truth that may be null; some rows have something else."""
    return {0: None, 1: 1, 2: 0.0, 3: "yes", 4: False}.get(luck(row, 8), True)


def loose_ratio(row: Any) -> Any:
    """A number that may be null; some rows have something else."""
    odd = {0: None, 1: 1, 2: True, 3: "2.5", 4: "x", 5: float("nan"), 6: float("inf"), 7: Decimal("0.5")}
    return odd.get(luck(row, 12), 0.25)


def loose_day(row: Any) -> Any:
    """A day that may be null; some rows have something else."""
    return {0: None, 1: "2026-01-01", 2: EPOCH, 3: 7}.get(luck(row, 7), EPOCH.date())


def loose_sum(row: Any) -> Any:
    """A decimal that may be null; some rows have something else."""
    odd = {0: None, 1: 1, 2: True, 3: "2.5", 4: 1.5, 5: Decimal("1E+3"), 6: Decimal("-0.00")}
    return odd.get(luck(row, 10), row.weight / 8)


def hues(row: Any) -> list[Any]:
    kinds: list[Any] = [*ShelfKind, ShelfKind.DRY]
    odd: dict[int, list[Any]] = {0: [*kinds, None], 1: ["DRY"], 2: ["no kind"], 3: []}
    return odd.get(luck(row, 12), kinds)


def loose_list(row: Any) -> Any:
    """A list that may be null; some rows have something else."""
    odd: dict[int, Any] = {0: None, 1: 5, 2: "text", 3: ("a", "b"), 4: {"a": 1}, 5: {"only"}}
    return odd.get(luck(row, 9), [row.code])


def fees(row: Any) -> list[Money | None] | None:
    some = Money(Decimal(luck(row, 50)), "KWD")
    return {0: None, 1: [], 2: [None, some]}.get(luck(row, 5), [some, some])


def cube(row: Any) -> list[Any]:
    odd: dict[int, list[Any]] = {0: [[[1], [None]], [[2]]], 1: [None, [[]]], 2: []}
    return odd.get(luck(row, 11), [[[1, 2], []], [[luck(row, 9)]]])


def label_rows(row: Any, most: int) -> list[Any]:
    one = own_label(row, "l", False)
    nameless = Label(None, row.weight, Ref(row.room_id), None)  # type: ignore[arg-type] # a promise that is broken
    return [[one, None], None, [], [nameless, one]][: max(0, most)]


def fee(row: Any) -> Money | None:
    return None if luck(row, 3) == 0 else Money(Decimal(luck(row, 90)) / 2, "EUR")


def fail(how: Failure) -> None:
    """Raise what is asked for."""
    match how:
        case Failure.BROKEN:
            raise RuntimeError("nobody expected this")
        case Failure.INPUT:
            raise BadInput("This cannot be.", field="how", limit=Decimal("1.50"), ids=[1, 2])
        case Failure.MISSING:
            raise NotFound("It is not there.", field="how")
        case Failure.RIGHTS:
            raise Forbidden("Not you.", permission="depot.none")


def rating(row: Any, **given: Any) -> Rating:
    """Shows what came; ``given`` are the arguments of the field, defaults included."""
    room = given["room"]
    nameless: Any = None
    steps = [
        Step(
            nameless if luck(row, 13) == 0 else f"step {place}",
            row.weight / 4 * place,
            Ref(row.spare_room_id) if row.spare_room_id else room,
            labels,
        )
        for place, labels in enumerate([[], [own_label(row, "s", False)]][: luck(row, 3)])
    ]
    return Rating(
        echo=echo(**given),
        scale=given["scale"] * (row.height or 1),
        amount=Money(row.price, "EUR"),
        fee=fee(row),
        at=row.checked_at or EPOCH,
        day=row.painted_on,
        verdict=[None, Verdict.GOOD, Verdict.BAD][luck(row, 3)],
        shelf_id=row.id,
        best=room if room is not None else Ref(row.room_id),
        steps=steps,
        rooms=rooms(row),
        maybe_rooms=maybe_rooms(row),
        notes=[row.code, "note"][: luck(row, 3)],
        grid=[[1, None], [], [luck(row, 9)]],
        free=given["free"],
        remark=None if luck(row, 29) == 0 else "fine",  # type: ignore[arg-type] # a promise that is broken
    )


def echo(**given: Any) -> str:
    """The arguments as a text, by name."""
    return "; ".join(f"{name}={shown(given[name])}" for name in sorted(given))


def shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {shown(value[key])}' for key in sorted(value))}}}"
    if isinstance(value, Options):
        return f"Options({', '.join(f'{key}={shown(item)}' for key, item in vars(value).items())})"
    if isinstance(value, Ref | UUID):
        return str(getattr(value, "id", value))
    return repr(value)


def report(room: Any, shelves: list[Any], limit: int) -> Report | None:
    """What a room holds; null if nobody wants to see a shelf."""
    if limit == 0:
        return None
    labels = [own_label(row, "r", False) for row in shelves]
    total = sum((row.weight for row in shelves), Decimal(0))
    return Report(room, [Ref(row.id) for row in shelves], labels, total)


def weighed(room: Any, shelves: list[Any]) -> Weighed:
    """What the shelves of a room weigh."""
    labels = [own_label(row, "w", True) for row in shelves]
    return Weighed(room, sum((row.weight for row in shelves), Decimal(0)), labels)
