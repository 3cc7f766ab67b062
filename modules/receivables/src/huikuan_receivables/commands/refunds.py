"""Money that goes back to customers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import Money, quantize
from huikuan.values import Id, Ref
from huikuan_invoicing.types import Invoice
from huikuan_receivables.changes import Changes
from huikuan_receivables.choosing import items_named
from huikuan_receivables.commands.texts import given_reason
from huikuan_receivables.errors import ALLOCATION_ENDED, NOT_UNAPPLIED, REFERENCE_TAKEN, WRONG_STATE
from huikuan_receivables.models import Payment, Refund
from huikuan_receivables.paying import past_day
from huikuan_receivables.refunding import refund_credit, refund_payment, take_refund_back
from huikuan_receivables.settling import lock_accounts
from huikuan_receivables.snapshots import PaymentStatus

__all__ = ["payment_refund", "receivable_credit_refund", "refund_cancel"]

ZERO = Decimal(0)


@command(permission="receivables.refund", idempotency="key")
def payment_refund(
    ctx: Context,
    id: Id[Payment],
    reason: str,
    amount: Decimal | None = None,
    reference: str | None = None,
    on: date | None = None,
) -> Refund:
    """Pay back what is unapplied of a payment, or a part of it. `reference`: your own unique key of the refund."""
    lock_accounts(ctx, [ctx.get(Payment, id).customer_id])
    payment = ctx.get(Payment, id)
    if payment.status is not PaymentStatus.SUCCEEDED or not payment.unapplied:
        ctx.refuse(Refusal(NOT_UNAPPLIED, f"Nothing of payment {payment.number} is unapplied."))
    wanted = _amount(amount, payment.unapplied, payment.amount.currency)
    day = past_day(ctx, on, "on", since=payment.received_on)
    return refund_payment(ctx, payment, wanted, day, given_reason(reason), reference=_free(ctx, reference))


@command(permission="receivables.refund", idempotency="key", payload="refunds")
def receivable_credit_refund(
    ctx: Context,
    credit_note: Ref[Invoice],
    reason: str,
    amount: Decimal | None = None,
    on: date | None = None,
) -> list[Refund]:
    """Pay back what is open of a credit note, or a part of it: one refund for each of its instalments."""
    lock_accounts(ctx, {row.customer_id for row in items_named(ctx, [credit_note.id])[credit_note.id]})
    credits = [row for row in items_named(ctx, [credit_note.id])[credit_note.id] if row.open < ZERO]
    total = -sum((row.open for row in credits), ZERO)
    if not credits:
        ctx.refuse(Refusal(NOT_UNAPPLIED, "Nothing of the credit note is open.", field="creditNote"))
    left = _amount(amount, total, credits[0].currency)
    if left > total:
        told = Money(total, credits[0].currency)
        ctx.refuse(Refusal(NOT_UNAPPLIED, f"Only {told} are open of the credit note.", field="amount"))
    day = past_day(ctx, on, "on", since=credits[0].issued_on)
    changes, made = Changes(ctx), []
    for credit in credits:
        part = min(left, -credit.open)
        if part > ZERO:
            made.append(refund_credit(ctx, changes, credit, part, day, given_reason(reason)))
            left -= part
    changes.finish()
    return made


@command(permission="receivables.refund", idempotency="natural")
def refund_cancel(ctx: Context, id: Id[Refund], reason: str, on: date | None = None) -> Refund:
    """A refund failed, or what was kept is given back: the money is there again. Answers what reverses it."""
    refund = ctx.get(Refund, id)
    lock_accounts(ctx, [refund.customer_id])
    if refund.reverses_id is not None:
        ctx.refuse(Refusal(WRONG_STATE, "It takes a refund back itself."))
    if ctx.exists(Refund, reverses_id=id):
        ctx.refuse(Refusal(ALLOCATION_ENDED, "The refund was taken back already."))
    changes = Changes(ctx)
    made = take_refund_back(ctx, changes, refund, past_day(ctx, on, "on", since=refund.on), given_reason(reason))
    changes.finish()
    return made


def _amount(amount: Decimal | None, all_of_it: Decimal, currency: str) -> Decimal:
    if amount is None:
        return all_of_it
    if amount <= ZERO or amount != quantize(amount, currency):
        raise BadInput(f"{amount:f} {currency} cannot be paid back.", field="amount")
    return amount


def _free(ctx: Context, reference: str | None) -> str | None:
    if reference is not None and ctx.exists(Refund, reference=reference):
        ctx.refuse(Refusal(REFERENCE_TAKEN, f"Another refund has the reference {reference!r}.", field="reference"))
    return reference
