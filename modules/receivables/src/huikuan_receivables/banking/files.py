"""A file of an account, sent as it is: read with the account's own mapping, in the command's transaction."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from huikuan.clock import FixedClock
from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan.importing import (
    ColumnMapping,
    Importer,
    ImportFileError,
    ImportMapping,
    MappingError,
    Outcome,
    Unit,
    mapping_from_data,
    run_import,
)
from huikuan_receivables.banking.columns import BANK_COLUMNS, new_line
from huikuan_receivables.banking.lines import NewLine, file_of, record_lines
from huikuan_receivables.models import BankFile, BankSource

__all__ = ["Imported", "RowProblem", "import_content", "mapping_of"]

MAX_BYTES = 10_000_000
DIFFERS = "A line of another amount has this reference on this day."


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row."""

    row: int | None
    column: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    file: BankFile
    read: int
    created: int
    unchanged: int
    problems: tuple[RowProblem, ...]


def mapping_of(text: str | None) -> ImportMapping:
    """The mapping that a TOML text says; the columns' own names where there is none."""
    try:
        return mapping_from_data(tomllib.loads(text or "", parse_float=str))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"The mapping is no TOML: {error}.", field="mapping") from None
    except MappingError as error:
        raise BadInput(error.message, field="mapping") from None


def import_content(ctx: Context, source: BankSource, name: str, content: bytes) -> Imported:
    """Keep the lines of a file. Rows that cannot be read are told, and cost no others."""
    if not content or len(content) > MAX_BYTES:
        raise BadInput(f"A file has 1 to {MAX_BYTES:,} bytes.", field="content")
    mapping = mapping_of(source.mapping)
    mapping = replace(mapping, columns={**mapping.columns, "account": ColumnMapping(constant=source.code)})
    lines: list[NewLine] = []
    sha256 = ""

    def keep(_key: str, unit: Unit) -> Outcome:
        nonlocal sha256
        lines.append(new_line(unit, source.currency))
        sha256 = unit.file
        return Outcome()

    with TemporaryDirectory() as folder:
        path, report = Path(folder, "statement.csv"), Path(folder, "report.csv")
        path.write_bytes(content)
        try:
            summary = run_import(
                _reader(), path, execute=keep, clock=FixedClock(ctx.now), mapping=mapping, report_path=report
            )
        except (ImportFileError, MappingError) as error:
            raise BadInput(error.message.replace(str(path), name), field="content") from None
        problems = [*_problems(report)]
    file = file_of(ctx, source.id, name, sha256 or summary.sha256)
    found = record_lines(ctx, source.id, file.id, lines)
    problems += [
        RowProblem(line.row, "reference", "LINE_DIFFERS", DIFFERS)
        for line, one in zip(lines, found, strict=True)
        if one.differs
    ]
    created = sum(one.new for one in found)
    unchanged = sum(not one.new and not one.differs for one in found)
    return Imported(file, summary.rows.read, created, unchanged, tuple(problems))


def _reader() -> Importer:
    return Importer(
        name="bank",
        title="Bank statement",
        description="A statement of one account.",
        columns=BANK_COLUMNS,
        write=lambda _ctx, _unit: Outcome(),
        keep_raw=True,
    )


def _problems(report: Path) -> Iterator[RowProblem]:
    with report.open(encoding="utf-8-sig", newline="") as file:
        for line in csv.DictReader(file):
            if line["kind"] == "error":
                row = int(line["row"]) if line["row"] else None
                yield RowProblem(row, line["column"] or None, line["code"], line["message"])
