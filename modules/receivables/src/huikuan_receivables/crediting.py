"""Credit notes: one that takes back an invoice settles that; one without origin is money on the account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan_receivables.allocating import settle_by_credit, settle_by_payment
from huikuan_receivables.applying import shares_of
from huikuan_receivables.booking import portion
from huikuan_receivables.changes import Changes
from huikuan_receivables.models import Allocation, ItemBalance, Payment
from huikuan_receivables.shares import How
from huikuan_receivables.snapshots import AllocationKind, Share
from huikuan_receivables.unallocating import live_allocations, take_back, with_rounding

__all__ = ["BY_ORIGIN", "settle_origin"]

BY_ORIGIN = "ORIGIN"
ZERO = Decimal(0)


def settle_origin(ctx: Context, changes: Changes, origin_id: UUID, credit_note_id: UUID, on: date) -> None:
    """Apply a credit note to the invoice that it takes back; the invoice's account is locked.

    If less than that is open, the newest allocations make room: their money is unapplied again.
    """
    credits = _items(ctx, credit_note_id)
    wanted = -sum((row.open for row in credits), ZERO)
    if not wanted:
        return
    items = _items(ctx, origin_id)
    missing = wanted - sum((row.open for row in items), ZERO)
    last, surplus = _make_room(ctx, changes, origin_id, missing, on) if missing > ZERO else (None, ZERO)
    for credit in credits:
        how = How(rule=BY_ORIGIN, on=on)
        settle_by_credit(ctx, changes, credit, shares_of(items, -credit.open), how, AllocationKind.ORIGIN)
    if last is not None:
        _settle_rest(ctx, changes, last, items, surplus, on)


def _make_room(
    ctx: Context, changes: Changes, origin_id: UUID, missing: Decimal, on: date
) -> tuple[Allocation | None, Decimal]:
    """Take back allocations, the newest first; returns the last one, and by how much it is more than was missing."""
    found: Sequence[Allocation] = live_allocations(
        ctx, Allocation.invoice_id == origin_id, Allocation.kind != AllocationKind.ORIGIN
    )
    taken: set[UUID] = set()
    last = None
    for row in reversed(found):
        if missing <= ZERO:
            break
        if row.id in taken:
            continue
        rows = [it for it in with_rounding(ctx, row) if it.id not in taken]
        taken.update(it.id for it in rows)
        missing -= sum((it.amount for it in rows), ZERO)
        take_back(ctx, changes, rows, on, "The invoice was credited.")
        last = row
    return last, -missing


def _settle_rest(
    ctx: Context, changes: Changes, last: Allocation, items: Sequence[ItemBalance], surplus: Decimal, on: date
) -> None:
    """What of the last allocation was not in the way settles the invoice again."""
    shares = shares_of(items, min(surplus, last.amount))
    how = How(rule=last.rule, score=last.score, reason=last.reason, on=max(on, last.on), round_off=False)
    if last.kind is AllocationKind.CREDIT and last.credit_item_id is not None:
        settle_by_credit(ctx, changes, ctx.get(ItemBalance, last.credit_item_id), shares, how, last.kind)
    elif last.kind is AllocationKind.PAYMENT and last.payment_id is not None:
        if last.currency != last.source_currency:
            shares = [_priced(share, last) for share in shares]
        settle_by_payment(ctx, changes, ctx.get(Payment, last.payment_id), shares, how)


def _priced(share: Share, last: Allocation) -> Share:
    """The share at the rate of the allocation that was taken back."""
    cost = portion(last.source_amount, share.amount, last.amount, last.source_currency)
    return Share(item_id=share.item_id, amount=share.amount, source_amount=cost)


def _items(ctx: Context, invoice_id: UUID) -> list[ItemBalance]:
    statement = select(ItemBalance).where(ItemBalance.invoice_id == invoice_id)
    return list(ctx.scalars(statement.order_by(ItemBalance.due_on, ItemBalance.sequence)))
