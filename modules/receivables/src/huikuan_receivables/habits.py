"""How customers pay, told by what they paid: the average delay, weighted by amount."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from huikuan.context import Context
from huikuan_receivables.models import Allocation, ItemBalance, ReceivableItem
from huikuan_receivables.snapshots import AllocationKind, PayerRating

__all__ = ["average_delays", "delays", "grade", "habitual_ratings"]

YEAR = timedelta(days=365)
GRADES = ((30, "A"), (60, "B"), (90, "C"))
ZERO = Decimal(0)


def grade(delay: Decimal) -> str:
    """A up to 30 days late on average, B up to 60, C up to 90, D beyond."""
    return next((name for days, name in GRADES if delay <= days), "D")


def habitual_ratings(ctx: Context, customer_ids: Collection[UUID]) -> list[PayerRating]:
    """Grades by habit; customers that neither paid within a year nor owe anything overdue have none."""
    return [PayerRating(customer_id=id, grade=grade(delay)) for id, delay in average_delays(ctx, customer_ids).items()]


def average_delays(ctx: Context, customer_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """Days from due day to payment, weighted by amount, of a year; early is negative, overdue counts as paid today."""
    weights: dict[UUID, tuple[Decimal, Decimal]] = {}
    for customer_id, days, amount in delays(ctx, customer_ids):
        total, weighted = weights.get(customer_id, (ZERO, ZERO))
        weights[customer_id] = (total + amount, weighted + amount * days)
    return {id: weighted / total for id, (total, weighted) in weights.items() if total > 0}


def delays(ctx: Context, customer_ids: Collection[UUID]) -> list[tuple[UUID, int, Decimal]]:
    """What that average is made of: customer, days late, and amount in the company's currency. Two statements."""
    return [*_paid(ctx, customer_ids), *_overdue(ctx, customer_ids)]


def _paid(ctx: Context, customer_ids: Collection[UUID]) -> list[tuple[UUID, int, Decimal]]:
    back = aliased(Allocation)
    reversed_ = (back.reverses_id == Allocation.id) & (back.tenant_id == Allocation.tenant_id)
    item = (ReceivableItem.id == Allocation.item_id) & (ReceivableItem.tenant_id == Allocation.tenant_id)
    rows = ctx.rows(
        select(
            Allocation.customer_id,
            Allocation.on,
            ReceivableItem.due_on,
            func.sum(Allocation.base_amount).label("amount"),
        )
        .join(ReceivableItem, item)
        .outerjoin(back, reversed_)
        .where(
            Allocation.customer_id.in_(customer_ids),
            Allocation.kind == AllocationKind.PAYMENT,
            Allocation.on >= ctx.today - YEAR,
            Allocation.reverses_id.is_(None),
            back.id.is_(None),
        )
        .group_by(Allocation.customer_id, Allocation.on, ReceivableItem.due_on)
    )
    return [(row.customer_id, (row.on - row.due_on).days, row.amount) for row in rows]


def _overdue(ctx: Context, customer_ids: Collection[UUID]) -> list[tuple[UUID, int, Decimal]]:
    rows = ctx.rows(
        select(ItemBalance.customer_id, ItemBalance.due_on, func.sum(ItemBalance.base_open).label("amount"))
        .where(ItemBalance.customer_id.in_(customer_ids), ItemBalance.open > 0, ItemBalance.due_on < ctx.today)
        .group_by(ItemBalance.customer_id, ItemBalance.due_on)
    )
    return [(row.customer_id, (ctx.today - row.due_on).days, row.amount) for row in rows]
