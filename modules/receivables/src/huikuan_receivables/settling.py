"""What commands and other modules do with payments: lock the accounts, settle, take back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan.money import Money
from huikuan_customers.api import customer_lock
from huikuan_receivables.allocating import settle_by_payment
from huikuan_receivables.applying import BY_AGE, BY_DOCUMENT, applies_by_itself, candidates, oldest_first
from huikuan_receivables.changes import Changes, item_balances
from huikuan_receivables.choosing import chosen_shares, items_named
from huikuan_receivables.inputs import PaymentAllocationInput
from huikuan_receivables.models import Allocation, Payment
from huikuan_receivables.paying import NewPayment, past_day, record, same_payment
from huikuan_receivables.refunding import refund_payment
from huikuan_receivables.shares import How
from huikuan_receivables.snapshots import PaymentStatus, RefundKind, Share
from huikuan_receivables.tolerance import tolerance
from huikuan_receivables.unallocating import check_live, take_back, with_rounding

__all__ = [
    "allocate",
    "apply_by_itself",
    "lock_accounts",
    "lock_for_applying",
    "lock_invoices",
    "record_payment",
    "settle_chosen",
    "unallocate",
]

ZERO = Decimal(0)


def lock_accounts(ctx: Context, customer_ids: Collection[UUID], item_ids: Collection[UUID] = ()) -> None:
    """Lock these accounts and those of the items; asked again for what is locked already it does nothing."""
    found = {balance.customer_id for balance in item_balances(ctx, item_ids).values()}
    ctx.lock(customer_lock(id) for id in {*customer_ids, *found})


def lock_for_applying(
    ctx: Context, customer_id: UUID, item_ids: Collection[UUID], currency: str, document_id: UUID | None
) -> None:
    """Lock all accounts that a payment of this customer may settle by itself, and those of the items.

    Within a command that holds its locks already it settles what they cover.
    """
    if ctx.work.locked is not None:
        lock_accounts(ctx, [customer_id], item_ids)
        return
    others = {row.customer_id for row in candidates(ctx, customer_id, currency, document_id=document_id)}
    lock_accounts(ctx, {customer_id, *others}, item_ids)


def record_payment(
    ctx: Context, new: NewPayment, shares: Sequence[Share] | None = None, how: How | None = None
) -> Payment:
    """Record a payment and let it settle these shares; without shares what is due first, as the settings say.

    Recorded again with the same reference and content it is the payment that is there. Locks the accounts
    concerned, unless the caller has locked them; pass ``[]`` to settle nothing.
    """
    item_ids = [share.item_id for share in shares or ()]
    if shares is None and new.status is PaymentStatus.SUCCEEDED:
        lock_for_applying(ctx, new.customer_id, item_ids, new.amount.currency, new.source_id)
    else:
        lock_accounts(ctx, [new.customer_id], item_ids)
    content = [new, list(shares) if shares is not None else None]
    known = same_payment(ctx, new.reference, content)
    if known is not None:
        return known
    payment = record(ctx, new, content)
    if payment.status is not PaymentStatus.SUCCEEDED:
        return payment
    changes = Changes(ctx)
    if shares is None:
        apply_by_itself(ctx, changes, payment, payment.received_on)
    else:
        settle_by_payment(ctx, changes, payment, shares, replace(how or How(), on=payment.received_on))
    changes.finish()
    return payment


def apply_by_itself(ctx: Context, changes: Changes, payment: Payment, on: date, *, always: bool = False) -> None:
    """Settle the payment's own document, or else what is due first if the settings say so or ``always``."""
    document, currency = payment.source_id, payment.amount.currency
    if document is None and not (always or applies_by_itself(ctx)):
        return
    items = candidates(ctx, payment.customer_id, currency, document_id=document)
    held = _locked(ctx)
    shares = oldest_first(ctx, payment, [row for row in items if row.customer_id in held])
    rule = BY_AGE if document is None else BY_DOCUMENT
    settle_by_payment(ctx, changes, payment, shares, How(rule=rule, on=on))
    if document is None and ZERO < payment.unapplied <= tolerance(ctx, currency):
        ctx.flush()
        if not candidates(ctx, payment.customer_id, currency):
            reason = "too little to be paid back"
            refund_payment(ctx, payment, payment.unapplied, on, reason, kind=RefundKind.KEPT)


def settle_chosen(
    ctx: Context,
    changes: Changes,
    payment: Payment,
    wanted: Sequence[PaymentAllocationInput],
    on: date,
    reason: str | None = None,
) -> list[Allocation]:
    """Settle the invoices that a caller names; the accounts are locked."""
    shares = chosen_shares(ctx, wanted, Money(payment.unapplied, payment.amount.currency), payment)
    return settle_by_payment(ctx, changes, payment, shares, How(reason=reason, on=on))


def lock_invoices(ctx: Context, customer_ids: Collection[UUID], invoice_ids: Collection[UUID]) -> None:
    """Lock these accounts and those of the invoices."""
    named = items_named(ctx, list(invoice_ids)) if invoice_ids else {}
    found = {row.customer_id for rows in named.values() for row in rows}
    lock_accounts(ctx, {*customer_ids, *found})


def allocate(
    ctx: Context,
    payment_id: UUID,
    shares: Sequence[Share],
    *,
    rule: str = "HAND",
    score: int | None = None,
    reason: str | None = None,
    on: date | None = None,
    round_off: bool = True,
) -> list[Allocation]:
    """Let a payment settle shares of items, all or none: each at most what is open, together at most what is unapplied.

    Locks the accounts, unless the caller has locked them. What is within a discount for early payment or the
    tolerance is closed along with it.
    """
    payment = ctx.get(Payment, payment_id)
    lock_accounts(ctx, [payment.customer_id], [share.item_id for share in shares])
    changes = Changes(ctx)
    day = past_day(ctx, on, "on")
    how = How(rule=rule, score=score, reason=reason, on=day, round_off=round_off)
    made = settle_by_payment(ctx, changes, ctx.get(Payment, payment_id), shares, how)
    changes.finish()
    return made


def unallocate(ctx: Context, allocation_id: UUID, reason: str, *, on: date | None = None) -> list[Allocation]:
    """Take back exactly one allocation, with what was rounded off along with it; returns the rows that reverse them."""
    allocation = ctx.get(Allocation, allocation_id)
    accounts = {allocation.customer_id}
    if allocation.payment_id is not None:
        accounts.add(ctx.get(Payment, allocation.payment_id).customer_id)
    credit = [allocation.credit_item_id] if allocation.credit_item_id is not None else []
    lock_accounts(ctx, accounts, credit)
    check_live(ctx, allocation)
    day = past_day(ctx, on, "on", since=allocation.on)
    changes = Changes(ctx)
    made = take_back(ctx, changes, with_rounding(ctx, allocation), day, reason)
    changes.finish()
    return made


def _locked(ctx: Context) -> set[UUID]:
    """The accounts that this command has locked."""
    return {key.id for key in ctx.work.locked or ()}
