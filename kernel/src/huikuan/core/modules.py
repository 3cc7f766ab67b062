"""Enabling and disabling modules for one tenant, through a session fenced to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import InstrumentedAttribute

from huikuan.catalog import ModuleCatalog
from huikuan.composition import Composition, Compositions
from huikuan.core.directory import Tenant
from huikuan.core.models import (
    Delivery,
    DeliveryState,
    Job,
    JobState,
    ModuleState,
    OutboxEvent,
    TenantModule,
)
from huikuan.core.rights import grant_module_roles, raise_rights_epoch
from huikuan.db import GuardedSession
from huikuan.db.writes import insert_rows
from huikuan.events import event_name
from huikuan.ids import new_id

__all__ = [
    "REPLAY_WINDOW",
    "disable_modules",
    "enable_modules",
    "enabled_modules",
    "raise_module_epoch",
    "schedule_jobs",
    "to_disable",
]

REPLAY_WINDOW = timedelta(days=30)
SLACK = timedelta(hours=1)


def enabled_modules(session: GuardedSession) -> frozenset[str]:
    """Names of the modules that the session's tenant uses."""
    statement = select(TenantModule.module).where(TenantModule.state != ModuleState.DISABLED)
    return frozenset(session.scalars(statement))


def enable_modules(
    session: GuardedSession,
    compositions: Compositions,
    tenant_id: UUID,
    names: Iterable[str],
    now: datetime,
    *,
    new_tenant: bool = False,
) -> list[str]:
    """Enable modules and what they require; returns those that were not enabled before, requirements first.

    The new set is composed first, so that a broken module is refused here and not at the next request.
    A new tenant has no history to read, so its modules take part at once.
    """
    _raise_epochs(session, tenant_id)  # first, for it locks the tenant's set of modules
    catalog = compositions.catalog
    before = enabled_modules(session) & catalog.names
    after = catalog.closure(before | set(names))
    composition = compositions.get(after)
    _ = composition.schema
    added = [module.name for module in catalog.ordered(after - before)]
    rows = {row.module: row for row in session.scalars(select(TenantModule))}
    for name in added:
        row = rows.get(name)
        prepares = _prepares(composition, name)
        state = ModuleState.ENABLING if prepares and not new_tenant else ModuleState.ENABLED
        if row is None:
            session.add(TenantModule(id=new_id(), tenant_id=tenant_id, module=name, state=state, changed_at=now))
        else:
            _replay_parked(session, name, now)
            _deliver_missed(session, composition, name, row.changed_at, now)
            row.state, row.changed_at = state, now
        if prepares:
            session.add(_prepare_job(tenant_id, name, now))
    schedule_jobs(session, composition, tenant_id, added, now)
    grant_module_roles(session, tenant_id, composition, added)
    return added


def to_disable(session: GuardedSession, catalog: ModuleCatalog, tenant_id: UUID, module: str) -> list[str]:
    """What goes when ``module`` goes, itself last; nothing when it is not enabled. Locks the set of modules."""
    _raise_epochs(session, tenant_id)
    enabled = enabled_modules(session)
    if module not in enabled:
        return []
    return [*(catalog.dependants(module, enabled & catalog.names) if module in catalog else ()), module]


def disable_modules(session: GuardedSession, names: Iterable[str], now: datetime) -> None:
    """Disable modules; their data stays, their deliveries and jobs wait."""
    wanted = set(names)
    for row in session.scalars(select(TenantModule).where(TenantModule.module.in_(wanted))):
        row.state, row.changed_at = ModuleState.DISABLED, now
    for name in wanted:
        session.execute(
            update(Delivery)
            .where(
                _of_module(Delivery.consumer, name),
                Delivery.state == DeliveryState.PENDING,
            )
            .values(state=DeliveryState.PARKED)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(Job)
            .where(_of_module(Job.name, name), Job.state == JobState.WAITING)
            .values(state=JobState.PARKED)
            .execution_options(synchronize_session=False)
        )


