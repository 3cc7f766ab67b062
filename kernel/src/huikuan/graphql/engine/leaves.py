"""Leaves: columns of Python values, from modules' functions, in the form that is written.

One look at the types in a column says whether all of it is as it should be. Only the odd column is gone through value
by value, by the scalar's own rules, so that each value gets its own error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import msgspec
from graphql import GraphQLLeafType, Undefined
from msgspec import Raw

from huikuan.graphql.engine.codecs import Memo
from huikuan.graphql.scalars import decimal_text
from huikuan.graphql.typespec import Kind, TypeSpec

__all__ = ["Leaf", "leaf_of"]

Failed = dict[int, Exception] | None
Leaf = Callable[[Sequence[Any]], tuple[Sequence[Any], Failed]]
Quick = Callable[[Sequence[Any]], Sequence[Any]]

_NOTHING = type(None)
_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1


def leaf_of(spec: TypeSpec, graphql_type: GraphQLLeafType) -> Leaf:
    """How values of a scalar or enum are written."""
    if spec.kind is Kind.JSON:
        return _json
    one = _coercion(graphql_type)
    if spec.kind in (Kind.ENUM, Kind.NAMED):
        return _remembering(one)
    quick = _QUICK.get(spec.python) if spec.kind is Kind.SCALAR and not spec.name else None
    if quick is None:
        return lambda values: _one_by_one(one, values)
    wanted, turn = quick

    def leaf(values: Sequence[Any]) -> tuple[Sequence[Any], Failed]:
        types = set(map(type, values))
        if types - {_NOTHING} <= wanted:
            found = turn(values)
            if found is not None:
                return found, None
        return _one_by_one(one, values)

    return leaf


def _coercion(graphql_type: GraphQLLeafType) -> Callable[[Any], Any]:
    def one(value: Any) -> Any:
        found = graphql_type.coerce_output_value(value)
        if found is None or found is Undefined:
            raise TypeError(f"{graphql_type} has no form for {value!r:.60}")
        return _written(found) if isinstance(found, str) else found

    return one


def _written(text: str) -> str:
    """The text; half a character (a lone surrogate) is an error, for no response can hold it."""
    if not text.isascii():
        text.encode()
    return str(text)


def _one_by_one(one: Callable[[Any], Any], values: Sequence[Any]) -> tuple[Sequence[Any], Failed]:
    found: list[Any] = []
    failed: dict[int, Exception] = {}
    for place, value in enumerate(values):
        try:
            found.append(None if value is None else one(value))
        except Exception as error:
            failed[place] = error
            found.append(None)
    return found, failed or None


def _remembering(one: Callable[[Any], Any]) -> Leaf:
    known = Memo(one)

    def leaf(values: Sequence[Any]) -> tuple[Sequence[Any], Failed]:
        try:
            return list(map(known.__getitem__, values)), None
        except Exception:  # one of them has no form: find out which
            return _one_by_one(one, values)

    return leaf


def _json(values: Sequence[Any]) -> tuple[Sequence[Any], Failed]:
    return _one_by_one(_raw, values)


def _raw(value: Any) -> Raw:
    return Raw(msgspec.json.encode(value))


# --- the common kinds ---------------------------------------------------------------------------


def _same(values: Sequence[Any]) -> Sequence[Any]:
    return values


def _texts(values: Sequence[Any]) -> Sequence[Any] | None:
    joined = "".join(filter(None, values))
    if not joined.isascii():
        try:
            joined.encode()
        except UnicodeEncodeError:
            return None
    return values


def _ints(values: Sequence[Any]) -> Sequence[Any] | None:
    given = [value for value in values if value is not None]
    return values if not given or (min(given) >= _INT_MIN and max(given) <= _INT_MAX) else None


def _decimals(values: Sequence[Any]) -> Sequence[Any] | None:
    if not all(value is None or value.is_finite() for value in values):
        return None
    return [None if value is None else decimal_text(value) for value in values]


def _moments(values: Sequence[Any]) -> Sequence[Any] | None:
    if any(value is not None and value.tzinfo is None for value in values):
        return None
    return [None if value is None else value.astimezone(UTC) for value in values]


def _ids(values: Sequence[Any]) -> Sequence[Any]:
    return [None if value is None else str(value) for value in values]


_QUICK: dict[Any, tuple[set[type], Callable[[Sequence[Any]], Sequence[Any] | None]]] = {
    str: ({str}, _texts),
    bool: ({bool}, _same),
    int: ({int}, _ints),
    Decimal: ({Decimal}, _decimals),
    date: ({date}, _same),
    datetime: ({datetime}, _moments),
    UUID: ({UUID}, cast(Quick, _ids)),
}
