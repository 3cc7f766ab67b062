"""What the reference's root fields answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from huikuan.errors import BadInput
from huikuan.graphql.ids import decode_any_id, decode_id
from kernel.tests.graphql.fuzz import rules
from kernel.tests.graphql.fuzz.inputs import ECHO, HOW_INPUT, HOW_NOT, Arg
from kernel.tests.graphql.fuzz.outputs import Failure
from kernel.tests.graphql.fuzz.reference import Resolver, Session
from kernel.tests.graphql.fuzz.resolvers import PERMISSIONS, connection, custom, find_any

ROOTS = {
    "room": "Room",
    "vault": "Vault",
    "shelf": "Shelf",
    "box": "Box",
    "tag": "Tag",
    "visit": "Visit",
    "wish": "Wish",
}
PLURALS = {"boxes": "Box", "shelves": "Shelf", "wishes": "Wish"}


def one(type_name: str, keys: tuple[str, ...]) -> Resolver:
    noun = type_name[0].lower() + type_name[1:]

    def resolve(source: Any, info: Any, **given: Any) -> Any:
        session: Session = info.context
        session.require(PERMISSIONS[type_name])
        chosen = {name: value for name, value in given.items() if value is not None}
        if len(chosen) != 1:
            names = ", ".join(("id", *keys))
            raise BadInput(f"{noun} needs exactly one of: {names}.", field=next(iter(given), "id"))
        ((name, value),) = chosen.items()
        wanted = decode_id(type_name, value, "id") if name == "id" else value
        rows = [row for row in session.world.rows[type_name] if getattr(row, name) == wanted]
        if len(rows) > 1:
            session.seen.add("duplicate key")
            raise BadInput(f"There are several with this {name}; use the id.", field=name)
        return rows[0] if rows else None

    return resolve


def node(source: Any, info: Any, id: str) -> Any:
    return _named(info.context, id, "id")()


def nodes(source: Any, info: Any, ids: list[str]) -> list[Any]:
    found = [_named(info.context, text, f"ids.{place}") for place, text in enumerate(ids)]
    return [find_() for find_ in found]


def _named(session: Session, text: str, field: str) -> Callable[[], Any]:
    type_name, id = decode_any_id(text, field)
    if type_name not in session.decls:
        raise BadInput(f"{text[:60]!r} is not an id.", field=field)
    return partial(find_any, session, type_name, id)


def room_report(session: Session, room: Any, limit: int) -> Any:
    shelves = sorted((row for row in session.world.rows["Shelf"] if row.room_id == room.id), key=lambda row: row.id)
    return rules.report(room, shelves[: max(0, limit)], limit)


def heaviest_shelf(session: Session) -> Any:
    shelves = sorted(session.world.rows["Shelf"], key=lambda row: (-row.weight, row.id))
    return shelves[0] if shelves else None


def some_rooms(session: Session, above: int) -> list[Any]:
    found = [row for row in session.world.rows["Room"] if row.floor is not None and row.floor > above]
    return sorted(found, key=lambda row: row.id)


def anything(session: Session, last: bool) -> Any:
    shelves = sorted(session.world.rows["Shelf"], key=lambda row: row.id)
    return shelves[-1 if last else 0].id if shelves else None


def _some_shelf(session: Session, id: Any) -> Any:
    return None if id is None else find_any(session, "Shelf", id)


def depot_fails(session: Session, how: Failure) -> Any:
    rules.fail(how)
    return "no number" if how is Failure.SHAPE else 1


def depot_must(session: Session, how: Failure) -> Any:
    rules.fail(how)
    return None if how is Failure.SHAPE else 1


def queries() -> dict[str, Resolver]:
    """By field."""
    found: dict[str, Resolver] = {
        "node": node,
        "nodes": nodes,
        "depotEcho": custom("depotEcho", "depot.read", lambda session, **given: rules.echo(**given), ECHO),
        "roomReport": custom(
            "roomReport", "depot.read", room_report, {"room": Arg("ref:Room"), "limit": Arg(default=3)}
        ),
        "heaviestShelf": custom("heaviestShelf", "depot.read", heaviest_shelf),
        "someRooms": custom("someRooms", "depot.read", some_rooms, {"above": Arg(default=0)}),
        "anything": custom("anything", None, anything, {"last": Arg(default=False)}, _some_shelf),
        "depotFails": custom("depotFails", None, depot_fails, HOW_INPUT),
        "depotMust": custom("depotMust", None, depot_must, HOW_NOT),
        "secretNumber": custom("secretNumber", "depot.secret", lambda session: 42),
        "secretText": custom("secretText", "depot.secret", lambda session: "secret"),
    }
    keys = {"Room": ("code",), "Vault": ("code",), "Shelf": ("code", "label")}
    plurals = {f"{noun}s": type_name for noun, type_name in ROOTS.items() if type_name not in PLURALS.values()}
    for noun, type_name in ROOTS.items():
        found[noun] = one(type_name, keys.get(type_name, ()))
    for noun, type_name in (plurals | PLURALS).items():
        found[noun] = connection(type_name, None)
    return found