def _of_module(column: InstrumentedAttribute[str], name: str) -> ColumnElement[bool]:
    """``module.function`` of this module. Not startswith(), which writes text SQL; _ is a wildcard of LIKE."""
    return column.like(f"{name.replace('_', '/_')}.%", escape="/")


def _prepares(composition: Composition, name: str) -> bool:
    found = composition.bus.implementations("kernel_module_enabled")
    return any(item.module == name for item in found)


def _prepare_job(tenant_id: UUID, name: str, now: datetime) -> Job:
    return Job(id=new_id(), tenant_id=tenant_id, name="kernel.prepare_module", arguments={"module": name}, due_at=now)


def schedule_jobs(
    session: GuardedSession, composition: Composition, tenant_id: UUID, names: Iterable[str], now: datetime
) -> None:
    """Make the schedules of the kernel and of these modules due, unless they are."""
    existing = {row.schedule: row for row in session.scalars(select(Job).where(Job.schedule.is_not(None)))}
    for key, (spec, module) in composition.jobs.items():
        if spec.every is None or module.name not in {*names, "kernel"}:
            continue
        row = existing.get(key)
        if row is None:
            session.add(
                Job(
                    id=new_id(),
                    tenant_id=tenant_id,
                    name=key,
                    schedule=key,
                    arguments={},
                    due_at=now + spec.first_after,
                    every_seconds=int(spec.every.total_seconds()),
                )
            )
        elif row.state is JobState.PARKED:
            row.state, row.due_at = JobState.WAITING, now + spec.first_after


def _deliver_missed(
    session: GuardedSession, composition: Composition, name: str, disabled_at: datetime, now: datetime
) -> None:
    """What happened while the module was off is delivered too, as far back as the window reaches.

    An event may have been waiting for its position when the module was disabled, hence the slack.
    """
    since = max(disabled_at - SLACK, now - REPLAY_WINDOW)
    for consumer, (subscriber, module) in composition.subscribers.items():
        if module.name != name:
            continue
        made = select(Delivery.id).where(Delivery.consumer == consumer, Delivery.event_id == OutboxEvent.id)
        missed = session.execute(
            select(OutboxEvent.id, OutboxEvent.position).where(
                OutboxEvent.type == event_name(subscriber.event),
                OutboxEvent.at >= since,
                OutboxEvent.position.is_not(None),
                ~made.exists(),
            )
        )
        common = {"consumer": consumer, "next_at": now, "state": DeliveryState.PENDING, "attempts": 0}
        insert_rows(session, Delivery, [{**common, "event_id": row[0], "position": row[1]} for row in missed])


def _replay_parked(session: GuardedSession, name: str, now: datetime) -> None:
    """What was parked while the module was off is done if it is not older than the window."""
    parked = (
        _of_module(Delivery.consumer, name),
        Delivery.state == DeliveryState.PARKED,
    )
    session.execute(
        update(Delivery)
        .where(*parked, Delivery.created_at >= now - REPLAY_WINDOW)
        .values(state=DeliveryState.PENDING, next_at=now)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Delivery)
        .where(*parked)
        .values(state=DeliveryState.DEAD, error=f"parked for more than {REPLAY_WINDOW.days} days")
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Job)
        .where(
            _of_module(Job.name, name),
            Job.state == JobState.PARKED,
            Job.schedule.is_(None),
            Job.created_at >= now - REPLAY_WINDOW,
        )
        .values(state=JobState.WAITING)
        .execution_options(synchronize_session=False)
    )


def raise_module_epoch(session: GuardedSession, tenant_id: UUID) -> None:
    """Every process reads the tenant's modules and settings anew at its next request."""
    session.execute(
        update(Tenant)
        .where(Tenant.id == tenant_id)
        .values(module_epoch=Tenant.module_epoch + 1)
        .execution_options(synchronize_session=False)
    )


def _raise_epochs(session: GuardedSession, tenant_id: UUID) -> None:
    raise_module_epoch(session, tenant_id)
    raise_rights_epoch(session, tenant_id)
