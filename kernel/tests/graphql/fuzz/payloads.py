"""What the reference's mutations do to the data set, and what their payloads answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from huikuan.codec import encode
from huikuan.errors import Level, NotFound, Refusal, Refused
from kernel.tests.graphql.fuzz import rules
from kernel.tests.graphql.fuzz.depot.errors import DEPOT_DUSTY, DEPOT_FULL
from kernel.tests.graphql.fuzz.inputs import HOW_BROKEN, REQUIRED, Arg, Args, looked_up, plain
from kernel.tests.graphql.fuzz.outputs import Failure
from kernel.tests.graphql.fuzz.reference import Resolver, Session

Body = Callable[..., Any]


@dataclass
class Payload:
    """What a command answered."""

    value: Any
    refusals: tuple[Refusal, ...]
    warnings: tuple[Refusal, ...]


@dataclass
class Work:
    """One command at work."""

    session: Session
    warnings: list[Refusal]


def mutation(permission: str, body: Body, args: Args) -> Resolver:
    def resolve(source: Any, info: Any, **given: Any) -> Payload:
        session: Session = info.context
        given.pop("idempotencyKey", None)
        work = Work(session, [])
        values = plain(args, given)
        session.require(permission)
        try:
            values = looked_up(session.world, values)
            value = body(work, **values)
        except Refused as error:
            session.seen.add("refused")
            return Payload(None, error.refusals, tuple(work.warnings))
        except Exception as error:
            error.__dict__.setdefault("huikuan_module", "depot")
            raise
        return Payload(value, (), tuple(work.warnings))

    return resolve


def change(session: Session, row: Any, **values: Any) -> None:
    """An update; one that changes nothing is none."""
    if any(getattr(row, name) != value for name, value in values.items()):
        session.seen.add("changed by a command")
        row.__dict__.update(values, updated_at=session.now)


def get(work: Work, id: Any) -> Any:
    found = work.session.world.get("Shelf", id)
    if found is None:
        raise NotFound(f"Shelf {id} does not exist.", field="id")
    return found


# --- bodies -------------------------------------------------------------------------------------


def shelf_label(work: Work, id: Any, label: str | None, dusty: bool) -> Any:
    row = get(work, id)
    if dusty:
        warning = Refusal(DEPOT_DUSTY, "It is dusty.", level=Level.WARN, field="dusty", speck=Decimal("0.10"))
        work.warnings.append(warning.stamped(module="depot"))
    change(work.session, row, label=label)
    return row


def shelf_paint_all(work: Work, shelves: list[Any], height: int) -> list[Any]:
    rows = [get(work, ref.id) for ref in shelves]
    for row in rows:
        change(work.session, row, height=height)
    return rows


def shelf_fill(work: Work, id: Any, much: int) -> Any:
    get(work, id)
    full = Refusal(DEPOT_FULL, "There is no room left.", field="much", advice="Ask for less.", limit=much - 1)
    raise Refused(full.stamped(module="depot"))


def shelf_break(work: Work, how: Failure) -> int:
    rules.fail(how)
    return 5


def room_weigh(work: Work, room: Any) -> Any:
    rows = [row for row in work.session.world.rows["Shelf"] if row.room_id == room.id]
    return rules.weighed(room, sorted(rows, key=lambda row: row.id))


# --- the table ----------------------------------------------------------------------------------


def part(name: str) -> Resolver:
    return lambda source, info: getattr(source, name)


def value(permission: str | None = None) -> Resolver:
    """The payload's own field; objects in it need the right to read them."""

    def resolve(source: Payload, info: Any) -> Any:
        info.context.require(permission)
        return source.value

    return resolve


_COMMANDS: dict[str, tuple[str, Body, Args, str | None, str | None]] = {
    "shelfLabel": (
        "depot.write",
        shelf_label,
        {"id": Arg("id:Shelf", REQUIRED), "label": Arg(), "dusty": Arg(default=False)},
        "shelf",
        "depot.read",
    ),
    "shelfPaintAll": (
        "depot.write",
        shelf_paint_all,
        {"shelves": Arg("refs:Shelf", REQUIRED), "height": Arg(default=REQUIRED)},
        "shelfs",
        "depot.read",
    ),
    "shelfFill": (
        "depot.write",
        shelf_fill,
        {"id": Arg("id:Shelf", REQUIRED), "much": Arg(default=1)},
        "shelf",
        "depot.read",
    ),
    "shelfBreak": ("depot.write", shelf_break, HOW_BROKEN, "number", None),
    "shelfGuard": ("depot.secret", lambda work: 6, {}, "number", None),
    "roomWeigh": ("depot.write", room_weigh, {"room": Arg("ref:Room", REQUIRED)}, "weighed", None),
}
PAYLOADS: dict[tuple[str, str], Resolver] = {}
for _name, (_permission, _body, _args, _field, _read) in _COMMANDS.items():
    _type = f"{_name[0].upper()}{_name[1:]}Payload"
    PAYLOADS["Mutation", _name] = mutation(_permission, _body, _args)
    PAYLOADS[_type, "warnings"] = part("warnings")
    PAYLOADS[_type, "refusals"] = part("refusals")
    if _field is not None:
        PAYLOADS[_type, _field] = value(_read)
for _name in ("code", "message", "field", "advice", "module"):
    PAYLOADS["Refusal", _name] = part(_name)
PAYLOADS["Refusal", "level"] = lambda source, info: source.level.name
PAYLOADS["Refusal", "data"] = lambda source, info: encode(source.data)
PAYLOADS["Refusal", "hold"] = lambda source, info: None
