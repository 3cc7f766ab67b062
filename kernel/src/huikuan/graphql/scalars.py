"""Scalars: exact decimals as strings, dates, UTC times, currency codes and free JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from graphql import GraphQLError, GraphQLScalarType, IntValueNode, StringValueNode, ValueNode, print_ast
from strawberry import ID
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

from huikuan.money import Money, UnknownCurrency, exponent

__all__ = ["SCALAR_MAP", "CurrencyCode", "amount_text", "decimal_text", "graphql_scalar", "parse_decimal"]

_DECIMAL = re.compile(r"-?(\d{1,38})(?:\.(\d{1,38}))?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DIGITS = 38


class CurrencyCode:
    """Stands for the scalar CurrencyCode where Python has a plain text."""


def decimal_text(value: Decimal) -> str:
    """Exact and short: ``5.000000`` is ``5``."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class AmountText(str):
    """A decimal that has its final form already."""

    __slots__ = ()


def amount_text(money: Money) -> AmountText:
    """With the digits of its currency, and more only where they matter."""
    text = decimal_text(money.amount)
    digits = exponent(money.currency)
    whole, _, places = text.partition(".")
    return AmountText(f"{whole}.{places.ljust(digits, '0')}" if digits or places else whole)


def parse_decimal(value: Any) -> Decimal:
    """A decimal from a text or a whole number; floats are refused, because they are not exact."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_DIGITS:
        return Decimal(value)
    if isinstance(value, str):
        found = _DECIMAL.fullmatch(value)
        if found and len(found[1]) + len(found[2] or "") <= _DIGITS:
            return Decimal(value)
    if isinstance(value, float):
        raise GraphQLError(f'Decimal cannot represent the float {value}: send it as a string, for example "12.30".')
    raise GraphQLError(f"Decimal cannot represent {_shown(value)}: send at most {_DIGITS} digits as a string.")


def _decimal_literal(node: ValueNode) -> Decimal:
    if isinstance(node, StringValueNode):
        return parse_decimal(node.value)
    if isinstance(node, IntValueNode) and len(node.value) <= _DIGITS + 1:
        return parse_decimal(int(node.value))
    raise GraphQLError(f'Decimal cannot represent {print_ast(node)[:60]}: send it as a string, for example "12.30".')


def _decimal_out(value: Any) -> str:
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if type(value) is AmountText:
        return value
    raise TypeError(f"a {type(value).__name__} is no Decimal")


def _parse_date(value: Any) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise GraphQLError(f"Date cannot represent {_shown(value)}: send YYYY-MM-DD.")


def _date_out(value: Any) -> str:
    if type(value) is not date:
        raise TypeError(f"a {type(value).__name__} is no Date")
    return value.isoformat()


def _parse_datetime(value: Any) -> datetime:
    if isinstance(value, str) and len(value) <= 40:
        try:
            found = datetime.fromisoformat(value)
            if found.tzinfo is not None and "T" in value.upper():
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise GraphQLError(
        f"DateTime cannot represent {_shown(value)}: send ISO 8601 with a zone, for example 2026-11-23T18:00:00Z."
    )


def _datetime_out(value: Any) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError(f"a {type(value).__name__} is no DateTime")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _parse_currency(value: Any) -> str:
    try:
        exponent(value)
    except UnknownCurrency:
        raise GraphQLError(f"CurrencyCode cannot represent {_shown(value)}: send an ISO 4217 code, e.g. CNY.") from None
    return str(value)


def _text_literal(parse: Callable[[Any], Any], name: str) -> Callable[[ValueNode], Any]:
    def literal(node: ValueNode) -> Any:
        if isinstance(node, StringValueNode):
            return parse(node.value)
        raise GraphQLError(f"{name} cannot represent {print_ast(node)[:60]}: send a string.")

    return literal


def _shown(value: Any) -> str:
    return repr(value)[:60]


def _same(value: Any) -> Any:
    return value


def _scalar(
    name: str,
    description: str,
    parse: Callable[[Any], Any],
    out: Callable[[Any], Any],
    literal: Callable[[ValueNode], Any] | None,
    url: str | None = None,
) -> ScalarDefinition:
    implementation = GraphQLScalarType(
        name,
        description=description,
        specified_by_url=url,
        coerce_output_value=out,
        coerce_input_value=parse,
        coerce_input_literal=literal,
    )
    return ScalarDefinition(
        name=name,
        description=description,
        specified_by_url=url,
        serialize=None,
        parse_value=None,
        parse_literal=None,
        origin=implementation,
        implementation=implementation,
    )


SCALAR_MAP: dict[object, ScalarDefinition] = {
    Decimal: _scalar(
        "Decimal",
        'An exact decimal of at most 38 digits, as a string: "12.30". Whole numbers are accepted too, floats are not.',
        parse_decimal,
        _decimal_out,
        _decimal_literal,
    ),
    date: _scalar(
        "Date", "A day of the calendar: YYYY-MM-DD.", _parse_date, _date_out, _text_literal(_parse_date, "Date")
    ),
    datetime: _scalar(
        "DateTime",
        "A moment, in ISO 8601. Answers are in UTC; input needs a zone: 2026-11-23T18:00:00Z.",
        _parse_datetime,
        _datetime_out,
        _text_literal(_parse_datetime, "DateTime"),
        "https://scalars.graphql.org/andimarek/date-time.html",
    ),
    CurrencyCode: _scalar(
        "CurrencyCode",
        "An ISO 4217 code of three capital letters, for example CNY.",
        _parse_currency,
        str,
        _text_literal(_parse_currency, "CurrencyCode"),
    ),
    JSON: _scalar("JSON", "Any JSON value; only where the shape is truly free.", _same, _same, None),
}


def graphql_scalar(python: Any, name: str = "") -> Any:
    """The key in the scalar map of what stands behind a Python type."""
    if name == "CurrencyCode":
        return CurrencyCode
    return ID if python is UUID else python
