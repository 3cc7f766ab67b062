"""What a module contributes in its ``importers.py``, and what its ``write`` receives and answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar
from uuid import UUID

from huikuan.clock import Clock
from huikuan.errors import SetupError
from huikuan.importing.errors import RowError

if TYPE_CHECKING:
    from huikuan.context import Context

__all__ = [
    "COLUMN_TYPES",
    "Column",
    "ColumnType",
    "ImportRun",
    "Importer",
    "Note",
    "Outcome",
    "Row",
    "Status",
    "Unit",
]

ColumnType = Literal["text", "integer", "decimal", "date", "datetime", "boolean", "enum"]
COLUMN_TYPES: tuple[ColumnType, ...] = ("text", "integer", "decimal", "date", "datetime", "boolean", "enum")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column:
    """A column the importer understands.

    ``choices`` are the values of an enum, ``max_length`` limits a text, ``places`` the decimals of a
    decimal. ``aliases`` are headers that other systems give this column; case and punctuation of
    headers do not matter.
    """

    name: str
    type: ColumnType = "text"
    required: bool = False
    description: str = ""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    max_length: int | None = None
    places: int | None = None

    def __post_init__(self) -> None:
        if self.type not in COLUMN_TYPES:
            raise SetupError(f"Import column {self.name!r} has type {self.type!r}; use {', '.join(COLUMN_TYPES)}.")
        if (self.type == "enum") != bool(self.choices):
            raise SetupError(f"Import column {self.name!r}: choices belong to type 'enum', and an enum needs them.")


@dataclass(slots=True)
class Row:
    """A row of the file with its values by target column; ``row["quantity"]``.

    ``number`` counts as a spreadsheet does: the header is row 1, and a line break within quotes
    begins no row. ``raw`` holds every cell by its header as the file has it, if the importer keeps it.
    """

    number: int
    values: dict[str, Any]
    raw: Mapping[str, str] | None = None

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def get(self, column: str, default: Any = None) -> Any:
        """The value, or ``default`` where the file gives none."""
        value = self.values.get(column)
        return default if value is None else value

    def error(self, code: str, message: str, *, column: str | None = None) -> RowError:
        """An error of this row, to be raised: ``raise row.error(UNKNOWN_SKU, "…", column="sku")``."""
        value = self.values.get(column) if column else None
        return RowError(code, message, column=column, row=self.number, value=value)


@dataclass(frozen=True, slots=True)
class Unit:
    """The rows that are written in one transaction: an order, or a single row.

    ``file`` is the sha-256 of the file it comes from. ``occurrence`` tells equal single rows of one file
    apart, when they are written: 1 for the first, 2 for the second.
    """

    key: str
    rows: tuple[Row, ...]
    file: str = ""
    occurrence: int = 1

    @property
    def first(self) -> Row:
        return self.rows[0]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def digest(self) -> str:
        """A hash of the content alone: the same whichever file, row or run the unit comes from.

        Neither the file nor row numbers go in: a file with one row mended would otherwise repeat
        all its other units.
        """
        content = repr([row.values for row in self.rows])
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


class Status(StrEnum):
    """What became of a unit."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Note:
    """Something the user should know about a unit that is no error."""

    code: str
    message: str
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What ``write`` answers."""

    status: Status = Status.CREATED
    subject_id: UUID | None = None
    notes: tuple[Note, ...] = ()


class ImportRun(Protocol):
    """What ``prepare`` may use."""

    importer: str
    path: Path
    dry_run: bool
    clock: Clock

    def command(self, key: str, work: Callable[[Context], T]) -> T:
        """Run ``work`` in one command transaction; ``key`` is its idempotency key."""
        ...

    def fail(self, error: RowError) -> None:
        """Report an error; the rest of the import goes on."""
        ...

    def note(self, code: str, message: str, *, row: int | None = None) -> None:
        """Report something that is no error."""
        ...


@dataclass(frozen=True, kw_only=True)
class Importer:
    """An importer for CSV files.

    - ``group_by``: rows with the same value of this column, next to each other or scattered over the
      file, form one unit. None: every row is a unit.
    - ``bad_row``: what a bad row does to its unit. "unit": none of it is written. "row": the row is
      left out, the rest is written.
    - ``prepare`` sees all units once before the first one is written (masters first).
    - ``write`` writes one unit in the open transaction. It finds by its own unique reference what is
      there already and answers UNCHANGED; so a killed import is simply started again. It raises
      `RowError` (or `RowErrors`) to refuse.
    - ``idempotency``: "natural" as just said; "key" for rows that have no reference of their own: the
      kernel remembers each unit by its content, and the second of two equal rows is still a row.
    - ``keep_raw``: rows come with the cells as the file has them, mapped or not.
    """

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    write: Callable[[Context, Unit], Outcome]
    group_by: str | None = None
    bad_row: Literal["unit", "row"] = "unit"
    prepare: Callable[[ImportRun, Iterable[Unit]], None] | None = None
    permission: str | None = None
    idempotency: Literal["natural", "key"] = "natural"
    keep_raw: bool = False
    by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {column.name: column for column in self.columns}
        if len(by_name) != len(self.columns):
            raise SetupError(f"Importer {self.name!r} names a column twice.")
        if self.group_by is not None and self.group_by not in by_name:
            raise SetupError(f"Importer {self.name!r} groups by {self.group_by!r}, which is not among its columns.")
        if self.group_by is not None and by_name[self.group_by].type != "text":
            raise SetupError(f"Importer {self.name!r} groups by {self.group_by!r}, which must be of type 'text'.")
        if self.bad_row not in ("unit", "row"):
            raise SetupError(f"Importer {self.name!r} has bad_row={self.bad_row!r}; use 'unit' or 'row'.")
        object.__setattr__(self, "by_name", by_name)
