"""@job: a function of a module that runs on a schedule, or when it is enqueued."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from huikuan.codec import encode
from huikuan.core.models import Job
from huikuan.errors import SetupError

if TYPE_CHECKING:
    from huikuan.context import Context

__all__ = ["JobSpec", "enqueue", "job"]


@dataclass(frozen=True, eq=False)
class JobSpec:
    """A declared job: runs in one transaction of its tenant, as the system, at least once."""

    name: str
    function: Callable[..., None]
    every: timedelta | None
    first_after: timedelta
    attempts: int
    __module__: str


def job(
    *, every: timedelta | None = None, first_after: timedelta = timedelta(0), attempts: int = 5
) -> Callable[[Callable[..., None]], JobSpec]:
    """``@job(every=timedelta(hours=1)) def expire_quotes(ctx): …``

    Without ``every`` it runs only when it is enqueued: ``enqueue(ctx, expire_quotes, order_id=…)``.
    A job that fails is tried again, later each time, ``attempts`` times.
    """

    def declare(function: Callable[..., None]) -> JobSpec:
        return JobSpec(function.__name__, function, every, first_after, attempts, function.__module__)

    return declare


def enqueue(ctx: Context, spec: JobSpec, *, due_at: datetime | None = None, **arguments: Any) -> None:
    """Run a job after this transaction commits, at ``due_at`` or at once."""
    owner = next((key for key, (found, _) in ctx.composition.jobs.items() if found is spec), None)
    if owner is None:
        raise SetupError(f"job {spec.name} ({spec.__module__}) stands in no jobs.py of an enabled module")
    ctx.add(Job(name=owner, arguments=encode(arguments), due_at=due_at or ctx.now))
