"""huikuan import: a CSV file into a tenant, and `huikuan.importing_commands` behind it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from huikuan.core.models import AuditEntry, IdempotencyRecord
from huikuan.kernel import Kernel
from huikuan.settings import Settings
from kernel.tests.cli.kit import Cli

NOTES = "Number,text\nA,one\nB,bad\nC,three\n"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.csv"
    path.write_text(NOTES)
    return path


def stored(tmp_path: Path, *columns: Any) -> list[Any]:
    """Rows of the tenant acme, read anew."""
    kernel = Kernel.open(Settings.load({}, {"database_url": str(tmp_path / "huikuan.db")}))
    try:
        with kernel.reading(kernel.scope("acme")) as ctx:
            return [tuple(row) for row in ctx.rows(select(*columns).order_by(columns[0]))]
    finally:
        kernel.close()


def codes(ready: Cli) -> list[str]:
    events = json.loads(ready("events", "list", "--tenant", "acme", "--json").out)
    return sorted(event["payload"]["code"] for event in events)


def test_good_rows_are_written_and_bad_ones_reported(ready: Cli, notes: Path, tmp_path: Path) -> None:
    ended = ready("import", "notes", str(notes), "--tenant", "acme", "--report", "report.csv", "--quiet")

    assert ended.code == 1
    assert "Units: 2 created, 0 updated, 0 unchanged, 0 skipped, 1 failed." in ended.out
    with open(tmp_path / "report.csv", encoding="utf-8-sig") as file:
        report = list(csv.DictReader(file))
    assert [(row["row"], row["column"], row["code"]) for row in report] == [("3", "text", "CLI_BASE_BAD")]
    assert codes(ready) == ["A", "C"]


def test_the_same_file_again_changes_nothing(ready: Cli, notes: Path) -> None:
    ready("import", "notes", str(notes), "--tenant", "acme")

    again = ready("import", "notes", str(notes), "--tenant", "acme", "--json", "--quiet")

    assert json.loads(again.out)["units"]["unchanged"] == 2
    assert codes(ready) == ["A", "C"]


def test_a_dry_run_writes_nothing(ready: Cli, notes: Path, tmp_path: Path) -> None:
    before = stored(tmp_path, AuditEntry.id)

    ended = ready("import", "notes", str(notes), "--tenant", "acme", "--dry-run")

    assert "Units: 2 created" in ended.out
    assert "A dry run: nothing was written." in ended.out
    assert codes(ready) == []
    assert stored(tmp_path, AuditEntry.id) == before


def test_a_dry_run_sees_what_earlier_rows_would_have_written(ready: Cli, tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("Number,text\nA,one\nA,one\nA,bad\n")

    ended = ready("import", "notes", str(path), "--tenant", "acme", "--dry-run", "--json", "--quiet")

    units = json.loads(ended.out)["units"]
    assert (units["created"], units["unchanged"], units["failed"]) == (1, 1, 1)


def test_each_unit_is_audited_with_the_command_it_called(ready: Cli, notes: Path, tmp_path: Path) -> None:
    ready("import", "notes", str(notes), "--tenant", "acme")

    rows = stored(tmp_path, AuditEntry.id, AuditEntry.command, AuditEntry.parent_id, AuditEntry.subject_type)

    imports = [row for row in rows if row[1] == "cli_base.import.notes"]
    children = [row for row in rows if row[1] == "cli_base_note_add"]
    assert len(imports) == len(children) == 2
    assert {child[2] for child in children} == {row[0] for row in imports}
    assert {child[3] for child in children} == {"Note"}


def test_rows_without_a_key_are_counted_by_their_content(ready: Cli, tmp_path: Path) -> None:
    path = tmp_path / "copies.csv"
    path.write_text("text\nsame\nsame\n")

    first = ready("import", "copies", str(path), "--tenant", "acme", "--json", "--quiet")
    again = ready("import", "copies", str(path), "--tenant", "acme", "--json", "--quiet")

    assert json.loads(first.out)["units"]["created"] == 2
    assert json.loads(again.out)["units"]["unchanged"] == 2
    assert len(codes(ready)) == 2
    assert len(stored(tmp_path, IdempotencyRecord.key)) == 2


def test_the_database_is_consistent_afterwards(ready: Cli, notes: Path) -> None:
    ready("import", "notes", str(notes), "--tenant", "acme")
    ready("worker", "--once")

    assert ready("check", "--tenant", "acme").code == 0


def test_everything_is_in_the_file_itself_at_the_end(ready: Cli, notes: Path, tmp_path: Path) -> None:
    ready("import", "notes", str(notes), "--tenant", "acme")

    log = tmp_path / "huikuan.db-wal"
    assert not log.exists() or log.stat().st_size == 0


def test_it_lists_what_can_be_imported_and_its_columns(ready: Cli) -> None:
    listed = ready("import", "--tenant", "acme")
    columns = ready("import", "notes", "--tenant", "acme", "--columns")

    assert "notes   Notes (cli_base); mappings: old-system" in listed.out
    assert "also recognised as: Number" in columns.out


def test_a_mapping_that_comes_along_is_used_by_its_name(ready: Cli, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("Schlüssel;Wert\nA;one\n", "utf-8")

    unknown = ready("import", "notes", str(path), "--tenant", "acme", "--mapping", "new-system")
    ended = ready("import", "notes", str(path), "--tenant", "acme", "--mapping", "old-system")

    assert unknown.err == "huikuan: There is no mapping file 'new-system'; notes brings: old-system.\n"
    assert ended.code == 0, ended.err
    assert codes(ready) == ["A"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nots", "notes.csv"), "acme has no import 'nots'; its modules bring: copies, notes."),
        (("notes", "gone.csv"), "The file gone.csv cannot be read: No such file or directory."),
        (("notes",), "Name the file: huikuan import notes FILE --tenant acme."),
    ],
    ids=["importer", "file", "no file"],
)
def test_wrong_usage_is_one_line(ready: Cli, notes: Path, words: tuple[str, ...], message: str) -> None:
    ended = ready("import", *words, "--tenant", "acme")

    assert (ended.code, ended.err) == (2, f"huikuan: {message}\n")
