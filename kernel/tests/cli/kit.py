"""What the command line's tests share besides fixtures."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["IMPORTER", "Cli", "Ended", "install"]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Ended]


def install(folder: Path, site: Path) -> None:
    """What `pip install -e` writes for the module in ``folder``, without building anything."""
    info = site / f"{folder.name}-0.1.0.dist-info"
    info.mkdir()
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    lines = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project['version']}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in project["dependencies"]]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    (info / "entry_points.txt").write_text(f"[huikuan.modules]\n{folder.name} = {folder.name}:module\n")


# An importer for cli_base: notes by their own code, through the command that people use too.
IMPORTER = '''"""Notes from a CSV file."""

from __future__ import annotations

from huikuan import Context
from huikuan.importing import Column, Importer, Outcome, Status, Unit
from sqlalchemy import select

from cli_base.commands import cli_base_note_add
from cli_base.models import Note


def write(ctx: Context, unit: Unit) -> Outcome:
    """Add one note, unless it is there."""
    row = unit.first
    if row["text"] == "bad":
        raise row.error("CLI_BASE_BAD", "This note is bad.", column="text")
    if ctx.exists(Note, code=row["code"]):
        return Outcome(status=Status.UNCHANGED)
    return Outcome(subject_id=cli_base_note_add(ctx, code=row["code"], text=row["text"]).id)


def write_copy(ctx: Context, unit: Unit) -> Outcome:
    """Add a note under a code of its own for every row: such rows have no key."""
    count = len(ctx.scalars(select(Note.id)))
    cli_base_note_add(ctx, code=f"copy-{count}", text=unit.first["text"])
    return Outcome()


COLUMNS = (
    Column("code", required=True, description="The note's own code.", aliases=("Number",)),
    Column("text", required=True, description="What it says."),
)
notes = Importer(name="notes", title="Notes", description="Notes by code.", columns=COLUMNS, write=write)
copies = Importer(
    name="copies", title="Copies", description="Rows without a key.", columns=COLUMNS[1:], write=write_copy,
    idempotency="key",
)
'''
