"""Column types: exact decimals in BIGINT, aware UTC times, JSON, named states."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, ColumnElement, DateTime, Dialect, literal
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator, TypeEngine

from huikuan.db.errors import ModelError, ValueNotExact
from huikuan.money import QUANTITY_SCALE, SCALE

_EXACT = Context(prec=40, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
_MAX = 2**63 - 1
_REFUSED = {operators.truediv, operators.floordiv, operators.mod}


class _Scaled(TypeDecorator[Decimal]):
    """Decimal in Python, BIGINT of amount * 10**scale in the database: exact and sortable in SQL."""

    impl = BigInteger
    cache_ok = True
    scale: ClassVar[int]

    class Comparator(TypeDecorator.Comparator[Decimal]):
        """Lets through only the arithmetic that keeps the scale."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            return super().operate(op, *(_same_scale(self.type, op, value) for value in other), **kwargs)

        def reverse_operate(self, op: Any, other: Any, **kwargs: Any) -> ColumnElement[Any]:
            return super().reverse_operate(op, _same_scale(self.type, op, other), **kwargs)

    comparator_factory = Comparator

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if type(value) is Decimal:
            try:
                scaled = int(_EXACT.to_integral_exact(_EXACT.scaleb(value, self.scale)))
            except (ArithmeticError, ValueError):
                raise ValueNotExact(
                    f"{value} does not fit: {self.scale} digits after the point are stored; round it first."
                ) from None
        elif type(value) is int:
            scaled = value * 10**self.scale
        elif value is None:
            return None
        else:
            kind = type(value).__name__
            raise ValueNotExact(f"{value!r} is a {kind}; pass a Decimal, e.g. Decimal('12.30').")
        if not -_MAX <= scaled <= _MAX:
            raise ValueNotExact(f"{value} is too large to store; the limit is about {_MAX // 10**self.scale}.")
        return scaled

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.scale, _EXACT)


class Amount(_Scaled):
    """An amount of money, 4 digits after the point; its currency stands in a sibling column."""

    scale = SCALE
    cache_ok = True


class Quantity(_Scaled):
    """A quantity, a unit price or a rate, 6 digits after the point."""

    scale = QUANTITY_SCALE
    cache_ok = True


def _same_scale(own: TypeEngine[Any], op: Any, other: Any) -> Any:
    if op in _REFUSED:
        raise ModelError("Amounts are not divided in SQL, the result would lose its scale: divide in Python.")
    theirs = getattr(other, "type", None)
    if op is operators.mul:
        if isinstance(theirs, _Scaled) or (theirs is None and type(other) is not int):
            raise ModelError("In SQL an amount is multiplied by whole numbers only: multiply in Python.")
        return literal(other, BigInteger) if theirs is None else other
    if isinstance(theirs, _Scaled) and isinstance(own, _Scaled) and theirs.scale != own.scale:
        raise ModelError("An amount and a quantity differ in scale: they cannot be compared or added in SQL.")
    return other


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime: timestamptz on PostgreSQL, naive UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueNotExact(f"{value.isoformat()} has no time zone; pass an aware datetime, e.g. ctx.now.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """JSON, as JSONB on PostgreSQL. Changes inside the value are not seen: assign a new value."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(JSONB(none_as_null=True))
        return dialect.type_descriptor(JSON(none_as_null=True))


def json_text(value: Any) -> str:
    """JSON as it is stored. Python would write NaN, too, which SQLite keeps and no reader of the answer understands."""
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError as error:
        raise ValueNotExact(f"A value has no JSON form: {error}. Store numbers as Decimal texts.") from None
