"""Promises to pay: judged by what the ledger says came in time, whenever a payment comes or goes, and every day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.money import Money
from huikuan_receivables.events import PromiseJudged
from huikuan_receivables.judging import judge
from huikuan_receivables.models import Allocation, PaymentPromise, ReceivableItem
from huikuan_receivables.snapshots import AllocationKind, PromiseState

__all__ = ["judge_promises", "overdue_promises", "standing_promises", "verdicts"]

ZERO = Decimal(0)
PAID = (AllocationKind.PAYMENT, AllocationKind.DISCOUNT)
UNDECIDED = (PromiseState.OPEN, PromiseState.PARTLY_KEPT)


def standing_promises(ctx: Context, item_ids: Collection[UUID]) -> Sequence[PaymentPromise]:
    """The promises of these items that were neither withdrawn nor replaced."""
    if not item_ids:
        return []
    statement = select(PaymentPromise).where(PaymentPromise.item_id.in_(item_ids), PaymentPromise.standing.is_(True))
    return ctx.once(("receivables.promises", *item_ids), lambda: ctx.scalars(statement), PaymentPromise)


def overdue_promises(ctx: Context, limit: int) -> Sequence[PaymentPromise]:
    """Promises whose last day has passed and that are not judged yet."""
    return ctx.scalars(
        select(PaymentPromise)
        .where(
            PaymentPromise.standing.is_(True),
            PaymentPromise.state == PromiseState.OPEN,
            PaymentPromise.until < ctx.today,
        )
        .order_by(PaymentPromise.id)
        .limit(limit)
    )


def judge_promises(ctx: Context, promises: Sequence[PaymentPromise]) -> None:
    """Bring promises in line with the ledger, and tell which ones changed."""
    for promise, (state, paid) in verdicts(ctx, promises):
        if (promise.state, promise.paid) == (state, paid):
            continue
        told = promise.state is not state
        promise.state, promise.paid = state, paid
        if told:
            ctx.emit(
                PromiseJudged(
                    promise_id=promise.id,
                    item_id=promise.item_id,
                    customer_id=promise.customer_id,
                    state=state,
                    amount=Money(promise.amount, promise.currency),
                    paid=Money(paid, promise.currency),
                )
            )


def verdicts(
    ctx: Context, promises: Sequence[PaymentPromise]
) -> list[tuple[PaymentPromise, tuple[PromiseState, Decimal]]]:
    """What the ledger says of each promise today: its state, and what came in time."""
    if not promises:
        return []
    ids = {promise.item_id for promise in promises}
    amounts = {row.id: row.amount for row in ctx.scalars(select(ReceivableItem).where(ReceivableItem.id.in_(ids)))}
    settled = _settled(ctx, ids)
    found = []
    for promise in promises:
        in_time = [row for row in settled.get(promise.item_id, ()) if row.on <= promise.until]
        paid = _sum(row for row in in_time if row.id > promise.id and row.kind in PAID)
        left = amounts[promise.item_id] - _sum(in_time)
        found.append((promise, (judge(promise.amount, paid, left, ctx.today, promise.until), paid)))
    return found


def _settled(ctx: Context, item_ids: Collection[UUID]) -> dict[UUID, list[Allocation]]:
    """Allocations that stand; what was taken back never came."""
    rows = ctx.scalars(select(Allocation).where(Allocation.item_id.in_(item_ids)))
    taken_back = {row.reverses_id for row in rows}
    found: dict[UUID, list[Allocation]] = {}
    for row in rows:
        if row.reverses_id is None and row.id not in taken_back:
            found.setdefault(row.item_id, []).append(row)
    return found


def _sum(rows: Iterable[Allocation]) -> Decimal:
    return sum((row.amount for row in rows), ZERO)
