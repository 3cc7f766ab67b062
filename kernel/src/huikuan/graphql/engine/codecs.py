"""Codecs: what a driver gives for a column, as Python values for modules and as JSON values for clients.

JSON values are what msgspec writes as they are: texts, whole numbers, booleans, times in UTC, days, raw JSON.
Where a column's type and the field's type agree, a whole column is turned at once and no value is looked at twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from msgspec import Raw
from sqlalchemy import Boolean, Date, Dialect, Enum, Float, Integer, Numeric, String, Uuid, cast
from sqlalchemy.types import TypeEngine

from huikuan.db import Amount, Json, Quantity, UtcDateTime
from huikuan.graphql.scalars import decimal_text
from huikuan.graphql.typespec import Kind, TypeSpec

__all__ = ["Codec", "IdCodec", "codec_of", "unscaled"]

Values = Sequence[Any]
Encode = Callable[[Values], Values]
_MOST = 20_000


class Memo(dict[Any, Any]):
    """Results of a function for values that come again and again; bounded by number."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: Any) -> Any:
        if len(self) >= _MOST:
            self.clear()
        found = self[key] = None if key is None else self._function(key)
        return found


class Codec:
    """Any column: through the conversion of its type, value by value."""

    def __init__(self, type_: TypeEngine[Any], dialect: Dialect) -> None:
        self.type = type_
        self.dialect = dialect
        self._process = self._processor()

    def _processor(self) -> Callable[[Any], Any] | None:
        if self.dialect.name == "postgresql" and isinstance(self.type, Numeric | Float):
            return None  # the driver gives what Python expects, and SQLAlchemy would ask for the type in the result
        return self.type.dialect_impl(self.dialect).result_processor(self.dialect, None)

    def expression(self, column: Any) -> Any:
        """What the statement selects."""
        return column

    def python(self, values: Values) -> Values:
        """The values that modules work with."""
        process = self._process
        return values if process is None else [process(value) for value in values]

    def raw(self, value: Any) -> Any:
        """A Python value as the driver gives it back."""
        return value

    def json(self, spec: TypeSpec) -> Encode | None:
        """How a field of this type is written straight from the driver's values; None if it must be looked at."""
        return None


def _same(values: Values) -> Values:
    return values


class _Text(Codec):
    def json(self, spec: TypeSpec) -> Encode | None:
        return _same if spec.kind is Kind.SCALAR and spec.python is str else None


class _Whole(Codec):
    def json(self, spec: TypeSpec) -> Encode | None:
        # Whole numbers of BIGINT may be more than GraphQL's Int holds; SQLite does not hold INTEGER to 32 bits.
        if spec.kind is not Kind.SCALAR or spec.python is not int or type(self.type) is not Integer:
            return None
        return _same if self.dialect.name == "postgresql" else None


class _Truth(Codec):
    def json(self, spec: TypeSpec) -> Encode | None:
        if spec.kind is not Kind.SCALAR or spec.python is not bool:
            return None
        return _same if self.dialect.name == "postgresql" else self.python


class IdCodec(Codec):
    """UUIDs as texts: what is written is made from a text, and most are never looked at."""

    def __init__(self, type_: TypeEngine[Any], dialect: Dialect) -> None:
        super().__init__(type_, dialect)
        self._dashed = dialect.name == "postgresql"

    def expression(self, column: Any) -> Any:
        return cast(column, String) if self._dashed else column

    def python(self, values: Values) -> Values:
        return [None if value is None else UUID(value) for value in values]

    def raw(self, value: UUID) -> str:
        return str(value) if self._dashed else value.hex

    def json(self, spec: TypeSpec) -> Encode | None:
        if spec.kind is not Kind.SCALAR or spec.python is not UUID:
            return None
        return _same if self._dashed else _dashed


def _dashed(values: Values) -> Values:
    return [None if value is None else str(UUID(value)) for value in values]


