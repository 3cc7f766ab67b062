"""Arguments of fields as the functions behind them take them: naive, one call at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huikuan.errors import BadInput, NotFound
from huikuan.graphql.ids import decode_id
from huikuan.money import Money, MoneyError
from huikuan.values import Ref
from kernel.tests.graphql.fuzz.depot.models import ShelfKind
from kernel.tests.graphql.fuzz.outputs import Failure, Options
from kernel.tests.graphql.fuzz.worlds import World

REQUIRED = object()


@dataclass(frozen=True)
class Arg:
    """One argument: ``kind`` is plain, json, money, options, or ref:, refs: and id: with a type."""

    kind: str = "plain"
    default: Any = None


Args = Mapping[str, Arg]
OPTIONS: Args = {
    "depth": Arg(default=REQUIRED),
    "ratio": Arg(),
    "kind": Arg(default=ShelfKind.DRY),
    "since": Arg(),
    "days": Arg(),
    "room": Arg("ref:Room"),
    "deeper": Arg("options"),
}
RATING: Args = {
    "scale": Arg(default=1),
    "weights": Arg(),
    "kind": Arg(),
    "since": Arg(),
    "at": Arg(),
    "limit": Arg("money"),
    "room": Arg("ref:Room"),
    "shelf": Arg("id:Shelf"),
    "options": Arg("options"),
    "free": Arg("json"),
}
ECHO: Args = {
    "amount": Arg("money", REQUIRED),
    "decimals": Arg(default=REQUIRED),
    "text": Arg(default="x"),
    "flag": Arg(default=True),
    "ratio": Arg(),
    "room": Arg("ref:Room"),
    "rooms": Arg("refs:Room"),
    "shelf": Arg("id:Shelf"),
    "kind": Arg(),
    "kinds": Arg(),
    "day": Arg(),
    "at": Arg(),
    "free": Arg("json"),
    "options": Arg("options"),
}
HOW_BROKEN: Args = {"how": Arg(default=Failure.BROKEN)}
HOW_INPUT: Args = {"how": Arg(default=Failure.INPUT)}
HOW_NOT: Args = {"how": Arg(default=Failure.NOT)}


@dataclass(frozen=True)
class _Wanted:
    """A reference that is still to be looked up."""

    type_name: str
    key: str
    value: Any
    where: str


def plain(args: Args, given: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """First what is wrong with a value alone; references stay to be looked up."""
    found: dict[str, Any] = {}
    for name, arg in args.items():
        where = f"{path}.{name}" if path else name
        if name in given:
            found[name] = _plain(arg.kind, given[name], where)
        else:
            assert arg.default is not REQUIRED, where
            found[name] = arg.default
    return found


def _plain(kind: str, value: Any, where: str) -> Any:
    kind, _, type_name = kind.partition(":")
    if value is None or kind == "plain":
        return value
    if kind == "id":
        return decode_id(type_name, value, where)
    if kind == "refs":
        return [_plain(f"ref:{type_name}", item, f"{where}.{place}") for place, item in enumerate(value)]
    if kind == "ref":
        ((key, item),) = value.items()
        item = decode_id(type_name, item, f"{where}.id") if key == "id" else item
        return _Wanted(type_name, key, item, where)
    if kind == "money":
        try:
            return Money(value["amount"], value["currency"])
        except MoneyError as error:
            raise BadInput(error.message, field=where) from error
    if kind == "json":
        _refuse_floats(value, where)
        return value
    return _Options(plain(OPTIONS, value, where))


@dataclass(frozen=True)
class _Options:
    values: dict[str, Any]


def _refuse_floats(value: Any, where: str) -> None:
    if isinstance(value, float):
        raise BadInput(f"{where} holds the float {value}, which is not exact: send it as a string.", field=where)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_floats(item, where)


def looked_up(world: World, values: Mapping[str, Any]) -> dict[str, Any]:
    """Then what is not there."""
    return {name: _looked_up(world, value) for name, value in values.items()}


def _looked_up(world: World, value: Any) -> Any:
    if isinstance(value, list):
        return [_looked_up(world, item) for item in value]
    if isinstance(value, _Options):
        return Options(**looked_up(world, value.values))
    if not isinstance(value, _Wanted):
        return value
    for row in world.rows[value.type_name]:
        if getattr(row, value.key) == value.value:
            return Ref(row.id)
    how = "this id" if value.key == "id" else f"{value.key} {value.value!r}"
    raise NotFound(f"There is no {value.type_name.lower()} with {how}.", field=value.where)
