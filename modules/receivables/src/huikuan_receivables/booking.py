"""The only place that writes the ledger: entries whose sides come to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.errors import SetupError
from huikuan.money import quantize
from huikuan_receivables.models import Entry, ItemBalance, Posting, ReceivableItem
from huikuan_receivables.snapshots import Account, EntryKind

__all__ = ["Side", "book", "in_base", "portion", "reverse"]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of an entry: a debit if more than 0; ``base`` in the company's currency."""

    account: Account
    customer_id: UUID
    currency: str
    amount: Decimal
    base: Decimal
    item: ItemBalance | ReceivableItem | None = None
    payment_id: UUID | None = None


def book(
    ctx: Context,
    kind: EntryKind,
    on: date,
    source: tuple[str, UUID],
    sides: Iterable[Side],
    *,
    reverses_id: UUID | None = None,
    reason: str | None = None,
) -> Entry:
    """Add an entry with its postings; sides of nothing are left out."""
    written = [side for side in sides if side.amount or side.base]
    _balanced(kind, written)
    entry = ctx.add(
        Entry(kind=kind, on=on, source_type=source[0], source_id=source[1], reverses_id=reverses_id, reason=reason)
    )
    ctx.add_all(
        Posting(
            entry_id=entry.id,
            account=side.account,
            customer_id=side.customer_id,
            item_id=side.item.id if side.item is not None else None,
            payment_id=side.payment_id,
            on=on,
            due_on=side.item.due_on if side.item is not None else None,
            currency=side.currency,
            amount=side.amount,
            base_amount=side.base,
        )
        for side in written
    )
    return entry


def reverse(
    ctx: Context,
    kind: EntryKind,
    on: date,
    source: tuple[str, UUID],
    entry_id: UUID,
    *,
    reason: str | None = None,
) -> tuple[Entry, Sequence[Posting]]:
    """Add the entry that takes another one back, side by side; also returns the sides of that one."""
    before = ctx.scalars(select(Posting).where(Posting.entry_id == entry_id).order_by(Posting.id))
    entry = ctx.add(
        Entry(kind=kind, on=on, source_type=source[0], source_id=source[1], reverses_id=entry_id, reason=reason)
    )
    ctx.add_all(
        Posting(
            entry_id=entry.id,
            account=row.account,
            customer_id=row.customer_id,
            item_id=row.item_id,
            payment_id=row.payment_id,
            on=on,
            due_on=row.due_on,
            currency=row.currency,
            amount=-row.amount,
            base_amount=-row.base_amount,
        )
        for row in before
    )
    return entry, before


def in_base(amount: Decimal, rate: Decimal, rate_units: int, base: str) -> Decimal:
    """An amount at a rate for so many units, rounded to the digits of the company's currency."""
    return quantize(amount * rate / rate_units, base)


def portion(whole: Decimal, part: Decimal, of: Decimal, currency: str) -> Decimal:
    """``whole`` in the proportion of ``part`` to ``of``, rounded; all of it for all."""
    return whole if part == of else quantize(whole * part / of, currency)


def _balanced(kind: EntryKind, sides: Sequence[Side]) -> None:
    sums: dict[str, Decimal] = {}
    for side in sides:
        sums[side.currency] = sums.get(side.currency, ZERO) + side.amount
    if any(sums.values()) or sum((side.base for side in sides), ZERO):
        raise SetupError(f"an entry {kind.name} would not balance: {sides}")
