"""Credit notes: one that takes back an invoice settles that; one without origin is money on the account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan_receivables.allocating import settle_by_credit
from huikuan_receivables.applying import shares_of
from huikuan_receivables.changes import Changes
from huikuan_receivables.models import Allocation, ItemBalance
from huikuan_receivables.shares import How
from huikuan_receivables.snapshots import AllocationKind
from huikuan_receivables.unallocating import live_allocations, take_back, with_rounding

__all__ = ["BY_ORIGIN", "settle_origin"]

BY_ORIGIN = "ORIGIN"
ZERO = Decimal(0)


def settle_origin(ctx: Context, changes: Changes, origin_id: UUID, credit_note_id: UUID, on: date) -> None:
    """Apply a credit note to the invoice that it takes back; the invoice's account is locked.

    If less than that is open, the newest allocations are taken back first: their money is unapplied again.
    """
    credits = _items(ctx, credit_note_id)
    wanted = -sum((row.open for row in credits), ZERO)
    if not wanted:
        return
    items = _items(ctx, origin_id)
    missing = wanted - sum((row.open for row in items), ZERO)
    if missing > ZERO:
        _make_room(ctx, changes, origin_id, missing, on)
    for credit in credits:
        shares = shares_of(items, -credit.open)
        how = How(rule=BY_ORIGIN, on=on)
        settle_by_credit(ctx, changes, credit, shares, how, AllocationKind.ORIGIN)


def _make_room(ctx: Context, changes: Changes, origin_id: UUID, missing: Decimal, on: date) -> None:
    found: Sequence[Allocation] = live_allocations(
        ctx, Allocation.invoice_id == origin_id, Allocation.kind != AllocationKind.ORIGIN
    )
    taken: set[UUID] = set()
    for row in reversed(found):
        if missing <= ZERO:
            break
        if row.id in taken:
            continue
        rows = [it for it in with_rounding(ctx, row) if it.id not in taken]
        taken.update(it.id for it in rows)
        missing -= sum((it.amount for it in rows), ZERO)
        take_back(ctx, changes, rows, on, "The invoice was credited.")


def _items(ctx: Context, invoice_id: UUID) -> list[ItemBalance]:
    statement = select(ItemBalance).where(ItemBalance.invoice_id == invoice_id)
    return list(ctx.scalars(statement.order_by(ItemBalance.due_on, ItemBalance.sequence)))
