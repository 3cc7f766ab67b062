"""What is given up, and what comes in for it after all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.values import Id, Ref
from huikuan_receivables.allocating import settle_by_payment
from huikuan_receivables.changes import Changes
from huikuan_receivables.commands.texts import given_reason
from huikuan_receivables.errors import CURRENCY, NOT_OPEN
from huikuan_receivables.models import Allocation, ItemBalance, Payment, ReceivableItem
from huikuan_receivables.paying import past_day
from huikuan_receivables.settling import lock_accounts
from huikuan_receivables.shares import How
from huikuan_receivables.snapshots import Share, WriteOffCause
from huikuan_receivables.unallocating import check_live
from huikuan_receivables.writing_off import reopen, write_off

__all__ = ["receivable_recover", "receivable_write_off"]

ZERO = Decimal(0)


@command(permission="receivables.write_off", idempotency="key")
def receivable_write_off(
    ctx: Context,
    id: Id[ReceivableItem],
    cause: WriteOffCause,
    reason: str,
    amount: Decimal | None = None,
    on: date | None = None,
) -> Allocation:
    """Give up what is open of an item, or a part of it. Above `receivables.write_off_limit` somebody has to approve."""
    lock_accounts(ctx, [ctx.get(ReceivableItem, id).customer_id])
    balance = ctx.get(ItemBalance, id)
    if balance.open <= ZERO:
        ctx.refuse(Refusal(NOT_OPEN, "Nothing of it is open."))
    changes = Changes(ctx)
    wanted = balance.open if amount is None else amount
    made = write_off(ctx, changes, balance, wanted, cause, given_reason(reason), past_day(ctx, on, "on"))
    changes.finish()
    return made


@command(permission="receivables.write_off", idempotency="key")
def receivable_recover(
    ctx: Context, id: Id[Allocation], payment: Ref[Payment], reason: str, amount: Decimal | None = None
) -> Payment:
    """A payment came for what had been written off: that much is open again, and settled by it.

    `id`: the write-off. `amount`: left out, as much as the payment has.
    """
    written_off = ctx.get(Allocation, id)
    lock_accounts(ctx, [written_off.customer_id, ctx.get(Payment, payment.id).customer_id])
    check_live(ctx, written_off)
    money = ctx.get(Payment, payment.id)
    if money.amount.currency != written_off.currency:
        ctx.refuse(
            Refusal(
                CURRENCY,
                f"{written_off.currency} were written off, the payment is in {money.amount.currency}.",
                field="payment",
                advice="Take the write-off back by allocationUndo, then allocate the payment at a rate.",
            )
        )
    wanted = min(written_off.amount, money.unapplied) if amount is None else amount
    if wanted <= ZERO:
        raise BadInput("Nothing of the payment is unapplied.", field="payment")
    changes = Changes(ctx)
    reopen(ctx, changes, written_off, money, wanted, ctx.today, given_reason(reason))
    share = Share(item_id=written_off.item_id, amount=wanted)
    how = How(rule="RECOVERY", reason=reason.strip(), on=ctx.today, round_off=False)
    settle_by_payment(ctx, changes, money, [share], how)
    changes.finish()
    return money
