"""What dunning has to do, worked out by hand from postings, promises and disputes, without asking dunning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from huikuan.testing.shop import Shop
from huikuan_receivables.models import Dispute, ItemBalance, PaymentPromise, Posting, ReceivableItem
from huikuan_receivables.snapshots import Account, DisputeState, PromiseState

ZERO = Decimal(0)


@dataclass
class Shadow:
    """How far an item was reminded, as a test has seen it."""

    level: int = 0
    on: date | None = None


def open_by_ledger(tenant: Shop) -> dict[UUID, Decimal]:
    """What is open of each item."""
    with tenant.reading() as ctx:
        rows = ctx.rows(
            select(Posting.item_id, func.sum(Posting.amount).label("open"))
            .where(Posting.account == Account.RECEIVABLE)
            .group_by(Posting.item_id)
        )
    return {row.item_id: row.open for row in rows if row.open}


def unapplied_by_ledger(tenant: Shop) -> dict[UUID, Decimal]:
    """Money of each customer that settles nothing."""
    with tenant.reading() as ctx:
        rows = ctx.rows(
            select(Posting.customer_id, func.sum(Posting.amount).label("sum"))
            .where(Posting.account == Account.UNAPPLIED)
            .group_by(Posting.customer_id)
        )
    return {row.customer_id: -row.sum for row in rows}


def disputed(tenant: Shop) -> set[UUID]:
    """Items with an open dispute."""
    with tenant.reading() as ctx:
        return set(ctx.scalars(select(Dispute.item_id).where(Dispute.state == DisputeState.OPEN)))


def due(tenant: Shop, reminded: Mapping[UUID, Shadow], levels: Sequence[int]) -> set[UUID]:
    """What a run of today has to remind of; ``levels`` are days after the due day."""
    open_, money, objected = open_by_ledger(tenant), unapplied_by_ledger(tenant), disputed(tenant)
    with tenant.reading() as ctx:
        today, items = ctx.today, ctx.scalars(select(ReceivableItem))
        chase = {row.item_id: row.chase_on for row in ctx.rows(select(ItemBalance.item_id, ItemBalance.chase_on))}
        promises = {it.item_id: it for it in ctx.scalars(select(PaymentPromise).where(PaymentPromise.standing))}
    for item in items:
        if open_.get(item.id, ZERO) < 0:
            money[item.customer_id] = money.get(item.customer_id, ZERO) - open_[item.id]
    found = set()
    for item in sorted(items, key=lambda it: (chase[it.id], it.due_on, it.id)):
        left = open_.get(item.id, ZERO)
        if left > 0 and item.id not in objected:
            used = min(left, money.get(item.customer_id, ZERO))
            money[item.customer_id] = money.get(item.customer_id, ZERO) - used
            known, promise = reminded.get(item.id, Shadow()), promises.get(item.id)
            if left > used and known.level < len(levels) and known.on != today:
                day = chase[item.id] + timedelta(days=levels[known.level])
                if _let(promise, known, day, today):
                    found.add(item.id)
    return found


def _let(promise: PaymentPromise | None, known: Shadow, day: date, today: date) -> bool:
    """Whether the level's day has come and no promise stands before it; a broken one brings the day forward."""
    if promise is None:
        return day <= today
    waits = promise.state in (PromiseState.OPEN, PromiseState.PARTLY_KEPT) and today <= promise.until
    broken = promise.state is PromiseState.BROKEN and (known.on is None or known.on <= promise.until)
    return not waits and (day <= today or (broken and promise.until < today))
