"""The report file: one line per problem or note, CSV, appears whole or not at all."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal

from huikuan.importing.errors import ImportFileError, Problem, shorten

__all__ = ["REPORT_COLUMNS", "Kind", "Report"]

REPORT_COLUMNS = ("row", "column", "code", "message", "value", "kind")
Kind = Literal["error", "note"]
_NUMBER = re.compile(r"[+-]?[0-9.,]*", re.ASCII)


class Report:
    """Counts problems by code and, given a path, writes each to a file.

    It is written beside its place and moved there at the end, so that a report is never half a one.
    A killed import leaves ``<name>.partial``, which the next one replaces.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.errors: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()
        self._partial = path.with_name(f"{path.name}.partial") if path else None
        self._file: IO[str] | None = None
        self._write: Any = None

    def __enter__(self) -> Report:
        if self._partial is not None:
            try:
                self._file = self._partial.open("w", encoding="utf-8-sig", newline="")
            except OSError as error:
                raise ImportFileError(f"The report {self.path} cannot be written: {error.strerror}.") from None
            self._write = csv.writer(self._file).writerow
            self._write(REPORT_COLUMNS)
        return self

    def add(self, problem: Problem, kind: Kind = "error") -> None:
        """Count and write one line."""
        (self.errors if kind == "error" else self.notes)[str(problem.code)] += 1
        if self._write is not None:
            row = "" if problem.row is None else problem.row
            message, value = shorten(problem.message, 1_000), _harmless(shorten(problem.value))
            self._write((row, _harmless(problem.column or ""), problem.code, _harmless(message), value, kind))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None or self._partial is None or self.path is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._partial, self.path)


def _harmless(text: str) -> str:
    """A spreadsheet that opens the report must not compute what a foreign file put there."""
    if text.startswith(("=", "@")) or (text.startswith(("+", "-")) and not _NUMBER.fullmatch(text)):
        return f"'{text}"
    return text