class _Exact(Codec):
    """Decimals, stored as whole numbers."""

    def __init__(self, type_: Any, dialect: Dialect) -> None:
        super().__init__(type_, dialect)
        self._texts = _decimal_texts(type_.scale)

    def json(self, spec: TypeSpec) -> Encode | None:
        if spec.kind is not Kind.SCALAR or spec.python is not Decimal:
            return None
        texts = self._texts
        return lambda values: list(map(texts.__getitem__, values))


@lru_cache(maxsize=8)
def _decimal_texts(scale: int) -> Memo:
    return Memo(lambda value: decimal_text(unscaled(value, scale)))


def unscaled(value: int, scale: int) -> Decimal:
    """A stored whole number as the decimal that it stands for.

    Made from a text, because arithmetic would round by the thread's context, which a module may have changed.
    """
    return Decimal(f"{value}E-{scale}")


class _Moment(Codec):
    def json(self, spec: TypeSpec) -> Encode | None:
        if spec.kind is not Kind.SCALAR or spec.python is not datetime:
            return None
        return _utc if self.dialect.name == "postgresql" else _moment_texts


def _utc(values: Values) -> Values:
    zones = {value.tzinfo for value in values if value is not None}
    if all(zone is UTC or str(zone) in ("UTC", "Etc/UTC") for zone in zones):
        return values
    return [None if value is None else value.astimezone(UTC) for value in values]


def _moment_texts(values: Values) -> Values:
    return [None if value is None else _moment_text(value) for value in values]


def _moment_text(value: str) -> str:
    parts = value[19:]
    return f"{value[:10]}T{value[11:19]}{'' if parts == '.000000' else parts}Z"


class _Day(Codec):
    def json(self, spec: TypeSpec) -> Encode | None:
        # SQLite's text is the answer already; PostgreSQL's date is written so.
        return _same if spec.kind is Kind.SCALAR and spec.python is date else None


class _State(Codec):
    """Members of an enum, stored by name."""

    def __init__(self, type_: TypeEngine[Any], dialect: Dialect) -> None:
        super().__init__(type_, dialect)
        process: Any = self._process or (lambda value: value)
        self._members = Memo(process)
        self._names = Memo(lambda value: process(value).name.upper())

    def python(self, values: Values) -> Values:
        return list(map(self._members.__getitem__, values))

    def json(self, spec: TypeSpec) -> Encode | None:
        enum_class = getattr(self.type, "enum_class", None)
        if spec.kind is not Kind.ENUM or spec.python is not enum_class:
            return None
        names = self._names
        return lambda values: list(map(names.__getitem__, values))


class _Free(Codec):
    """JSON, as the text that the database keeps."""

    def expression(self, column: Any) -> Any:
        return cast(column, String) if self.dialect.name == "postgresql" else column

    def python(self, values: Values) -> Values:
        # SQLite keeps a JSON number as a number.
        return [json.loads(value) if isinstance(value, str) else value for value in values]

    def json(self, spec: TypeSpec) -> Encode | None:
        return _raw_json if spec.kind is Kind.JSON else None


def _raw_json(values: Values) -> Values:
    return [_written(value) for value in values]


def _written(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return None if value == "null" else Raw(value.encode())


_BY_TYPE: tuple[tuple[type[TypeEngine[Any]], type[Codec]], ...] = (
    (Amount, _Exact),
    (Quantity, _Exact),
    (UtcDateTime, _Moment),
    (Json, _Free),
    (Enum, _State),
    (Uuid, IdCodec),
    (Boolean, _Truth),
    (Integer, _Whole),
    (Date, _Day),
    (String, _Text),
)


@lru_cache(maxsize=4096)
def codec_of(type_: TypeEngine[Any], dialect: Dialect) -> Codec:
    """The codec of a column's type."""
    for known, codec in _BY_TYPE:
        if isinstance(type_, known):
            return codec(type_, dialect)
    return Codec(type_, dialect)
