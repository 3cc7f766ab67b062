"""How customers stand and pay, for whoever judges them: many at once, by currency."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from huikuan.context import Context
from huikuan_receivables.models import Allocation, Dispute, ItemBalance, Payment, PaymentPromise
from huikuan_receivables.snapshots import (
    AllocationKind,
    DisputeState,
    PayerRecord,
    PaymentStatus,
    PromiseState,
)
from huikuan_receivables.standing import last_steps

__all__ = ["payer_records"]

YEAR, RECENT = timedelta(days=365), timedelta(days=90)
HUNDRED, ZERO = Decimal(100), Decimal(0)

Key = tuple[UUID, str]


@dataclass(slots=True)
class _Delays:
    """Amounts and days late, added up."""

    amount: Decimal = ZERO
    weighted: Decimal = ZERO
    late: Decimal = ZERO

    def add(self, days: int, amount: Decimal) -> None:
        self.amount += amount
        self.weighted += amount * days
        self.late += amount if days > 0 else ZERO

    @property
    def average(self) -> Decimal | None:
        return round(self.weighted / self.amount, 2) if self.amount > ZERO else None

    @property
    def percent(self) -> Decimal | None:
        return round(self.late * HUNDRED / self.amount, 2) if self.amount > ZERO else None


def payer_records(ctx: Context, customer_ids: Collection[UUID]) -> list[PayerRecord]:
    """How these customers stand and pay, by currency; those who were never invoiced are left out.

    A fixed number of statements, however many customers.
    """
    if not customer_ids:
        return []
    items = _items(ctx, customer_ids)
    usual, recent = _delays(ctx, customer_ids)
    levels = _levels(ctx, customer_ids)
    broken, disputes, bounced = (_broken(ctx, customer_ids), _disputes(ctx, customer_ids), _bounced(ctx, customer_ids))
    none = _Delays()
    return [
        PayerRecord(
            customer_id=key[0],
            currency=key[1],
            open=row.open,
            overdue=row.overdue,
            oldest_due_on=row.oldest_due_on,
            oldest_issued_on=row.oldest_issued_on,
            dunning_level=levels.get(key, 0),
            delay_days=usual.get(key, none).average,
            recent_delay_days=recent.get(key, none).average,
            late_percent=usual.get(key, none).percent,
            broken_promises=broken.get(key, 0),
            disputes=disputes.get(key, 0),
            bounced=bounced.get(key, 0),
            invoiced_90_days=row.invoiced,
            since=row.since,
        )
        for key, row in sorted(items.items(), key=lambda item: str(item[0]))
    ]


def _items(ctx: Context, customer_ids: Collection[UUID]) -> dict[Key, Any]:
    late = (ItemBalance.open > 0) & (ItemBalance.due_on < ctx.today)
    rows = ctx.rows(
        select(
            ItemBalance.customer_id,
            ItemBalance.currency,
            func.sum(ItemBalance.open).label("open"),
            func.sum(case((late, ItemBalance.open), else_=0)).label("overdue"),
            func.min(case((late, ItemBalance.due_on))).label("oldest_due_on"),
            func.min(case((ItemBalance.open > 0, ItemBalance.issued_on))).label("oldest_issued_on"),
            func.sum(case((ItemBalance.issued_on > ctx.today - RECENT, ItemBalance.amount), else_=0)).label("invoiced"),
            func.min(ItemBalance.issued_on).label("since"),
        )
        .where(ItemBalance.customer_id.in_(customer_ids))
        .group_by(ItemBalance.customer_id, ItemBalance.currency)
    )
    return {(row.customer_id, row.currency): row for row in rows}


def _delays(ctx: Context, customer_ids: Collection[UUID]) -> tuple[dict[Key, _Delays], dict[Key, _Delays]]:
    """What was paid and what is overdue: of a year, and of 90 days."""
    usual: dict[Key, _Delays] = {}
    recent: dict[Key, _Delays] = {}
    for row in [*_paid(ctx, customer_ids), *_overdue(ctx, customer_ids)]:
        key, on = (row.customer_id, row.currency), row.on or ctx.today
        days = (on - row.due_on).days
        usual.setdefault(key, _Delays()).add(days, row.amount)
        if on > ctx.today - RECENT:
            recent.setdefault(key, _Delays()).add(days, row.amount)
    return usual, recent


@dataclass(frozen=True, slots=True)
class _Delay:
    customer_id: UUID
    currency: str
    due_on: date
    on: date | None
    amount: Decimal


def _paid(ctx: Context, customer_ids: Collection[UUID]) -> list[_Delay]:
    back = aliased(Allocation)
    reversed_ = (back.reverses_id == Allocation.id) & (back.tenant_id == Allocation.tenant_id)
    item = (ItemBalance.item_id == Allocation.item_id) & (ItemBalance.tenant_id == Allocation.tenant_id)
    rows = ctx.rows(
        select(
            Allocation.customer_id,
            Allocation.currency,
            ItemBalance.due_on,
            Allocation.on,
            func.sum(Allocation.amount).label("amount"),
        )
        .join(ItemBalance, item)
        .outerjoin(back, reversed_)
        .where(
            Allocation.customer_id.in_(customer_ids),
            Allocation.kind == AllocationKind.PAYMENT,
            Allocation.on >= ctx.today - YEAR,
            Allocation.reverses_id.is_(None),
            back.id.is_(None),
        )
        .group_by(Allocation.customer_id, Allocation.currency, ItemBalance.due_on, Allocation.on)
    )
    return [_Delay(*row) for row in rows]


def _overdue(ctx: Context, customer_ids: Collection[UUID]) -> list[_Delay]:
    rows = ctx.rows(
        select(
            ItemBalance.customer_id,
            ItemBalance.currency,
            ItemBalance.due_on,
            func.sum(ItemBalance.open).label("amount"),
        )
        .where(ItemBalance.customer_id.in_(customer_ids), ItemBalance.open > 0, ItemBalance.due_on < ctx.today)
        .group_by(ItemBalance.customer_id, ItemBalance.currency, ItemBalance.due_on)
    )
    return [_Delay(row.customer_id, row.currency, row.due_on, None, row.amount) for row in rows]


def _levels(ctx: Context, customer_ids: Collection[UUID]) -> dict[Key, int]:
    """The highest level of what is open."""
    steps = last_steps(ctx, customer_ids)
    if not steps:
        return {}
    rows = ctx.rows(
        select(ItemBalance.item_id, ItemBalance.currency).where(
            ItemBalance.customer_id.in_(customer_ids), ItemBalance.open > 0
        )
    )
    currencies = {row.item_id: row.currency for row in rows}
    found: dict[Key, int] = {}
    for id, step in steps.items():
        key = (step.customer_id, currencies[id])
        found[key] = max(found.get(key, 0), step.level)
    return found


def _broken(ctx: Context, customer_ids: Collection[UUID]) -> dict[Key, int]:
    rows = ctx.rows(
        select(PaymentPromise.customer_id, PaymentPromise.currency, func.count(PaymentPromise.id).label("times"))
        .where(
            PaymentPromise.customer_id.in_(customer_ids),
            PaymentPromise.state == PromiseState.BROKEN,
            PaymentPromise.until >= ctx.today - YEAR,
        )
        .group_by(PaymentPromise.customer_id, PaymentPromise.currency)
    )
    return {(row.customer_id, row.currency): row.times for row in rows}


def _disputes(ctx: Context, customer_ids: Collection[UUID]) -> dict[Key, int]:
    rows = ctx.rows(
        select(Dispute.customer_id, Dispute.currency, func.count(Dispute.id).label("times"))
        .where(Dispute.customer_id.in_(customer_ids), Dispute.state == DisputeState.OPEN)
        .group_by(Dispute.customer_id, Dispute.currency)
    )
    return {(row.customer_id, row.currency): row.times for row in rows}


def _bounced(ctx: Context, customer_ids: Collection[UUID]) -> dict[Key, int]:
    rows = ctx.rows(
        select(Payment.customer_id, Payment.amount_currency.label("currency"), func.count(Payment.id).label("times"))
        .where(
            Payment.customer_id.in_(customer_ids),
            Payment.status == PaymentStatus.BOUNCED,
            Payment.ended_on >= ctx.today - YEAR,
        )
        .group_by(Payment.customer_id, Payment.amount_currency)
    )
    return {(row.customer_id, row.currency): row.times for row in rows}
