"""Jobs of the kernel: sealing the audit trail, lapsing holds, forgetting old keys, preparing modules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import delete, select, update

from huikuan.context import Context, session_of
from huikuan.core.audit import chain_hash, chain_head, sealed_form
from huikuan.core.models import (
    AuditEntry,
    Delivery,
    DeliveryState,
    Hold,
    HoldStatus,
    IdempotencyRecord,
    ModuleState,
    TenantModule,
)
from huikuan.core.modules import raise_module_epoch
from huikuan.db.within import as_system
from huikuan.errors import SetupError
from huikuan.invariants import run_checks
from huikuan.jobs import job

__all__ = [
    "forget_deliveries",
    "forget_idempotency_keys",
    "lapse_holds",
    "log_audit_head",
    "prepare_module",
    "seal_audit",
]

log = structlog.get_logger("huikuan.audit")
BATCH = 1_000
KEY_RETENTION = timedelta(days=30)
DELIVERY_RETENTION = timedelta(days=30)


@job(every=timedelta(seconds=30))
def seal_audit(ctx: Context) -> None:
    """Give committed audit rows their place in the hash chain."""
    position, previous = chain_head(ctx)
    rows = ctx.scalars(select(AuditEntry).where(AuditEntry.position.is_(None)).order_by(AuditEntry.id).limit(BATCH))
    with as_system(session_of(ctx)):
        for row in rows:
            position += 1
            row.position, row.previous_hash = position, previous
            row.hash = previous = chain_hash(previous, position, sealed_form(row))


@job(every=timedelta(days=1))
def log_audit_head(ctx: Context) -> None:
    """Say in the log how far the chain reaches: kept elsewhere, it shows if the newest rows are cut off."""
    position, last = chain_head(ctx)
    log.info("audit head", tenant=str(ctx.tenant.id), position=position, hash=last)


@job(every=timedelta(hours=1))
def lapse_holds(ctx: Context) -> None:
    """Open holds whose time is over lapse."""
    ctx.execute(
        update(Hold)
        .where(Hold.status == HoldStatus.OPEN, Hold.expires_at <= ctx.now)
        .values(status=HoldStatus.SUPERSEDED, decided_at=ctx.now, reason="lapsed")
        .execution_options(synchronize_session=False)
    )


@job(every=timedelta(days=1))
def forget_idempotency_keys(ctx: Context) -> None:
    """Outcomes are kept 30 days, longer than any client retries; unique references guard beyond that."""
    ctx.execute(
        delete(IdempotencyRecord)
        .where(IdempotencyRecord.created_at < ctx.now - KEY_RETENTION)
        .execution_options(synchronize_session=False)
    )


@job(every=timedelta(days=1))
def forget_deliveries(ctx: Context) -> None:
    """Finished deliveries are kept 30 days; the events themselves stay."""
    ctx.execute(
        delete(Delivery)
        .where(Delivery.state == DeliveryState.DONE, Delivery.updated_at < ctx.now - DELIVERY_RETENTION)
        .execution_options(synchronize_session=False)
    )


@job()
def prepare_module(ctx: Context, module: str) -> None:
    """Build what a newly enabled module derives from history, then let it take part."""
    row = ctx.find(TenantModule, module=module)
    if row is None or row.state is ModuleState.DISABLED:
        return
    _call_own(ctx, "kernel_module_enabled", module, {"module": module})
    ctx.flush()
    if row.state is ModuleState.ENABLED:
        return
    broken = [found for found in run_checks(ctx, _call_own(ctx, "kernel_invariants", module, {})) if not found.holds]
    if broken:
        names = ", ".join(found.name for found in broken)
        raise SetupError(f"{module} has read the history, but does not agree with it: {names}")
    row.state, row.changed_at = ModuleState.ENABLED, ctx.now
    raise_module_epoch(session_of(ctx), ctx.tenant.id)


def _call_own(ctx: Context, hook: str, module: str, arguments: Mapping[str, Any]) -> list[Any]:
    """The answers of one module's implementations of a hook."""
    bus = ctx.composition.bus
    answers: list[Any] = []
    for implementation in bus.implementations(hook):
        if implementation.module == module:
            answers.extend(bus.call_one(ctx, hook, implementation, arguments) or ())
    return answers
