"""The column mapping: how the columns of one company's file become the columns an importer understands.

A TOML (or JSON) file; everything is optional::

    encoding = "cp1252"            # if the file is not UTF-8
    delimiter = ";"                # default: found out; one of , ; tab |
    decimal = ","
    thousands = "."
    date_formats = ["%d.%m.%Y"]    # default: ISO, 2026-06-30
    timezone = "Asia/Shanghai"     # of times without an offset; default UTC
    empty = ["NULL", "-"]          # texts that mean "no value", besides nothing at all

    [columns]
    reference = "InvoiceNo"                                  # target = "source"
    currency = { constant = "GBP" }
    customer = { source = "CustomerID", default = "CASH", whole_number = true }    # 17850.0 -> 17850
    country = { source = "Country", values = { EIRE = "IE", "United Kingdom" = "GB" } }

    [[skip]]                       # rows that are left out and counted
    column = "InvoiceNo"
    starts_with = "C"
    reason = "a cancellation"

Targets that are not named are mapped by header or alias, unless ``auto = false``. Constants and
defaults are written in the neutral notation (``1234.50``, ``2026-06-30``), whatever the file's is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from huikuan.importing.errors import MappingError

__all__ = ["DELIMITERS", "ColumnMapping", "ImportMapping", "SkipRule", "check_encoding", "did_you_mean"]

DELIMITERS = (",", ";", "\t", "|")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` or nothing, for the end of a message."""
    by_fold = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return f" Did you mean {by_fold[close[0]]!r}?" if close else ""


def check_encoding(name: str) -> str:
    """The encoding's name, if Python knows it as a text encoding."""
    try:
        "".encode(name)
    except LookupError:
        known = ("utf-8", "cp1252", "iso-8859-15", "gb18030", "big5", "shift_jis", "utf-16")
        raise MappingError(
            f"Encoding {name!r} is not known.{did_you_mean(name, known)} Usual ones: {', '.join(known)}."
        ) from None
    return name


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """Where one target column comes from. What is None is taken from the whole mapping."""

    source: str | None = None
    constant: str | None = None
    default: str | None = None
    formats: tuple[str, ...] = ()
    decimal: str | None = None
    thousands: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    whole_number: bool = False

    def __post_init__(self) -> None:
        if (self.source is None) == (self.constant is None):
            raise MappingError("A mapped column needs either a source (a column of the file) or a constant.")
        if self.constant is not None and (self.default is not None or self.values):
            raise MappingError("A column with a constant takes no default and no values.")


@dataclass(frozen=True, kw_only=True)
class SkipRule:
    """Rows to leave out: the source column equals one of, starts with one of, or matches."""

    column: str
    reason: str
    equals: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    matches: re.Pattern[str] | None = None

    def __post_init__(self) -> None:
        if not (self.equals or self.starts_with or self.matches):
            raise MappingError(f"The skip rule for {self.column!r} needs equals, starts_with or matches.")

    def hits(self, text: str) -> bool:
        return (
            text in self.equals
            or (bool(self.starts_with) and text.startswith(self.starts_with))
            or (self.matches is not None and self.matches.search(text) is not None)
        )


@dataclass(frozen=True, kw_only=True)
class ImportMapping:
    """A whole mapping; see the module docstring for its file."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str = '"'
    decimal: str = "."
    thousands: str = ""
    date_formats: tuple[str, ...] = ()
    datetime_formats: tuple[str, ...] = ()
    timezone: str = "UTC"
    empty: tuple[str, ...] = ()
    auto: bool = True
    columns: Mapping[str, ColumnMapping] = field(default_factory=dict)
    skip: tuple[SkipRule, ...] = ()

    def __post_init__(self) -> None:
        if self.encoding is not None:
            check_encoding(self.encoding)
        if self.delimiter is not None and self.delimiter not in DELIMITERS:
            raise MappingError(f'The delimiter is {self.delimiter!r}; it can be "," ";" "\\t" or "|".')
        if len(self.quote) > 1 or self.quote == (self.delimiter or "\n"):
            raise MappingError(f"The quote is {self.quote!r}; it must be one character, or empty for none.")
        check_separators(self.decimal, self.thousands)
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise MappingError(
                f"The timezone {self.timezone!r} is not known; write it as in 'Asia/Shanghai' or 'UTC'."
            ) from None


def check_separators(decimal: str, thousands: str) -> None:
    """Decimal and thousands separators must be usable together."""
    if decimal not in (".", ","):
        raise MappingError(f'The decimal separator is {decimal!r}; it can be "." or ",".')
    if thousands not in ("", ".", ",", " ", "'", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"):
        raise MappingError(f"The thousands separator {thousands!r} is none of . , ' and space.")
    if decimal == thousands:
        raise MappingError(f"The decimal and the thousands separator are both {decimal!r}.")
