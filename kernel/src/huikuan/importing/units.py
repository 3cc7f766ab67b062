"""From a file to units: leaves out what the mapping skips, groups, converts and applies ``bad_row``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from huikuan.importing.errors import Problem
from huikuan.importing.grouping import Grouping, RawUnit
from huikuan.importing.model import Importer, Row, Unit
from huikuan.importing.plan import Plan
from huikuan.importing.reader import CsvFile, RawRow

__all__ = ["Candidate", "UnitSource"]

OnSkip = Callable[[RawRow, str], None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit as read. ``unit`` is None if bad rows leave nothing to write."""

    key: str
    unit: Unit | None
    problems: tuple[Problem, ...]
    first_row: int
    rows: int
    bad_rows: int


class UnitSource:
    """The units of one file; can be iterated more than once, in the same order each time."""

    def __init__(self, importer: Importer, file: CsvFile, plan: Plan) -> None:
        self._importer = importer
        self._file = file
        self._plan = plan
        self._on_skip: OnSkip | None = None
        self._grouping = Grouping(self._rows, plan.key) if importer.group_by else None

    def index(self) -> Iterator[int]:
        """The pass that finds scattered rows; yields the rows seen. Nothing to do without groups."""
        return self._grouping.index() if self._grouping else iter(())

    def close(self) -> None:
        if self._grouping:
            self._grouping.close()

    def candidates(self, on_skip: OnSkip | None = None) -> Iterator[Candidate]:
        """All units, good and bad; ``on_skip`` is told of the rows the mapping leaves out."""
        self._on_skip = on_skip
        for raw in self._raw_units():
            yield self._candidate(raw)

    def _raw_units(self) -> Iterator[RawUnit]:
        if self._grouping is not None:
            yield from self._grouping
        else:
            for row in self._rows():
                yield RawUnit(f"row {row.number}", [row])

    def _rows(self) -> Iterator[RawRow]:
        if not self._plan.skips:
            yield from self._file.rows()
            return
        for row in self._file.rows():
            reason = None if row.problem else self._plan.skip_reason(row)
            if reason is None:
                yield row
            elif self._on_skip is not None:
                self._on_skip(row, reason)

    def _candidate(self, raw: RawUnit) -> Candidate:
        rows: list[Row] = []
        problems: list[Problem] = []
        convert = self._plan.convert
        for raw_row in raw.rows:
            converted = convert(raw_row)
            if isinstance(converted, Row):
                rows.append(converted)
            else:
                problems += converted
        bad_rows = len(raw.rows) - len(rows)
        writable = rows and (not bad_rows or self._importer.bad_row == "row")
        return Candidate(
            key=raw.key,
            unit=Unit(raw.key, tuple(rows), self._file.facts.sha256) if writable else None,
            problems=tuple(problems),
            first_row=raw.rows[0].number,
            rows=len(raw.rows),
            bad_rows=bad_rows,
        )
