"""Puts the rows of one key together, wherever they stand in the file, in the order of their first rows.

Most files keep the rows of an order together. So the first pass only looks for rows of a key that
come after another key's; those alone wait in a temporary SQLite file, which the operating system
removes even if the process is killed. Memory holds the keys, never the rows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import NamedTuple

from huikuan.importing.errors import Problem
from huikuan.importing.reader import RawRow

__all__ = ["Grouping", "RawUnit"]

BATCH = 1_000


class RawUnit(NamedTuple):
    """The rows of one key, not yet converted."""

    key: str
    rows: list[RawRow]


class Grouping:
    """Units of ``rows()``, which is read once to index and once for every iteration.

    ``key_of`` answers None for a row without a readable key: it forms a unit of its own.
    """

    def __init__(self, rows: Callable[[], Iterable[RawRow]], key_of: Callable[[RawRow], str | None]) -> None:
        self._rows = rows
        self._key_of = key_of
        self._late_keys: set[str] = set()
        self._spool: sqlite3.Connection | None = None

    def close(self) -> None:
        """Remove the temporary file."""
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def index(self) -> Iterator[int]:
        """The first pass; yields the number of rows seen, row by row."""
        seen: set[str] = set()
        current: str | None = None
        batch: list[tuple[str, int, str]] = []
        count = 0
        for count, row in enumerate(self._rows(), 1):
            key = self._key_of(row)
            if key is not None and key != current:
                if key in seen:
                    self._late_keys.add(key)
                else:
                    seen.add(key)
            if key is not None and key in self._late_keys:
                batch.append((key, row.number, _packed(row)))
                if len(batch) >= BATCH:
                    self._keep(batch)
            current = key
            yield count
        self._keep(batch)
        if self._spool is not None:
            self._spool.execute("CREATE INDEX late_key ON late (key, number)")

    def __iter__(self) -> Iterator[RawUnit]:
        done: set[str] = set()
        current: str | None = None
        unit: list[RawRow] = []
        passing = False
        for row in self._rows():
            key = self._key_of(row)
            if key is not None and key == current:
                if not passing:
                    unit.append(row)
                continue
            if current is not None and not passing:
                yield self._complete(current, unit)
            current = key
            passing = key is not None and key in done
            unit = [row]
            if key is None:
                yield RawUnit(f"row {row.number}", unit)
            elif key in self._late_keys:
                done.add(key)
        if current is not None and not passing:
            yield self._complete(current, unit)

    def _complete(self, key: str, unit: list[RawRow]) -> RawUnit:
        if key in self._late_keys and self._spool is not None:
            late = self._spool.execute("SELECT number, row FROM late WHERE key = ? ORDER BY number", (key,))
            unit.extend(_unpacked(number, text) for number, text in late)
        return RawUnit(key, unit)

    def _keep(self, batch: list[tuple[str, int, str]]) -> None:
        if not batch:
            return
        if self._spool is None:
            # An empty name is a temporary database: private, unlinked from the start, on disk when large.
            self._spool = sqlite3.connect("", isolation_level=None)
            self._spool.execute("PRAGMA journal_mode = OFF")
            self._spool.execute("CREATE TABLE late (key TEXT NOT NULL, number INTEGER NOT NULL, row TEXT NOT NULL)")
        self._spool.execute("BEGIN")
        self._spool.executemany("INSERT INTO late VALUES (?, ?, ?)", batch)
        self._spool.execute("COMMIT")
        batch.clear()


def _packed(row: RawRow) -> str:
    return json.dumps([row.cells, asdict(row.problem) if row.problem else None])


def _unpacked(number: int, text: str) -> RawRow:
    cells, problem = json.loads(text)
    return RawRow(number, cells, Problem(**problem) if problem else None)
