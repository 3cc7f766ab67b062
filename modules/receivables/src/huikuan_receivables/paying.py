"""Payments from their record to their end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from huikuan.codec import digest
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import Money
from huikuan_receivables.booking import Side, book, reverse
from huikuan_receivables.changes import Changes
from huikuan_receivables.drawing import arrive, end
from huikuan_receivables.errors import (
    REFERENCE_TAKEN,
    REFUNDED,
    WRONG_STATE,
)
from huikuan_receivables.events import (
    PaymentBounced,
    PaymentFailed,
    PaymentRecorded,
    PaymentSucceeded,
    PaymentUnknown,
    PaymentVoided,
)
from huikuan_receivables.models import Allocation, Entry, Payment
from huikuan_receivables.payment_checks import NewPayment, check_new, past_day
from huikuan_receivables.refunding import live_refunds, take_refund_back
from huikuan_receivables.snapshots import Account, EntryKind, PaymentStatus, RefundKind
from huikuan_receivables.states import may_become
from huikuan_receivables.unallocating import live_allocations, take_back

__all__ = [
    "Departure",
    "NewPayment",
    "become_bounced",
    "become_failed",
    "become_succeeded",
    "become_unknown",
    "become_void",
    "check_change",
    "past_day",
    "record",
    "same_payment",
]

ONE = Decimal(1)
ZERO = Decimal(0)


class Departure(NamedTuple):
    """How a payment left the ledger: by this entry; and what it had settled until then."""

    entry: Entry
    settled: list[Allocation]


def same_payment(ctx: Context, reference: str | None, content: object) -> Payment | None:
    """The payment that was recorded from this very content before; refuses the reference of another one."""
    if reference is None:
        return None
    if not reference.strip():
        raise BadInput("A reference is not empty; leave it out instead.", field="reference")
    found = ctx.find(Payment, reference=reference)
    if found is not None and found.input_hash != digest(content):
        ctx.refuse(
            Refusal(
                REFERENCE_TAKEN,
                f"Payment {found.number} of {found.amount} has the reference {reference!r}, with other content.",
                field="reference",
                advice="It is that payment, or it needs a reference of its own.",
                payment=found.id,
            )
        )
    return found


def record(ctx: Context, new: NewPayment, content: object) -> Payment:
    """Add a payment; the customer is locked, and ``same_payment`` was asked. ``content``: what is hashed."""
    received_on = new.received_on or ctx.today
    rate, base = check_new(ctx, new, received_on)
    payment = ctx.add(
        Payment(
            customer_id=new.customer_id,
            status=PaymentStatus.RECORDED,
            method=new.method,
            amount=new.amount,
            rate=rate,
            rate_units=new.rate_units,
            rate_on=new.rate_on or received_on,
            base_amount=base,
            received_on=received_on,
            reference=new.reference,
            input_hash=digest(content),
            source_type=new.source_type,
            source_id=new.source_id,
            bank_line_id=new.bank_line_id,
            unapplied=ZERO,
            base_unapplied=ZERO,
        )
    )
    prefix = str(ctx.setting("receivables.payment_prefix"))
    ctx.number("receivables:payment", payment, format=lambda value: f"{prefix}{value:06d}")
    ctx.emit(
        PaymentRecorded(
            payment_id=payment.id,
            customer_id=payment.customer_id,
            status=new.status,
            method=payment.method,
            amount=payment.amount,
            received_on=received_on,
            source_type=payment.source_type,
            source_id=payment.source_id,
        )
    )
    if new.status is PaymentStatus.SUCCEEDED:
        become_succeeded(ctx, payment)
    elif new.status is PaymentStatus.UNKNOWN:
        become_unknown(ctx, payment, "recorded as unknown")
    return payment


def check_change(ctx: Context, payment: Payment, status: PaymentStatus) -> bool:
    """Whether a payment is still to become that; refuses where it cannot any more."""
    if payment.status is status:
        return False
    if not may_become(payment.status, status):
        ctx.refuse(
            Refusal(
                WRONG_STATE,
                f"Payment {payment.number} is {payment.status.name}; it does not become {status.name}.",
                advice="A payment that came and was taken back has bounced; one that never came has failed.",
            )
        )
    return True


def become_succeeded(ctx: Context, payment: Payment, received_on: date | None = None) -> None:
    """The money is here: it stands in the ledger, and settles nothing yet."""
    if received_on is not None:
        payment.received_on = received_on
    payment.status = PaymentStatus.SUCCEEDED
    payment.unapplied, payment.base_unapplied = payment.amount.amount, payment.base_amount
    cash, own = (
        Side(
            account=account,
            customer_id=payment.customer_id,
            currency=payment.amount.currency,
            amount=sign * payment.amount.amount,
            base=sign * payment.base_amount,
            payment_id=payment.id,
        )
        for account, sign in ((Account.CASH, 1), (Account.UNAPPLIED, -1))
    )
    book(ctx, EntryKind.PAYMENT, payment.received_on, ("Payment", payment.id), [cash, own])
    ctx.emit(
        PaymentSucceeded(
            payment_id=payment.id,
            customer_id=payment.customer_id,
            amount=payment.amount,
            received_on=payment.received_on,
        )
    )
    arrive(ctx, [payment])


def become_unknown(ctx: Context, payment: Payment, reason: str) -> None:
    """Nobody knows what became of it."""
    payment.status = PaymentStatus.UNKNOWN
    payment.failure_reason = reason
    ctx.emit(PaymentUnknown(payment_id=payment.id, customer_id=payment.customer_id, reason=reason))


def become_failed(ctx: Context, payment: Payment, reason: str, on: date) -> None:
    """The money never came."""
    payment.status, payment.failure_reason, payment.ended_on = PaymentStatus.FAILED, reason, on
    ctx.emit(
        PaymentFailed(payment_id=payment.id, customer_id=payment.customer_id, amount=payment.amount, reason=reason)
    )


def become_bounced(ctx: Context, changes: Changes, payment: Payment, reason: str, on: date) -> Departure:
    """The money was taken back: what it had settled is open again, due when it was due; the accounts are locked."""
    departure = _leave_ledger(ctx, changes, payment, reason, on)
    day = departure.entry.on
    payment.status, payment.failure_reason, payment.ended_on = PaymentStatus.BOUNCED, reason, day
    ctx.emit(
        PaymentBounced(
            payment_id=payment.id, customer_id=payment.customer_id, amount=payment.amount, on=day, reason=reason
        )
    )
    return departure


def become_void(ctx: Context, changes: Changes, payment: Payment, reason: str, on: date) -> None:
    """The money was not this customer's: as if it had bounced, but nothing that the customer did."""
    _leave_ledger(ctx, changes, payment, reason, on)
    payment.status, payment.failure_reason, payment.ended_on = PaymentStatus.VOIDED, reason, on
    ctx.emit(
        PaymentVoided(
            payment_id=payment.id, customer_id=payment.customer_id, amount=payment.amount, on=on, reason=reason
        )
    )


