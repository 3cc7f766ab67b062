"""Invariants: statements about stored data that ``huikuan check`` proves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from huikuan.errors import HuikuanError, told_to_stop
from huikuan.telemetry import INVARIANT_CHECKS

if TYPE_CHECKING:
    from huikuan.context import Context

__all__ = ["CheckResult", "Invariant", "run_checks"]

log = structlog.get_logger("huikuan.invariants")


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
    """Run invariants in a read-only unit of work, in name order.

    One that fails itself proves nothing: it counts as broken once, says why, and keeps no other from being run.
    """
    ordered = sorted(invariants, key=lambda item: item.name)
    results = _together(ctx, ordered)
    if results is None:
        results = [_alone(ctx, invariant) for invariant in ordered]
    for result in results:
        INVARIANT_CHECKS.labels(result.name, "holds" if result.holds else "broken").inc()
    return results


def _together(ctx: Context, invariants: Sequence[Invariant]) -> list[CheckResult] | None:
    """All of them within one savepoint, as almost always goes well; None where one of them fails."""
    try:
        with ctx.savepoint():
            return [_result(invariant, list(invariant.find(ctx))) for invariant in invariants]
    except Exception as error:
        if told_to_stop(error):
            raise
        return None


def _alone(ctx: Context, invariant: Invariant) -> CheckResult:
    try:
        with ctx.savepoint():
            return _result(invariant, list(invariant.find(ctx)))
    except Exception as error:
        if told_to_stop(error):
            raise
        log.error("invariant failed", invariant=invariant.name, exc_info=error)
        reason = error.message if isinstance(error, HuikuanError) else f"{type(error).__name__}; see the log"
        return CheckResult(invariant.name, f"{invariant.statement} (not proven: {reason})", 1, ())


def _result(invariant: Invariant, broken: Sequence[UUID]) -> CheckResult:
    return CheckResult(invariant.name, invariant.statement, len(broken), tuple(broken[:5]))
