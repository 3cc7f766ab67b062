"""What is given up, and what comes in for it after all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from huikuan.context import Context
from huikuan.errors import BadInput, Level, Refusal
from huikuan.money import Money, quantize
from huikuan_receivables.allocating import give_up
from huikuan_receivables.booking import Side, book, portion
from huikuan_receivables.changes import Changes, items_of
from huikuan_receivables.errors import NOT_OPEN, WRITE_OFF_LARGE, WRONG_STATE
from huikuan_receivables.events import ReceivableRecovered, ReceivableWrittenOff
from huikuan_receivables.hookspecs import receivables_before_write_off
from huikuan_receivables.models import Allocation, ItemBalance, Payment, ReceivableItem
from huikuan_receivables.queries import items_by_id
from huikuan_receivables.snapshots import Account, AllocationKind, EntryKind, WriteOffCause

__all__ = ["reopen", "write_off"]

ZERO = Decimal(0)


def write_off(
    ctx: Context, changes: Changes, balance: ItemBalance, amount: Decimal, cause: WriteOffCause, reason: str, on: date
) -> Allocation:
    """Give up so much of an item, if nobody objects; the account is locked. ``changes.finish`` comes later."""
    if amount <= ZERO or amount != quantize(amount, balance.currency):
        raise BadInput(f"{amount:f} {balance.currency} is no part of an invoice.", field="amount")
    if amount > balance.open:
        left = Money(max(ZERO, balance.open), balance.currency)
        ctx.refuse(
            Refusal(NOT_OPEN, f"Only {left} are open of it.", field="amount", advice="Write off at most what is open.")
        )
    item = items_of(ctx, [balance.item_id])[balance.item_id]
    _ask(ctx, balance, item, amount, cause)
    day = max(on, balance.issued_on)
    made = give_up(ctx, changes, balance, amount, day, cause=cause, reason=reason)
    ctx.emit(
        ReceivableWrittenOff(
            invoice_id=balance.invoice_id,
            customer_id=balance.customer_id,
            allocation_id=made.id,
            cause=cause,
            amount=Money(amount, balance.currency),
            on=day,
        )
    )
    return made


def reopen(
    ctx: Context, changes: Changes, written_off: Allocation, payment: Payment, amount: Decimal, on: date, reason: str
) -> None:
    """Open again so much of what was written off, because a payment came for it; the rest stays written off."""
    if written_off.kind is not AllocationKind.WRITE_OFF:
        ctx.refuse(
            Refusal(
                WRONG_STATE, "Only what was written off is recovered.", advice="Allocate the payment to the invoice."
            )
        )
    if amount > written_off.amount:
        left = Money(written_off.amount, written_off.currency)
        ctx.refuse(Refusal(NOT_OPEN, f"Only {left} were written off.", field="amount"))
    balance = ctx.get(ItemBalance, written_off.item_id)
    base = portion(written_off.base_amount, amount, written_off.amount, ctx.tenant.currency)
    day = max(on, written_off.on)
    sides = [
        Side(
            account=account,
            customer_id=balance.customer_id,
            currency=balance.currency,
            amount=sign * amount,
            base=sign * base,
            item=balance,
        )
        for account, sign in ((Account.RECEIVABLE, 1), (Account.WRITE_OFF, -1))
    ]
    entry = book(ctx, EntryKind.RECOVERY, day, ("Allocation", written_off.id), sides, reason=reason)
    ctx.add(_like(written_off, entry.id, day, reason, -1, written_off.amount, written_off.base_amount))
    if amount != written_off.amount:
        rest, rest_base = written_off.amount - amount, written_off.base_amount - base
        ctx.add(_like(written_off, entry.id, day, written_off.reason, 1, rest, rest_base))
    changes.shift(balance, amount, base, day, EntryKind.RECOVERY)
    ctx.emit(
        ReceivableRecovered(
            invoice_id=balance.invoice_id,
            customer_id=balance.customer_id,
            payment_id=payment.id,
            amount=Money(amount, balance.currency),
            on=day,
        )
    )


def _ask(ctx: Context, balance: ItemBalance, item: ReceivableItem, amount: Decimal, cause: WriteOffCause) -> None:
    """The limit above which somebody approves, and whoever else may object."""
    sum_ = Money(amount, balance.currency)
    snapshot = items_by_id(ctx, [balance.item_id])[balance.item_id]
    refusals = ctx.vetoes(receivables_before_write_off, item=snapshot, amount=sum_, cause=cause)
    base = portion(item.base_amount, amount, item.amount, ctx.tenant.currency) if item.rated else amount
    limit = Decimal(ctx.setting("receivables.write_off_limit"))
    if base > limit:
        refusals.append(
            Refusal(
                WRITE_OFF_LARGE,
                f"Writing off {sum_} needs an approval: the limit is {limit:f} {ctx.tenant.currency}.",
                level=Level.APPROVE,
                advice="Ask somebody with receivables.approve to release the hold.",
                amount=sum_,
            )
        )
    ctx.guard(refusals, subject=item, pin=(str(sum_), cause.name))


def _like(
    row: Allocation, entry_id: object, on: date, reason: str | None, sign: int, amount: Decimal, base: Decimal
) -> Allocation:
    """The row that takes a write-off back, or the one that stands for what is still written off."""
    return Allocation(
        payment_id=None,
        credit_item_id=None,
        item_id=row.item_id,
        invoice_id=row.invoice_id,
        customer_id=row.customer_id,
        kind=AllocationKind.WRITE_OFF,
        on=on,
        currency=row.currency,
        amount=sign * amount,
        source_currency=row.currency,
        source_amount=ZERO,
        base_amount=sign * base,
        cause=row.cause,
        rule=row.rule,
        reason=reason,
        entry_id=entry_id,
        reverses_id=row.id if sign < 0 else None,
    )