def _leave_ledger(ctx: Context, changes: Changes, payment: Payment, reason: str, on: date) -> Departure:
    refunds = live_refunds(ctx, payment)
    paid_back = sum(
        (row.amount for row in refunds if row.kind is RefundKind.REFUND), Money.zero(payment.amount.currency)
    )
    if paid_back:
        ctx.refuse(
            Refusal(
                REFUNDED,
                f"{paid_back} of payment {payment.number} were paid back.",
                advice="Take the refund back by refundCancel; if that money is gone, invoice it.",
                refunded=paid_back,
            )
        )
    settled: list[Allocation] = []
    while True:
        for refund in refunds:
            take_refund_back(ctx, changes, refund, on, reason)
        used = live_allocations(ctx, Allocation.payment_id == payment.id)
        take_back(ctx, changes, used, on, reason)
        settled += used
        if end(ctx, payment):
            break
        refunds = []  # meanwhile an invoice was posted and took some of it
    came = _entry_in_force(ctx, payment)
    entry, _ = reverse(ctx, EntryKind.BOUNCE, max(on, came.on), ("Payment", payment.id), came.id, reason=reason)
    return Departure(entry, settled)


def _entry_in_force(ctx: Context, payment: Payment) -> Entry:
    """The entry by which the money is here: a payment that bounced by mistake has had another one before."""
    other = aliased(Entry)
    reversed_ = exists(select(other.id).where(other.reverses_id == Entry.id, other.tenant_id == Entry.tenant_id))
    found = ctx.scalar(
        select(Entry).where(
            Entry.source_type == "Payment",
            Entry.source_id == payment.id,
            Entry.kind == EntryKind.PAYMENT,
            ~reversed_,
        )
    )
    assert found is not None
    return found
