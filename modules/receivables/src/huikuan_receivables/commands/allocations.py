"""What payments and credit notes settle, and taking it back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.money import Money
from huikuan.values import Id, Ref
from huikuan_invoicing.types import Invoice
from huikuan_receivables.allocating import settle_by_credit
from huikuan_receivables.applying import BY_AGE, candidates, shares_of
from huikuan_receivables.changes import Changes
from huikuan_receivables.choosing import chosen_shares, items_named
from huikuan_receivables.commands.texts import given_reason
from huikuan_receivables.errors import NOT_OPEN, NOT_UNAPPLIED, WRONG_STATE
from huikuan_receivables.inputs import PaymentAllocationInput
from huikuan_receivables.models import Allocation, ItemBalance, Payment
from huikuan_receivables.paying import past_day
from huikuan_receivables.settling import (
    apply_by_itself,
    lock_for_applying,
    lock_invoices,
    settle_chosen,
    unallocate,
)
from huikuan_receivables.shares import BY_HAND, How
from huikuan_receivables.snapshots import AllocationKind, PaymentStatus, Share

__all__ = ["allocation_undo", "payment_allocate", "payment_auto_apply", "receivable_credit_allocate"]

ZERO = Decimal(0)


@command(permission="receivables.allocate", idempotency="key")
def payment_allocate(
    ctx: Context,
    id: Id[Payment],
    allocations: list[PaymentAllocationInput],
    reason: str | None = None,
    on: date | None = None,
) -> Payment:
    """Let what is unapplied of a payment settle invoices, all or none: at most what is open of each.

    A rest within a discount for early payment, or within the tolerance, is closed along with it.
    `on`: the day it counts from, left out: today.
    """
    lock_invoices(ctx, [ctx.get(Payment, id).customer_id], [row.invoice.id for row in allocations])
    payment = _succeeded(ctx, ctx.get(Payment, id))
    changes = Changes(ctx)
    if not settle_chosen(ctx, changes, payment, allocations, past_day(ctx, on, "on"), reason):
        advice = "Look at what is open of the invoice, and unapplied of the payment."
        ctx.refuse(Refusal(NOT_OPEN, "There is nothing to settle.", field="allocations", advice=advice))
    changes.finish()
    return payment


@command(permission="receivables.allocate", idempotency="key")
def payment_auto_apply(ctx: Context, id: Id[Payment], beyond_order: bool = False) -> Payment:
    """Let what is unapplied of a payment settle what is due first.

    An advance settles its order's invoices only, unless `beyondOrder`: then it is tied to the order no more.
    """
    payment = ctx.get(Payment, id)
    document = None if beyond_order else payment.source_id
    lock_for_applying(ctx, payment.customer_id, [], payment.amount.currency, document)
    payment = _succeeded(ctx, ctx.get(Payment, id))
    if beyond_order:
        payment.source_type = payment.source_id = None
    changes = Changes(ctx)
    apply_by_itself(ctx, changes, payment, ctx.today, always=True)
    changes.finish()
    return payment


@command(permission="receivables.allocate", idempotency="natural")
def allocation_undo(ctx: Context, id: Id[Allocation], reason: str, on: date | None = None) -> Allocation:
    """Take back exactly one allocation: that much is open again, and its money unapplied. Answers what reverses it.

    What was rounded off along with it goes too. `on`: the day it counts from, left out: today.
    """
    return unallocate(ctx, id, given_reason(reason), on=on)[0]


@command(permission="receivables.allocate", idempotency="key", payload="allocations")
def receivable_credit_allocate(
    ctx: Context,
    credit_note: Ref[Invoice],
    allocations: list[PaymentAllocationInput] | None = None,
    reason: str | None = None,
    on: date | None = None,
) -> list[Allocation]:
    """Let what is open of a credit note settle invoices of its account: those named, else what is due first.

    A credit note that takes back an invoice has settled that already.
    """
    own = items_named(ctx, [credit_note.id])[credit_note.id]
    lock_invoices(ctx, {row.customer_id for row in own}, [row.invoice.id for row in allocations or ()])
    credits = [row for row in items_named(ctx, [credit_note.id])[credit_note.id] if row.open < ZERO]
    if not credits:
        ctx.refuse(Refusal(NOT_UNAPPLIED, "Nothing of the credit note is open.", field="creditNote"))
    first, total = credits[0], -sum((row.open for row in credits), ZERO)
    if allocations is None:
        items = candidates(ctx, first.customer_id, first.currency)
        shares = shares_of([row for row in items if row.customer_id == first.customer_id], total)
    else:
        shares = chosen_shares(ctx, allocations, Money(total, first.currency))
    rule = BY_AGE if allocations is None else BY_HAND
    how = How(rule=rule, reason=reason, on=past_day(ctx, on, "on"))
    return _use(ctx, credits, shares, how)


def _use(ctx: Context, credits: list[ItemBalance], shares: list[Share], how: How) -> list[Allocation]:
    """Spread the shares over the parts of the credit note; a share may need two of them."""
    changes, made = Changes(ctx), []
    todo = [(share.item_id, share.amount) for share in shares]
    for index, credit in enumerate(credits):
        left, taken = -credit.open, []
        while todo and (left > ZERO or index == len(credits) - 1):
            item_id, amount = todo.pop(0)
            part = amount if index == len(credits) - 1 else min(left, amount)
            taken.append(Share(item_id=item_id, amount=part))
            left -= part
            if part < amount:
                todo.insert(0, (item_id, amount - part))
        made += settle_by_credit(ctx, changes, credit, taken, how, AllocationKind.CREDIT)
    changes.finish()
    return made


def _succeeded(ctx: Context, payment: Payment) -> Payment:
    if payment.status is not PaymentStatus.SUCCEEDED:
        ctx.refuse(
            Refusal(
                WRONG_STATE,
                f"Payment {payment.number} is {payment.status.name}; it settles nothing.",
                advice="Only payments that succeeded settle anything.",
            )
        )
    return payment
