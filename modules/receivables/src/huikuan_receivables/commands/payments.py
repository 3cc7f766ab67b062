"""Payments: recorded, followed to their end, allocated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan.values import Id
from huikuan_receivables.changes import Changes
from huikuan_receivables.commands.texts import given_reason
from huikuan_receivables.inputs import PaymentInput
from huikuan_receivables.models import Allocation, Payment
from huikuan_receivables.paying import (
    NewPayment,
    become_bounced,
    become_failed,
    become_succeeded,
    become_unknown,
    check_change,
    past_day,
    record,
    same_payment,
)
from huikuan_receivables.settling import apply_by_itself, lock_accounts, lock_for_applying, lock_invoices, settle_chosen
from huikuan_receivables.snapshots import PaymentStatus
from huikuan_receivables.unallocating import live_allocations

__all__ = ["payment_bounce", "payment_fail", "payment_record", "payment_succeed", "payment_unknown"]


@command(permission="receivables.pay", idempotency="natural")
def payment_record(ctx: Context, input: PaymentInput) -> Payment:
    """Record a payment: money that came (SUCCEEDED), is under way (RECORDED), or of which nobody knows (UNKNOWN).

    What came settles the invoices named, at most what is open of each; the rest stays unapplied. Named none, it settles
    what is due first, as `receivables.apply` says. The same reference and content again is the same payment. Without
    a reference, a second one of the same customer, amount, day and method is refused, unless `allowDuplicate`.
    """
    if input.reference is not None:
        input = replace(input, reference=input.reference.strip())
    wanted = input.allocations
    if wanted and input.status is not PaymentStatus.SUCCEEDED:
        raise BadInput("Only what has come settles anything; name invoices when it has.", field="allocations")
    if wanted is None and input.status is PaymentStatus.SUCCEEDED:
        lock_for_applying(ctx, input.customer.id, [], input.amount.currency, None)
    else:
        lock_invoices(ctx, [input.customer.id], [row.invoice.id for row in wanted or ()])
    known = same_payment(ctx, input.reference, input)
    if known is not None:
        return known
    payment = record(ctx, _new(input), input)
    if payment.status is not PaymentStatus.SUCCEEDED:
        return payment
    changes = Changes(ctx)
    if wanted is None:
        apply_by_itself(ctx, changes, payment, payment.received_on)
    elif wanted:
        settle_chosen(ctx, changes, payment, wanted, payment.received_on)
    changes.finish()
    return payment


@command(permission="receivables.pay", idempotency="natural")
def payment_succeed(ctx: Context, id: Id[Payment], received_on: date | None = None) -> Payment:
    """The money of a payment is here: from now on it settles invoices. `receivedOn`: left out, as it was recorded.

    Said again it changes nothing.
    """
    payment = ctx.get(Payment, id)
    lock_for_applying(ctx, payment.customer_id, [], payment.amount.currency, payment.source_id)
    payment = ctx.get(Payment, id)
    if check_change(ctx, payment, PaymentStatus.SUCCEEDED):
        become_succeeded(ctx, payment, past_day(ctx, received_on or payment.received_on, "receivedOn"))
        changes = Changes(ctx)
        apply_by_itself(ctx, changes, payment, payment.received_on)
        changes.finish()
    return payment


@command(permission="receivables.pay", idempotency="natural")
def payment_unknown(ctx: Context, id: Id[Payment], reason: str) -> Payment:
    """Nobody knows what became of a payment that was under way. Said again it changes nothing."""
    payment = _locked(ctx, id)
    if check_change(ctx, payment, PaymentStatus.UNKNOWN):
        become_unknown(ctx, payment, given_reason(reason))
    return payment


@command(permission="receivables.pay", idempotency="natural")
def payment_fail(ctx: Context, id: Id[Payment], reason: str) -> Payment:
    """The money of a payment that was under way never came. Said again it changes nothing."""
    payment = _locked(ctx, id)
    if check_change(ctx, payment, PaymentStatus.FAILED):
        become_failed(ctx, payment, given_reason(reason), ctx.today)
    return payment


@command(permission="receivables.pay", idempotency="natural")
def payment_bounce(ctx: Context, id: Id[Payment], reason: str, on: date | None = None) -> Payment:
    """The money came and was taken back: what it had settled is open again, due when it was due.

    `on`: the day it was taken back, left out: today. Said again it changes nothing.
    """
    payment = ctx.get(Payment, id)
    used = live_allocations(ctx, Allocation.payment_id == id)
    lock_accounts(ctx, {payment.customer_id, *(row.customer_id for row in used)})
    payment = ctx.get(Payment, id)
    if check_change(ctx, payment, PaymentStatus.BOUNCED):
        day = past_day(ctx, on, "on", since=payment.received_on)
        changes = Changes(ctx)
        become_bounced(ctx, changes, payment, given_reason(reason), day)
        changes.finish()
    return payment


def _locked(ctx: Context, id: Id[Payment]) -> Payment:
    lock_accounts(ctx, [ctx.get(Payment, id).customer_id])
    return ctx.get(Payment, id)


def _new(input: PaymentInput) -> NewPayment:
    return NewPayment(
        customer_id=input.customer.id,
        amount=input.amount,
        received_on=input.received_on,
        method=input.method,
        status=input.status,
        reference=input.reference,
        rate=input.rate,
        rate_units=input.rate_units,
        rate_on=input.rate_on,
        allow_duplicate=input.allow_duplicate,
    )
