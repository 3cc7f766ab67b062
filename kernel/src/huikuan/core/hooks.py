"""The kernel's own implementations of its hooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.core.audit import broken_links
from huikuan.core.errors import SETTING_INVALID
from huikuan.core.models import AuditEntry, IdempotencyRecord, OutboxEvent
from huikuan.errors import Refusal
from huikuan.hooks import hookimpl
from huikuan.invariants import Invariant

__all__ = ["kernel_before_setting", "kernel_invariants"]


@hookimpl
def kernel_before_setting(key: str, value: str | int | bool) -> Refusal | None:
    """A time zone must be one that this machine knows."""
    if key != "kernel.timezone" or value in available_timezones():
        return None
    return Refusal(
        SETTING_INVALID,
        f"{value!r} is no time zone.",
        field="value",
        advice="Name one such as Europe/Berlin or Asia/Shanghai.",
    )


@hookimpl
def kernel_invariants(ctx: Context) -> Iterable[Invariant]:
    """I12 and I14 of the kernel's own tables."""
    return [
        Invariant(
            "kernel.event-sequence",
            "The events of each aggregate are numbered 1, 2, … without a hole.",
            _broken_sequences,
        ),
        Invariant("kernel.event-audit", "Every event belongs to an audit row.", _events_without_audit),
        Invariant(
            "kernel.feed-gapless",
            "Positions of the event feed are 1, 2, … without a hole.",
            _broken_positions,
        ),
        Invariant("kernel.audit-chain", "The hash chain of the audit trail is unbroken.", broken_links),
        Invariant("kernel.idempotency-outcome", "Every idempotency row holds its outcome.", _without_outcome),
    ]


def _broken_sequences(ctx: Context) -> Sequence[UUID]:
    return ctx.scalars(
        select(OutboxEvent.aggregate_id)
        .group_by(OutboxEvent.aggregate_id)
        .having(func.max(OutboxEvent.sequence) != func.count(OutboxEvent.id))
    )


def _events_without_audit(ctx: Context) -> Sequence[UUID]:
    audited = select(AuditEntry.id).where(AuditEntry.id == OutboxEvent.audit_id).exists()
    return ctx.scalars(select(OutboxEvent.id).where(~audited))


def _broken_positions(ctx: Context) -> Sequence[UUID]:
    last = ctx.scalar(select(func.max(OutboxEvent.position)))
    count = ctx.scalar(select(func.count(OutboxEvent.position)))
    if (last or 0) == (count or 0):
        return ()
    return ctx.scalars(select(OutboxEvent.id).where(OutboxEvent.position == last))


def _without_outcome(ctx: Context) -> Sequence[UUID]:
    return ctx.scalars(select(IdempotencyRecord.id).where(IdempotencyRecord.outcome.is_(None)))
