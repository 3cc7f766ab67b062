"""The copy that an upgrade of a SQLite file keeps, and the way back to it.

Beside ``huikuan.db`` stand ``huikuan.db.before-upgrade``, the last state before an upgrade, an empty file
to lock, ``huikuan.db.upgrade-lock``, and while an upgrade runs the marker ``huikuan.db.upgrading``. An
upgrade is one transaction, so normally there is nothing to bring back: the copy is for a migration that
commits by itself.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL

from huikuan.db.migration_errors import MigrationError

__all__ = ["exclusive", "file_of", "finish", "keep", "recover", "was_interrupted"]

WAIT_SECONDS = 3600.0


def file_of(url: URL) -> Path:
    """The database file of a URL."""
    if not url.database or url.database == ":memory:":
        raise MigrationError("A SQLite database in memory ends with its connection; name a file: sqlite:///huikuan.db")
    return Path(url.database)


def copy_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.before-upgrade")


def was_interrupted(file: Path) -> bool:
    """Whether an upgrade of this file began and did not end."""
    return _marker(file).exists()


@contextmanager
def exclusive(file: Path) -> Iterator[None]:
    """Let one process at a time upgrade this file; the others wait. SQLite's lock ends with its process."""
    lock = file.with_name(f"{file.name}.upgrade-lock")
    with closing(sqlite3.connect(lock, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield


def keep(file: Path) -> None:
    """Copy the last committed state, then leave the marker. Only the newest copy is kept."""
    fresh = file.with_name(f"{file.name}.copying")
    fresh.unlink(missing_ok=True)
    _transfer(file, fresh)
    os.replace(fresh, copy_of(file))
    with open(_marker(file), "w", encoding="utf-8") as marker:
        json.dump({"schema_version": _schema_version(file)}, marker)
        marker.flush()
        os.fsync(marker.fileno())


def recover(file: Path) -> None:
    """Undo what an unfinished upgrade has committed, if anything, and remove the marker."""
    if not was_interrupted(file):
        return
    try:
        before = json.loads(_marker(file).read_text(encoding="utf-8"))["schema_version"]
    except ValueError:
        before = None  # killed while writing the marker: nothing had run yet
    if before is not None and before != _schema_version(file):
        _transfer(copy_of(file), file)
    finish(file)


def finish(file: Path) -> None:
    """The upgrade is committed: remove the marker, keep the copy."""
    _marker(file).unlink(missing_ok=True)


def _marker(file: Path) -> Path:
    return file.with_name(f"{file.name}.upgrading")


def _schema_version(file: Path) -> int:
    """SQLite's own counter of committed changes to the schema."""
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("PRAGMA schema_version").fetchone()[0])


def _transfer(source: Path, target: Path) -> None:
    # The backup interface sees committed pages only, and writes the target in one transaction of its own.
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
