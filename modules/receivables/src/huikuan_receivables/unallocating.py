"""Taking back what settles an item: exactly one allocation, with what was rounded off along with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.money import Money
from huikuan_receivables.booking import reverse
from huikuan_receivables.changes import Changes, item_balances
from huikuan_receivables.drawing import give_back
from huikuan_receivables.errors import ALLOCATION_BOUND, ALLOCATION_ENDED
from huikuan_receivables.events import AllocationReversed
from huikuan_receivables.models import Allocation, Payment
from huikuan_receivables.snapshots import AllocationKind, EntryKind

__all__ = ["check_live", "live_allocations", "take_back", "with_rounding"]


def live_allocations(ctx: Context, *conditions: object) -> Sequence[Allocation]:
    """Allocations that nothing took back, the oldest first."""
    other = aliased(Allocation)
    taken = exists(select(other.id).where(other.reverses_id == Allocation.id, other.tenant_id == Allocation.tenant_id))
    statement = select(Allocation).where(Allocation.reverses_id.is_(None), ~taken, *conditions)  # type: ignore[arg-type]
    return ctx.scalars(statement.order_by(Allocation.id))


def with_rounding(ctx: Context, allocation: Allocation) -> list[Allocation]:
    """The allocation, and what closed the rest of the item by itself when it was made."""
    found = [allocation]
    if allocation.payment_id is not None and allocation.kind is AllocationKind.PAYMENT:
        found += live_allocations(
            ctx,
            Allocation.payment_id == allocation.payment_id,
            Allocation.item_id == allocation.item_id,
            Allocation.kind != AllocationKind.PAYMENT,
            Allocation.created_at == allocation.created_at,
        )
    return found


def check_live(ctx: Context, allocation: Allocation) -> None:
    """Refuse what was taken back already, and what cannot be."""
    if allocation.reverses_id is not None or ctx.exists(Allocation, reverses_id=allocation.id):
        ctx.refuse(Refusal(ALLOCATION_ENDED, "The allocation was taken back already."))
    if allocation.kind is AllocationKind.ORIGIN:
        ctx.refuse(
            Refusal(
                ALLOCATION_BOUND,
                "The credit note takes back this very invoice.",
                advice="Write a new invoice if it should be paid after all.",
            )
        )


def take_back(
    ctx: Context, changes: Changes, allocations: Sequence[Allocation], on: date, reason: str | None
) -> list[Allocation]:
    """Reverse these allocations; the accounts are locked. ``changes.finish`` comes later."""
    ids = {row.item_id for row in allocations} | {row.credit_item_id for row in allocations if row.credit_item_id}
    balances = item_balances(ctx, ids)
    made = []
    for row in allocations:
        day = max(on, row.on)
        made.append(_reversal(ctx, row, day, reason))
        balance = balances[row.item_id]
        changes.shift(balance, row.amount, row.base_amount, day, EntryKind.UNALLOCATION)
        if row.credit_item_id is not None:
            credit = balances[row.credit_item_id]
            changes.shift(credit, -row.amount, -row.base_amount, day, EntryKind.UNALLOCATION)
        elif row.kind is AllocationKind.PAYMENT:
            give_back(ctx, ctx.get(Payment, row.payment_id), row.source_amount, row.base_amount)  # type: ignore[arg-type]
        ctx.emit(
            AllocationReversed(
                invoice_id=row.invoice_id,
                customer_id=row.customer_id,
                allocation_id=row.id,
                payment_id=row.payment_id,
                kind=row.kind,
                amount=Money(row.amount, row.currency),
                open=Money(balance.open, row.currency),
                on=day,
            )
        )
    return made


def _reversal(ctx: Context, row: Allocation, on: date, reason: str | None) -> Allocation:
    mirror = Allocation(
        payment_id=row.payment_id,
        credit_item_id=row.credit_item_id,
        item_id=row.item_id,
        invoice_id=row.invoice_id,
        customer_id=row.customer_id,
        kind=row.kind,
        on=on,
        currency=row.currency,
        amount=-row.amount,
        source_currency=row.source_currency,
        source_amount=-row.source_amount,
        base_amount=-row.base_amount,
        cause=row.cause,
        rule=row.rule,
        score=row.score,
        reason=reason,
        reverses_id=row.id,
    )
    entry, _ = reverse(ctx, EntryKind.UNALLOCATION, on, ("Allocation", mirror.id), row.entry_id, reason=reason)
    mirror.entry_id = entry.id
    return ctx.add(mirror)
