"""Text to typed values. A converter is built once per column and remembers what it has converted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from huikuan.importing.errors import Code, ConversionError, MappingError
from huikuan.importing.mapping import ColumnMapping, ImportMapping, check_separators, did_you_mean
from huikuan.importing.model import Column

__all__ = ["Converter", "Notation", "converter_for", "neutral_value"]

#: How many different texts of a column are remembered; then the memory starts anew.
REMEMBERED = 50_000
#: What decimal arithmetic keeps exactly by default.
MAX_DIGITS = 28
_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?|[+-]?\.[0-9]+", re.ASCII)
_WHOLE_FLOAT = re.compile(r"([+-]?[0-9]+)\.0+", re.ASCII)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?", re.ASCII)
_TRUE = frozenset(("true", "t", "yes", "y", "1", "是"))
_FALSE = frozenset(("false", "f", "no", "n", "0", "否"))
_TIME_EXAMPLE = "2026-06-30 14:05:00"


class Converter(dict[str, Any]):
    """``converter[text]`` is the value, or raises `ConversionError`. A repeated text costs one look-up."""

    def __init__(self, convert: Callable[[str], Any]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, text: str) -> Any:
        value = self._convert(text)
        if len(self) >= REMEMBERED:
            self.clear()
        self[text] = value
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """How numbers, dates and times are written."""

    decimal: str = "."
    thousands: str = ""
    formats: tuple[str, ...] = ()
    zone: tzinfo = UTC


NEUTRAL = Notation()


def neutral_value(column: Column, text: str) -> Any:
    """A constant or default of a mapping as a value."""
    try:
        return _parser(column, NEUTRAL)(text)
    except ConversionError as error:
        raise MappingError(f"The value {text!r} for column {column.name!r}: {error.message}") from None


def converter_for(column: Column, source: ColumnMapping, mapping: ImportMapping) -> Converter:
    """The converter of one target column."""
    parse = _parser(column, _notation(column, source, mapping))
    values: Mapping[str, str] = source.values
    empty = frozenset(mapping.empty)
    fallback = None if source.default is None else neutral_value(column, source.default)
    required = column.required and fallback is None

    def convert(text: str) -> Any:
        text = text.strip()
        text = values.get(text, text)
        if not text or text in empty:
            if required:
                raise ConversionError(Code.VALUE_REQUIRED, f"A value for {column.name} is needed.")
            return fallback
        if source.whole_number and (match := _WHOLE_FLOAT.fullmatch(text)):
            text = match[1]
        return parse(text)

    return Converter(convert)


def _notation(column: Column, source: ColumnMapping, mapping: ImportMapping) -> Notation:
    formats = source.formats or (mapping.date_formats if column.type == "date" else mapping.datetime_formats)
    decimal = mapping.decimal if source.decimal is None else source.decimal
    thousands = mapping.thousands if source.thousands is None else source.thousands
    check_separators(decimal, thousands)
    return Notation(decimal=decimal, thousands=thousands, formats=formats, zone=ZoneInfo(mapping.timezone))


def _parser(column: Column, notation: Notation) -> Callable[[str], Any]:
    match column.type:
        case "text":
            return lambda text: _text(column, text)
        case "integer":
            return lambda text: _integer(text, notation)
        case "decimal":
            return lambda text: _decimal(column, text, notation)
        case "date":
            return lambda text: _date(text, notation)
        case "datetime":
            return lambda text: _datetime(text, notation)
        case "boolean":
            return _boolean
        case "enum":
            return _enum_parser(column)


def _text(column: Column, text: str) -> str:
    if column.max_length is not None and len(text) > column.max_length:
        raise ConversionError(
            Code.VALUE_TOO_LONG,
            f"The text has {len(text)} characters; {column.name} takes {column.max_length}.",
        )
    return text


def _number(text: str, notation: Notation) -> Decimal:
    plain = text
    if notation.thousands and notation.thousands in plain:
        plain = _without_thousands(plain, notation)
    elif notation.decimal != ".":
        # A point would be read as the decimal separator it is not.
        plain = plain.replace(".", "?").replace(notation.decimal, ".", 1)
    if not _PLAIN.fullmatch(plain):
        raise ConversionError(Code.NOT_A_NUMBER, f"This is no number{_number_hint(text, notation)}.")
    if sum(character.isdigit() for character in plain) > MAX_DIGITS:
        raise ConversionError(Code.NOT_A_NUMBER, f"A number can have {MAX_DIGITS} digits.")
    return Decimal(plain)


def _without_thousands(text: str, notation: Notation) -> str:
    whole, point, rest = text.partition(notation.decimal)
    first, *groups = whole.split(notation.thousands)
    if not re.fullmatch(r"[+-]?[0-9]{1,3}", first) or any(not re.fullmatch("[0-9]{3}", group) for group in groups):
        raise ConversionError(
            Code.NOT_A_NUMBER, f"The thousands separator {notation.thousands!r} stands in the wrong place."
        )
    return first + "".join(groups) + ("." if point else "") + rest


def _number_hint(text: str, notation: Notation) -> str:
    if re.fullmatch(r"[+-]?[0-9.,' ]+", text) and ("," in text or "." in text):
        return (
            f" with the decimal separator {notation.decimal!r} and the thousands separator "
            f"{notation.thousands!r}; set decimal and thousands in the mapping"
        )
    if re.fullmatch(r"[+-]?[0-9.,]+[eE][+-]?[0-9]+", text):
        return "; a spreadsheet has shortened it: format the column as a number with all its digits"
    return ""


def _decimal(column: Column, text: str, notation: Notation) -> Decimal:
    number = _number(text, notation)
    if column.places is not None and -int(number.normalize().as_tuple().exponent) > column.places:
        raise ConversionError(
            Code.TOO_MANY_DECIMALS, f"The number has more than the {column.places} decimals of {column.name}."
        )
    return number


def _integer(text: str, notation: Notation) -> int:
    number = _number(text, notation)
    if number != number.to_integral_value():
        raise ConversionError(Code.NOT_A_WHOLE_NUMBER, "This is no whole number.")
    return int(number)


def _date(text: str, notation: Notation) -> date:
    for form in notation.formats:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar date has no zone
        except ValueError:
            continue
    if not notation.formats and _ISO_DATE.match(text) and (len(text) == 10 or _MIDNIGHT.fullmatch(text[10:])):
        try:
            return date.fromisoformat(text[:10])
        except ValueError as error:
            raise ConversionError(Code.NOT_A_DATE, f"There is no such date: {error}.") from None
    raise ConversionError(Code.NOT_A_DATE, _format_message("date", notation, "2026-06-30"))


def _datetime(text: str, notation: Notation) -> datetime:
    moment: datetime | None = None
    for form in notation.formats:
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added below
            break
        except ValueError:
            continue
    if not notation.formats and _ISO_DATE.match(text):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise ConversionError(Code.NOT_A_TIME, f"There is no such time: {error}.") from None
    if moment is None:
        raise ConversionError(Code.NOT_A_TIME, _format_message("time", notation, _TIME_EXAMPLE))
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=notation.zone)).astimezone(UTC)
    except OverflowError:
        raise ConversionError(Code.NOT_A_TIME, "The time is outside the years 1 to 9999.") from None


def _format_message(what: str, notation: Notation, example: str) -> str:
    if notation.formats:
        return f"This is no {what} of the form {' or '.join(notation.formats)}."
    setting = "date_formats" if what == "date" else "datetime_formats"
    return f"This is no {what} of the form {example}; set {setting} in the mapping."


def _boolean(text: str) -> bool:
    folded = text.casefold()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise ConversionError(Code.NOT_A_BOOLEAN, "This is neither yes nor no; write true or false.")


def _enum_parser(column: Column) -> Callable[[str], str]:
    by_fold = {choice.casefold(): choice for choice in column.choices}

    def parse(text: str) -> str:
        choice = text if text in column.choices else by_fold.get(text.casefold())
        if choice is None:
            raise ConversionError(
                Code.NOT_A_CHOICE,
                f"{column.name} is one of {', '.join(column.choices)}.{did_you_mean(text, column.choices)}",
            )
        return choice

    return parse
