"""Invariants: statements about stored data that ``huikuan check`` proves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from huikuan.telemetry import INVARIANT_CHECKS

if TYPE_CHECKING:
    from huikuan.context import Context

__all__ = ["CheckResult", "Invariant", "run_checks"]


@dataclass(frozen=True, slots=True)
class Invariant:
    """``find(ctx)`` returns the ids of the rows that break ``statement``."""

    name: str
    statement: str
    find: Callable[[Any], Sequence[UUID]]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How many rows broke an invariant, and the first few of them."""

    name: str
    statement: str
    violations: int
    first: tuple[UUID, ...]

    @property
    def holds(self) -> bool:
        return self.violations == 0


def run_checks(ctx: Context, invariants: Sequence[Invariant]) -> list[CheckResult]:
    """Run invariants in a read-only unit of work, in name order."""
    results = []
    for invariant in sorted(invariants, key=lambda item: item.name):
        broken = list(invariant.find(ctx))
        INVARIANT_CHECKS.labels(invariant.name, "broken" if broken else "holds").inc()
        results.append(CheckResult(invariant.name, invariant.statement, len(broken), tuple(broken[:5])))
    return results
