"""Jobs: schedules and single tasks, in one transaction each, beside other workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from huikuan import enqueue
from huikuan.core.models import AuditEntry, Job
from huikuan.core.platform import PLATFORM
from huikuan.errors import SetupError
from huikuan.jobs.worker import Worker
from huikuan.testing.shop import Shop
from huikuan_shelf.jobs import count_items, count_once
from huikuan_shelf.models import Effect
from kernel.tests.core.kit import at_once, rows


@pytest.fixture
def alone(open_shop: Callable[..., Shop], behaviour: object) -> Iterator[Shop]:
    """A tenant alone on its database."""
    return open_shop("shelf", "label", pool_size=10)


def _job(shop: Shop, name: str) -> Job:
    found: Job = rows(shop, Job, name=name)[-1]
    return found


def _runs(shop: Shop, consumer: str = "count_items") -> int:
    return len(rows(shop, Effect, consumer=consumer))


def test_a_schedule_runs_at_its_time_and_not_in_between(alone: Shop) -> None:
    alone.work()
    assert _runs(alone) == 1
    alone.pass_time(minutes=59)
    alone.work()
    assert _runs(alone) == 1
    alone.pass_time(minutes=2)
    alone.work()
    assert _runs(alone) == 2


def test_missed_times_are_made_up_for_once(alone: Shop) -> None:
    alone.work()
    due = _job(alone, "shelf.count_items").due_at
    alone.pass_time(hours=100, minutes=30)
    alone.work()
    assert _runs(alone) == 2
    assert _job(alone, "shelf.count_items").due_at == due + timedelta(hours=100)


def test_a_single_job_runs_after_its_transaction_at_its_time(alone: Shop) -> None:
    alone.work()
    with alone.writing() as ctx:
        enqueue(ctx, count_once, consumer="now")
        enqueue(ctx, count_once, consumer="later", due_at=ctx.now + timedelta(hours=2))
    alone.work()
    assert (_runs(alone, "now"), _runs(alone, "later")) == (1, 0)
    alone.pass_time(hours=3)
    alone.work()
    alone.work()
    assert (_runs(alone, "now"), _runs(alone, "later")) == (1, 1)
    assert {job.state.name for job in rows(alone, Job, name="shelf.count_once")} == {"DONE"}


def test_a_job_of_nobody_is_not_enqueued(alone: Shop) -> None:
    foreign = type(count_once)("nobody", print, None, timedelta(0), 1, "nowhere")
    with pytest.raises(SetupError, match="nobody"), alone.writing() as ctx:
        enqueue(ctx, foreign)


def test_a_job_that_fails_leaves_nothing_and_is_given_up(alone: Shop) -> None:
    with alone.writing() as ctx:
        enqueue(ctx, count_once, consumer="x", fail=True)
    for attempt in (1, 2, 3):
        alone.work()
        job = _job(alone, "shelf.count_once")
        assert (job.attempts, job.error) == (attempt, "ValueError: it was to fail")
        alone.pass_time(hours=1)
    assert job.state.name == "FAILED"
    alone.work()
    assert (_job(alone, "shelf.count_once").attempts, _runs(alone, "x")) == (3, 0)


def test_a_schedule_that_fails_goes_on(alone: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    original = count_items.function
    object.__setattr__(count_items, "function", lambda ctx: 1 / 0)
    try:
        for _ in range(7):
            alone.work()
            alone.pass_time(hours=2)
        assert (_job(alone, "shelf.count_items").state.name, _runs(alone)) == ("WAITING", 0)
    finally:
        object.__setattr__(count_items, "function", original)
    alone.work()
    assert _runs(alone) == 1
    assert _job(alone, "shelf.count_items").attempts == 0


def test_what_a_job_does_is_audited_as_the_system(alone: Shop) -> None:
    alone.work()
    (row,) = [row for row in rows(alone, AuditEntry) if row.command == "shelf.count_items"]
    assert (row.actor_kind, row.module) == ("system", "shelf")
    assert [change["table"] for change in row.changes] == ["shelf_effect"]


def test_two_workers_run_a_job_once(alone: Shop) -> None:
    with alone.writing() as ctx:
        for count in range(20):
            enqueue(ctx, count_once, consumer=f"c{count}")
    found = at_once([Worker(alone.kernel).run_until_idle for _ in range(4)], threads=4)
    assert not [error for error in found if isinstance(error, BaseException)], found
    alone.work()
    assert [_runs(alone, f"c{count}") for count in range(20)] == [1] * 20
    assert _runs(alone) == 1


def test_a_worker_that_died_is_replaced_and_one_that_only_slept_does_nothing(alone: Shop) -> None:
    with alone.writing() as ctx:
        enqueue(ctx, count_once, consumer="x")
    sleeper, other = Worker(alone.kernel), Worker(alone.kernel)
    leased = [job_id for tenant_id, job_id in sleeper._claim_jobs() if tenant_id == alone.scope.tenant.id]
    other.run_until_idle()
    assert _runs(alone, "x") == 0
    alone.pass_time(minutes=6)
    other.run_until_idle()
    assert _runs(alone, "x") == 1
    for job_id in leased:
        sleeper._run(alone.scope, job_id)
    assert (_runs(alone, "x"), _runs(alone)) == (1, 1)


def test_one_tenant_s_broken_job_stops_no_other(alone: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    other = alone.other_tenant("shelf")
    real = alone.kernel.scope

    def scope(tenant: Any, **given: Any) -> Any:
        if tenant == alone_id:
            raise SetupError("its modules do not go together")
        return real(tenant, **given)

    alone_id = alone.scope.tenant.id
    monkeypatch.setattr(alone.kernel, "scope", scope)
    Worker(alone.kernel).run_once()
    monkeypatch.undo()
    assert (_runs(other), _runs(alone)) == (1, 0)


def test_a_suspended_tenant_s_jobs_wait(alone: Shop) -> None:
    control = alone.kernel.control_scope()
    alone.kernel.run(control, "tenant_suspend", {"tenant": alone.tenant})
    alone.work()
    alone.kernel.run(control, "tenant_resume", {"tenant": alone.tenant})
    assert _runs(alone) == 0
    alone.work()
    assert _runs(alone) == 1


def test_jobs_of_a_disabled_module_wait_for_it(alone: Shop) -> None:
    alone.work()
    with alone.writing() as ctx:
        enqueue(ctx, count_once, consumer="x")
    alone.disable("shelf", with_dependants=True)
    alone.pass_time(hours=5)
    alone.work()
    alone.enable("shelf")
    assert (_runs(alone), _runs(alone, "x")) == (1, 0)
    alone.work()
    assert (_runs(alone), _runs(alone, "x")) == (2, 1)


def test_the_platform_s_own_audit_trail_is_sealed_too(alone: Shop) -> None:
    alone.work()
    with alone.kernel.reading(alone.kernel.scope(PLATFORM.id)) as ctx:
        found = ctx.scalars(select(AuditEntry).order_by(AuditEntry.id))
        assert [(row.command, row.position) for row in found][:1] == [("tenant_create", 1)]
        assert {row.position is not None for row in found} == {True}
