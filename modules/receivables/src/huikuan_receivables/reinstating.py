"""A payment that had not bounced after all: an entry reverses the bounce, and it settles again what it had settled."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID

from huikuan.context import Context
from huikuan.errors import Refused
from huikuan_receivables.allocating import give_up, settle_by_payment
from huikuan_receivables.booking import reverse
from huikuan_receivables.changes import Changes, item_balances
from huikuan_receivables.drawing import arrive
from huikuan_receivables.events import PaymentReinstated
from huikuan_receivables.models import Allocation, Entry, ItemBalance, Payment
from huikuan_receivables.shares import How
from huikuan_receivables.snapshots import AllocationKind, EntryKind, PaymentStatus, Share

__all__ = ["reinstate"]


def reinstate(
    ctx: Context,
    changes: Changes,
    payment: Payment,
    bounce_id: UUID,
    settled: Sequence[Allocation],
    reason: str,
    on: date,
) -> None:
    """The payment is in force again from that day on; the accounts are locked. ``changes.finish`` comes later.

    ``settled``: what the bounce took back, in its order. Each allocation is made anew if as much as that is still
    open of its item, all of it or nothing of it; the rest of the money is unapplied.
    """
    on = max(on, ctx.get(Entry, bounce_id).on)
    reverse(ctx, EntryKind.PAYMENT, on, ("Payment", payment.id), bounce_id, reason=reason)
    payment.status, payment.failure_reason, payment.ended_on = PaymentStatus.SUCCEEDED, None, None
    payment.unapplied, payment.base_unapplied = payment.amount.amount, payment.base_amount
    ctx.emit(
        PaymentReinstated(
            payment_id=payment.id, customer_id=payment.customer_id, amount=payment.amount, on=on, reason=reason
        )
    )
    ctx.flush()
    arrive(ctx, [payment])
    balances = item_balances(ctx, {row.item_id for row in settled})
    paid: set[UUID] = set()
    for row in settled:
        balance = balances[row.item_id]
        if balance.open < row.amount:
            continue
        if row.kind is AllocationKind.PAYMENT:
            with suppress(Refused), ctx.savepoint():  # no longer of its family, or used by an invoice meanwhile
                _settle(ctx, changes, payment, row, on)
                paid.add(row.item_id)
        elif row.item_id in paid:  # what was rounded off goes with what was paid
            _round_off(ctx, changes, payment, balance, row, on)


def _settle(ctx: Context, changes: Changes, payment: Payment, row: Allocation, on: date) -> None:
    foreign = row.currency != row.source_currency
    share = Share(item_id=row.item_id, amount=row.amount, source_amount=row.source_amount if foreign else None)
    how = How(rule=row.rule, score=row.score, reason=row.reason, on=on, round_off=False)
    settle_by_payment(ctx, changes, payment, [share], how)


def _round_off(
    ctx: Context, changes: Changes, payment: Payment, balance: ItemBalance, row: Allocation, on: date
) -> None:
    day = max(on, balance.issued_on)
    give_up(ctx, changes, balance, row.amount, day, cause=row.cause, payment=payment, rule=row.rule, reason=row.reason)
