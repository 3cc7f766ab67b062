"""What can be wrong with an import: with the whole file (raised), or with a row (reported)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from huikuan.errors import BadInput, HuikuanError

__all__ = [
    "Code",
    "ConversionError",
    "ImportAborted",
    "ImportFileError",
    "MappingError",
    "Problem",
    "RowError",
    "RowErrors",
    "shorten",
]

VALUE_LENGTH = 80


class Code(StrEnum):
    """The kernel's own codes of the report; an importer adds those of its module."""

    TOO_FEW_FIELDS = "TOO_FEW_FIELDS"
    TOO_MANY_FIELDS = "TOO_MANY_FIELDS"
    BAD_QUOTES = "BAD_QUOTES"
    FIELD_TOO_LONG = "FIELD_TOO_LONG"
    LINE_TOO_LONG = "LINE_TOO_LONG"
    NUL_CHARACTER = "NUL_CHARACTER"
    VALUE_REQUIRED = "VALUE_REQUIRED"
    VALUE_TOO_LONG = "VALUE_TOO_LONG"
    NOT_A_NUMBER = "NOT_A_NUMBER"
    NOT_A_WHOLE_NUMBER = "NOT_A_WHOLE_NUMBER"
    TOO_MANY_DECIMALS = "TOO_MANY_DECIMALS"
    NOT_A_DATE = "NOT_A_DATE"
    NOT_A_TIME = "NOT_A_TIME"
    NOT_A_BOOLEAN = "NOT_A_BOOLEAN"
    NOT_A_CHOICE = "NOT_A_CHOICE"
    SKIPPED_BY_MAPPING = "SKIPPED_BY_MAPPING"
    UNIT_LEFT_OUT = "UNIT_LEFT_OUT"
    UNEXPECTED_ERROR = "UNEXPECTED_ERROR"


class ImportFileError(BadInput):
    """The file as a whole cannot be read; nothing was imported."""


class MappingError(BadInput):
    """The mapping does not fit itself, the importer or the file; nothing was imported."""


class ImportAborted(HuikuanError):
    """The import stopped on the way; what was written stays, and the same command goes on from there."""

    code = "IMPORT_ABORTED"


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the report. ``column`` is the file's own name of the column where it has one."""

    row: int | None
    column: str | None
    code: str
    message: str
    value: str = ""


class ConversionError(Exception):
    """A text is not a value of its column's type."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class RowError(Exception):
    """Raised by ``Importer.write``: nothing of this unit is written, and the report says why.

    ``row`` names the row at fault (``Row.error`` fills it in). With ``bad_row="row"`` the unit is then
    written again without that row.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        column: str | None = None,
        row: int | None = None,
        value: object = "",
    ) -> None:
        super().__init__(message)
        self.code = str(code)
        self.message = message
        self.column = column
        self.row = row
        self.value = value


class RowErrors(Exception):
    """Several row errors of one unit at once."""

    def __init__(self, errors: Iterable[RowError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(error.message for error in self.errors))


def shorten(value: object, length: int = VALUE_LENGTH) -> str:
    """The value as the report shows it: one line, at most ``length`` characters."""
    if value is None:
        return ""
    text = " ".join(str(value).replace("\0", "\N{SYMBOL FOR NULL}").split())
    return text if len(text) <= length else f"{text[: length - 1]}…"
