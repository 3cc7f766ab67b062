"""Filters, naively: which rows match."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from huikuan.errors import BadInput
from huikuan.graphql.ids import decode_id
from kernel.tests.graphql.fuzz.worlds import MODELS

Predicate = Callable[[Any], bool | None]
IDS = {
    "room": "Room",
    "roomRef": "Room",
    "spareRef": "Room",
    "spareRoom": "Room",
    "vault": "Vault",
    "shelf": "Shelf",
}
"""Filters that take ids, and of which type."""
COLUMNS: dict[str, str] = {
    "room": "room_id",
    "roomRef": "room_id",
    "spareRoom": "spare_room_id",
    "spareRef": "spare_room_id",
    "vault": "vault_id",
    "shelf": "shelf_id",
    "net": "price",
    "floorText": "floor",
    "exactHeight": "height",
    "kindText": "kind",
    "openedOn": "opened_on",
    "paintedOn": "painted_on",
    "checkedAt": "checked_at",
    "visitedAt": "visited_at",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
}
"""Columns of filters that are named otherwise."""
MONEY = {
    ("Room", "budget"): ("budget_amount", "budget_currency"),
    ("Visit", "fee"): ("fee_amount", "fee_currency"),
    ("Shelf", "price"): ("price", "currency"),
    ("Shelf", "discount"): ("discount", "currency"),
}


def predicates(type_name: str, given: Mapping[str, Any], path: str = "filter") -> list[Predicate]:
    """What a filter demands. SQL's logic: unknown (None) is neither true nor false."""
    found: list[Predicate] = []
    for name, value in given.items():
        if value is None:
            continue
        where = f"{path}.{name}"
        if name == "not":
            found.append(_not(every(_some(predicates(type_name, value, where), where))))
        elif name in ("and", "or"):
            parts = [every(_some(predicates(type_name, item, where), where)) for item in value]
            found.append((every if name == "and" else _any)(_some(parts, where)))
        else:
            found += _of_field(type_name, name, value, where)
    return found


def _some(found: list[Predicate], where: str) -> list[Predicate]:
    if not found:
        raise BadInput(f"{where} holds no condition.", field=where)
    return found


def every(parts: Sequence[Predicate]) -> Predicate:
    def check(row: Any) -> bool | None:
        answers = [part(row) for part in parts]
        return False if False in answers else None if None in answers else True

    return check


def _any(parts: Sequence[Predicate]) -> Predicate:
    def check(row: Any) -> bool | None:
        answers = [part(row) for part in parts]
        return True if True in answers else None if None in answers else False

    return check


def _not(part: Predicate) -> Predicate:
    def check(row: Any) -> bool | None:
        answer = part(row)
        return None if answer is None else not answer

    return check


def _of_field(type_name: str, name: str, given: Mapping[str, Any], path: str) -> list[Predicate]:
    column, currency = MONEY.get((type_name, name), (COLUMNS.get(name, name), ""))
    found: list[Predicate] = []
    for operator, value in given.items():
        where = f"{path}.{operator}"
        if value is None:
            raise BadInput(f"{where} is null, which nothing equals: use isNull.", field=where)
        if operator in ("in", "notIn"):
            value = [_value(type_name, name, column, one, where) for one in value]
        elif operator not in ("contains", "startsWith", "isNull", "currency"):
            value = _value(type_name, name, column, value, where)
        found.append(_operator(currency if operator == "currency" else column, operator, value))
    return found


def _value(type_name: str, name: str, column: str, value: Any, where: str) -> Any:
    if value is None:
        raise BadInput(f"{where} holds null, which nothing equals: use isNull.", field=where)
    if name == "id" or name in IDS:
        return decode_id(type_name if name == "id" else IDS[name], value, where)
    if isinstance(value, Decimal):
        scale = MODELS[type_name].__table__.c[column].type.scale
        if value != round(value, scale) or abs(value) * 10**scale > 2**63 - 1:
            raise BadInput(f"{where}: {value} has more digits than are stored.", field=where)
    return value


def _operator(column: str, operator: str, wanted: Any) -> Predicate:
    def check(row: Any) -> bool | None:
        own = getattr(row, column)
        if operator == "isNull":
            return (own is None) is wanted
        if operator in ("in", "notIn") and not wanted:
            return operator == "notIn"
        if own is None:
            return None
        return _compare(operator, own, wanted)

    return check


def _compare(operator: str, own: Any, wanted: Any) -> bool:
    match operator:
        case "eq" | "currency":
            return bool(own == wanted)
        case "ne":
            return bool(own != wanted)
        case "in":
            return own in wanted
        case "notIn":
            return own not in wanted
        case "lt":
            return bool(own < wanted)
        case "lte":
            return bool(own <= wanted)
        case "gt":
            return bool(own > wanted)
        case "gte":
            return bool(own >= wanted)
        case "contains":
            return wanted.lower() in own.lower()
        case "startsWith":
            return bool(own.lower().startswith(wanted.lower()))
    raise AssertionError(operator)
