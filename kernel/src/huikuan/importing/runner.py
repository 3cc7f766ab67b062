"""Runs an import: reads, groups and converts, has each unit written in its own transaction, and reports.

The runner keeps no state of its own between runs. A unit is written whole or not at all, and
``Importer.write`` finds by its own unique reference what is there already. So after a kill at any
moment the same command, given again, leads to the database an undisturbed run leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from huikuan.clock import Clock
from huikuan.importing.errors import ImportFileError
from huikuan.importing.mapping import ImportMapping, check_encoding
from huikuan.importing.model import Importer, Outcome, Unit
from huikuan.importing.plan import Plan, make_plan
from huikuan.importing.prepare import PrepareRun
from huikuan.importing.progress import Progress, QuietProgress
from huikuan.importing.reader import CsvFile
from huikuan.importing.report import Report
from huikuan.importing.summary import ImportSummary
from huikuan.importing.units import UnitSource
from huikuan.importing.writing import UnitWriter

if TYPE_CHECKING:
    from huikuan.context import Context

__all__ = ["Execute", "Known", "Transact", "run_import"]

#: Rows between two reports of progress; asking the clock for every row would be felt.
TICK = 100


class Execute(Protocol):
    """Writes one unit in one command transaction and commits it.

    ``key`` is an idempotency key for importers without a unique reference; others need none. An
    exception must leave nothing behind, no idempotency record either: a unit refused today may be
    good after its customer has been made. In a dry run nothing may stay; units build on one another,
    so that is one outer transaction with a savepoint per unit, rolled back at the end.
    """

    def __call__(self, key: str, unit: Unit, /) -> Outcome: ...


class Transact(Protocol):
    """Runs any work in one command transaction, for ``Importer.prepare``."""

    def __call__(self, key: str, work: Callable[[Context], Any], /) -> Any: ...


#: Which of these keys (values of ``group_by``) are in the database already, asked in bulk.
Known = Callable[[Collection[str]], Collection[str]]


def run_import(
    importer: Importer,
    path: Path,
    *,
    execute: Execute,
    clock: Clock,
    mapping: ImportMapping | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    report_path: Path | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    known: Known | None = None,
    transact: Transact | None = None,
) -> ImportSummary:
    """Import a CSV file (``.gz`` too); see `Execute` for what the caller provides.

    Raises `ImportFileError` or `MappingError` before anything is written, and `ImportAborted` when
    the database or the importer keeps failing. Ctrl-C ends it in good order. Known units are counted
    as unchanged without asking the importer.
    """
    started = clock.now()
    progress = progress or QuietProgress()
    if report_path is not None and report_path.resolve() == path.resolve():
        raise ImportFileError("The report would overwrite the file that is imported; give it another name.")
    mapping = mapping or ImportMapping()
    file = CsvFile(path, mapping, encoding=encoding and check_encoding(encoding), delimiter=delimiter)
    plan = make_plan(importer, mapping, file.header)
    with Report(report_path) as report, closing(UnitSource(importer, file, plan)) as source:
        writer = UnitWriter(importer, plan, report, execute, known)
        prepare_run = PrepareRun(importer.name, path, dry_run, clock, report, plan, transact)
        interrupted = not _run(importer, source, file, plan, writer, prepare_run, progress)
    return ImportSummary(
        importer=importer.name,
        path=path,
        sha256=file.facts.sha256,
        encoding=file.facts.encoding,
        delimiter=file.delimiter,
        dry_run=dry_run,
        started_at=started,
        duration=clock.now() - started,
        rows=writer.rows,
        units=writer.units,
        errors=dict(report.errors),
        notes=dict(report.notes),
        ignored_columns=plan.ignored,
        report_path=report_path,
        interrupted=interrupted,
    )


def _run(
    importer: Importer,
    source: UnitSource,
    file: CsvFile,
    plan: Plan,
    writer: UnitWriter,
    prepare_run: PrepareRun,
    progress: Progress,
) -> bool:
    """All passes over the file; False if the user interrupted."""
    try:
        progress.start("Reading")
        for rows in source.index():
            if rows % TICK == 0:
                progress.update(rows=rows, fraction=file.fraction, errors=0)
        if importer.prepare is not None:
            progress.start("Preparing")
            good = (candidate.unit for candidate in source.candidates() if candidate.unit is not None)
            importer.prepare(prepare_run, good)
        progress.start("Checking" if prepare_run.dry_run else "Importing")
        shown = 0
        for _ in writer.write_all(source.candidates(on_skip=writer.skip)):
            if writer.rows.read - shown >= TICK:
                shown = writer.rows.read
                progress.update(rows=shown, fraction=file.fraction, errors=writer.error_count)
    except KeyboardInterrupt:
        return False
    finally:
        progress.finish()
    return True
