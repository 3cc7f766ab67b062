"""Has each unit written, and turns every way it can fail into lines of the report and counts."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from huikuan.errors import BadInput, Conflict, HuikuanError, Refused
from huikuan.importing.errors import Code, ImportAborted, Problem, RowError, RowErrors, shorten
from huikuan.importing.model import Importer, Outcome, Status, Unit
from huikuan.importing.plan import Plan
from huikuan.importing.reader import RawRow
from huikuan.importing.report import Report
from huikuan.importing.summary import RowCounts, UnitCounts
from huikuan.importing.units import Candidate

__all__ = ["UnitWriter"]

log = logging.getLogger("huikuan.importing")

KNOWN_BATCH = 500
#: So many failures in a row that are not the data's fault mean that nothing will work any more.
MAX_FAILURES_IN_A_ROW = 20


class UnitWriter:
    """Writes units one by one. One bad unit, row or crash never costs another unit."""

    def __init__(
        self,
        importer: Importer,
        plan: Plan,
        report: Report,
        execute: Callable[[str, Unit], Outcome],
        known: Callable[[Collection[str]], Collection[str]] | None,
    ) -> None:
        self.rows = RowCounts()
        self.units = UnitCounts()
        self._importer = importer
        self._plan = plan
        self._report = report
        self._execute = execute
        self._known = known if importer.group_by else None
        self._seen: Counter[bytes] = Counter()
        self._failures_in_a_row = 0

    @property
    def error_count(self) -> int:
        return self._report.errors.total()

    def skip(self, row: RawRow, reason: str) -> None:
        """Count a row that the mapping leaves out."""
        self.rows.read += 1
        self.rows.skipped += 1
        self._report.add(Problem(row.number, None, Code.SKIPPED_BY_MAPPING, f"Left out: {reason}."), "note")

    def write_all(self, candidates: Iterator[Candidate]) -> Iterator[None]:
        """Write all units; yields after each."""
        if self._known is None:
            for candidate in candidates:
                self._take(candidate, ())
                yield
            return
        while batch := list(islice(candidates, KNOWN_BATCH)):
            known = frozenset(self._known([candidate.key for candidate in batch if candidate.unit]))
            for candidate in batch:
                self._take(candidate, known)
                yield

    def _take(self, candidate: Candidate, known: Collection[str]) -> None:
        self.rows.read += candidate.rows
        for problem in candidate.problems:
            self._report.add(problem)
        if candidate.unit is None:
            self._fail(candidate.key, candidate.first_row, candidate.rows, candidate.rows - candidate.bad_rows)
            return
        self.rows.failed += candidate.bad_rows
        if candidate.unit.key in known:
            self._count(Outcome(status=Status.UNCHANGED), candidate.unit)
        else:
            self._write(candidate.unit)

    def _write(self, unit: Unit) -> None:
        key, unit = self._counted(unit)
        while True:
            try:
                outcome = self._execute(key, unit)
            except (RowError, RowErrors, Refused, BadInput, Conflict) as error:
                self._failures_in_a_row = 0
                rest = self._rest(unit, _row_errors(error, unit))
                if rest is None:
                    return
                unit, key = rest, self._key(rest)
            except Exception as error:
                self._crashed(unit, error)
                return
            else:
                self._failures_in_a_row = 0
                self._count(outcome, unit)
                return

    def _counted(self, unit: Unit) -> tuple[str, Unit]:
        """Key and unit; two equal rows are two payments, so the second one needs a key of its own."""
        if self._importer.group_by is None:
            short = bytes.fromhex(unit.digest[:32])
            self._seen[short] += 1
            unit = replace(unit, occurrence=self._seen[short])
        return self._key(unit), unit

    def _key(self, unit: Unit) -> str:
        return f"import:{self._importer.name}:{unit.digest}:{unit.occurrence}"

    def _rest(self, unit: Unit, errors: Iterable[RowError]) -> Unit | None:
        """Report; the unit without its bad rows if the importer wants that and any are left."""
        bad: set[int | None] = set()
        for error in errors:
            bad.add(error.row)
            self._add(error, unit)
        rest = tuple(row for row in unit if row.number not in bad)
        if self._importer.bad_row == "row" and rest and len(rest) < len(unit) and None not in bad:
            self.rows.failed += len(unit) - len(rest)
            return replace(unit, rows=rest, occurrence=1)
        named = len(unit) - len(rest)
        self._fail(unit.key, unit.first.number, len(unit), len(rest) if named else len(unit) - 1)
        return None

    def _add(self, error: RowError, unit: Unit) -> None:
        row = unit.first.number if error.row is None else error.row
        column = self._plan.header_of(error.column)
        self._report.add(Problem(row, column, error.code, error.message, shorten(error.value)))

    def _crashed(self, unit: Unit, error: Exception) -> None:
        name = self._importer.name
        log.error("import %s: unit %r (row %d) failed", name, unit.key, unit.first.number, exc_info=error)
        if isinstance(error, HuikuanError):
            code, message = error.code, error.message
        else:
            code = Code.UNEXPECTED_ERROR
            message = f"Import {name!r} failed with {type(error).__name__}; the log has the details."
        self._report.add(Problem(unit.first.number, None, code, message, shorten(unit.key)))
        self._fail(unit.key, unit.first.number, len(unit), len(unit) - 1)
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= MAX_FAILURES_IN_A_ROW:
            raise ImportAborted(
                f"Import {name!r} stopped at row {unit.first.number}: {self._failures_in_a_row} units in a "
                f"row failed, last with {type(error).__name__}: {shorten(error, 200)}. What is written "
                "stays; mend the cause and run the same command again to go on."
            ) from error

    def _fail(self, key: str, first_row: int, rows: int, innocent: int) -> None:
        self.units.failed += 1
        self.rows.failed += rows
        if innocent > 0:
            others = "another row of it" if innocent == 1 else f"{innocent} other rows of it"
            message = f"{key!r} was not imported; {others} wait until it is mended."
            self._report.add(Problem(first_row, None, Code.UNIT_LEFT_OUT, message, shorten(key)), "note")

    def _count(self, outcome: Outcome, unit: Unit) -> None:
        name = outcome.status.value
        setattr(self.units, name, getattr(self.units, name) + 1)
        if outcome.status is Status.SKIPPED:
            self.rows.skipped += len(unit)
        else:
            self.rows.written += len(unit)
        for note in outcome.notes:
            row = unit.first.number if note.row is None else note.row
            self._report.add(Problem(row, None, note.code, note.message), "note")


def _row_errors(error: Exception, unit: Unit) -> list[RowError]:
    if isinstance(error, RowErrors):
        return list(error.errors)
    if isinstance(error, RowError):
        return [error]
    if isinstance(error, Refused):
        return [RowError(refusal.code, refusal.message, value=unit.key) for refusal in error.refusals]
    assert isinstance(error, HuikuanError)
    return [RowError(error.code, error.message, value=unit.key)]
