"""The worker: relays events and runs jobs, for all tenants, beside others of its kind."""

from __future__ import annotations

import os
import socket
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy import or_, select, tuple_, update

from huikuan.context import Context
from huikuan.core.models import Job, JobState
from huikuan.core.platform import PLATFORM
from huikuan.errors import HuikuanError, told_to_stop
from huikuan.ids import new_id
from huikuan.jobs import relay
from huikuan.jobs.declare import JobSpec
from huikuan.runner import Scope, context, finish

if TYPE_CHECKING:
    from huikuan.kernel import Kernel

__all__ = ["WorkReport", "Worker"]

log = structlog.get_logger("huikuan.worker")
LEASE = timedelta(minutes=5)
ROUNDS = 1_000


@dataclass(frozen=True, slots=True)
class WorkReport:
    """What one round did."""

    stamped: int = 0
    delivered: int = 0
    jobs: int = 0

    @property
    def idle(self) -> bool:
        return self.stamped + self.delivered + self.jobs == 0


class Worker:
    """Runs relay and jobs; several workers share the work by leases."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{new_id().hex[-6:]}"

    def run_forever(self, stop: threading.Event, interval: float = 0.5) -> None:
        """Work until ``stop`` is set; an error is logged and the next round tries again."""
        while not stop.is_set():
            try:
                report = self.run_once()
            except Exception:
                log.exception("worker round failed")
                report = WorkReport()
            if report.idle:
                stop.wait(interval)

    def run_until_idle(self) -> WorkReport:
        """Work until nothing is due now; for tests, demos and the command line."""
        stamped = delivered = jobs = 0
        for _ in range(ROUNDS):
            report = self.run_once()
            if report.idle:
                break
            stamped, delivered, jobs = (
                stamped + report.stamped,
                delivered + report.delivered,
                jobs + report.jobs,
            )
        return WorkReport(stamped, delivered, jobs)

    def run_once(self) -> WorkReport:
        """One round over the tenants that have work."""
        stamped = delivered = 0
        for tenant_id in relay.claim_tenants(self._kernel, self.owner):
            try:
                scope = self._kernel.scope(tenant_id, request_id="worker")
                stamped += relay.stamp(self._kernel, scope, self.owner)
                delivered += relay.deliver_due(self._kernel, scope, self.owner)
            except Exception as error:
                # One tenant's broken module or locked row must not stop the others' work.
                log.error("relay failed", tenant=str(tenant_id), error=relay.describe(error), exc_info=_trace(error))
            finally:
                relay.release_tenant(self._kernel, tenant_id, self.owner)
        return WorkReport(stamped, delivered, self._run_jobs())

    def _run_jobs(self) -> int:
        done = 0
        for tenant_id, job_id in self._claim_jobs():
            try:
                scope = self._kernel.scope(tenant_id, request_id="worker")
                self._run(scope, job_id)
            except Exception as error:
                log.error("job lost", tenant=str(tenant_id), error=relay.describe(error), exc_info=_trace(error))
            done += 1
        return done

    def _claim_jobs(self, limit: int = 20) -> list[tuple[UUID, UUID]]:
        now = self._kernel.clock.now()
        mine = or_(Job.tenant_id.in_(relay.served()), Job.tenant_id == PLATFORM.id)
        ready = (
            or_(Job.state == JobState.WAITING, (Job.state == JobState.RUNNING) & (Job.leased_until <= now)),
            Job.due_at <= now,
            mine,
        )
        with self._kernel.database.system(self._kernel.clock) as session:
            due = select(Job.tenant_id, Job.id).where(*ready).order_by(Job.due_at).limit(limit)
            statement = (
                update(Job)
                .where(*ready, tuple_(Job.tenant_id, Job.id).in_(due))
                .values(state=JobState.RUNNING, leased_until=now + LEASE, updated_at=now)
                .returning(Job.tenant_id, Job.id)
                .execution_options(synchronize_session=False)
            )
            return [(row[0], row[1]) for row in session.execute(statement)]

    def _run(self, scope: Scope, job_id: UUID) -> None:
        """Run one leased job; its effect and its state stand in one transaction."""
        kernel = self._kernel
        try:
            with kernel.database.command(scope.tenant.id, kernel.clock) as session:
                ctx = context(scope, session, "job")
                if not _take(ctx, job_id):
                    return
                row = ctx.get(Job, job_id)
                found = scope.composition.jobs.get(row.name)
                if found is None:
                    row.state, row.leased_until = JobState.PARKED, None
                    return
                spec, module = found
                with ctx.calling(module.name):
                    spec.function(ctx, **row.arguments)
                    session.flush()
                ctx.check_intact(module.name, spec.name)
                _rest(row, spec, ctx.now)
                finish(ctx, session, row.name)
        except BaseException as error:
            if told_to_stop(error):
                raise
            self._failed(scope, job_id, error)

    def _failed(self, scope: Scope, job_id: UUID, error: BaseException) -> None:
        kernel = self._kernel
        with kernel.database.command(scope.tenant.id, kernel.clock) as session:
            ctx = context(scope, session, "job")
            row = ctx.get(Job, job_id)
            row.attempts += 1
            row.error = relay.describe(error)
            log.error("job failed", job=row.name, attempt=row.attempts, error=row.error, exc_info=_trace(error))
            found = scope.composition.jobs.get(row.name)
            if row.every_seconds is None and row.attempts >= (found[0].attempts if found else 1):
                row.state = JobState.FAILED
                return
            row.state, row.leased_until = JobState.WAITING, None
            wait = relay.BACKOFF[min(row.attempts, len(relay.BACKOFF)) - 1]
            row.due_at = ctx.now + timedelta(seconds=wait)


def _take(ctx: Context, job_id: UUID) -> bool:
    """Hold the job's row for this transaction, unless its lease ran out and another worker finished it."""
    return (
        ctx.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == JobState.RUNNING)
            .values(leased_until=ctx.now + LEASE)
            .execution_options(synchronize_session=False)
        )
        == 1
    )


def _rest(row: Job, spec: JobSpec, now: datetime) -> None:
    """After success: a schedule waits for its next time, a single job is done."""
    row.error, row.leased_until, row.attempts = None, None, 0
    if row.every_seconds is None or spec.every is None:
        row.state = JobState.DONE
        return
    row.state = JobState.WAITING
    row.every_seconds = int(spec.every.total_seconds())
    row.due_at += ((now - row.due_at) // spec.every + 1) * spec.every


def _trace(error: BaseException) -> BaseException | None:
    """Our own errors say all in one line."""
    return None if isinstance(error, HuikuanError) else error
