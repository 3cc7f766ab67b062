"""The `ImportRun` that an importer's ``prepare`` receives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from huikuan.clock import Clock
from huikuan.errors import SetupError
from huikuan.importing.errors import Problem, RowError, shorten
from huikuan.importing.plan import Plan
from huikuan.importing.report import Report

if TYPE_CHECKING:
    from huikuan.context import Context

__all__ = ["PrepareRun"]

T = TypeVar("T")


@dataclass(slots=True)
class PrepareRun:
    """Implements `huikuan.importing.ImportRun`."""

    importer: str
    path: Path
    dry_run: bool
    clock: Clock
    report: Report
    plan: Plan
    transact: Callable[[str, Callable[[Context], Any]], Any] | None

    def command(self, key: str, work: Callable[[Context], T]) -> T:
        if self.transact is None:
            raise SetupError(
                f"Importer {self.importer!r} writes in its prepare pass; run_import needs transact for that."
            )
        return cast("T", self.transact(f"import:{self.importer}:prepare:{key}", work))

    def fail(self, error: RowError) -> None:
        column = self.plan.header_of(error.column)
        self.report.add(Problem(error.row, column, error.code, error.message, shorten(error.value)))

    def note(self, code: str, message: str, *, row: int | None = None) -> None:
        self.report.add(Problem(row, None, code, message), "note")
