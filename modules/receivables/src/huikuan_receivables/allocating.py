"""Payments and credit notes settle items: entries, allocations and balances, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.money import Money, allocate
from huikuan_customers.api import customer_lock
from huikuan_receivables.booking import Side, book, portion
from huikuan_receivables.changes import Changes, items_of
from huikuan_receivables.drawing import draw
from huikuan_receivables.events import ReceivableSettled
from huikuan_receivables.models import Allocation, ItemBalance, Payment
from huikuan_receivables.shares import (
    BY_HAND,
    REASONS,
    How,
    balances_of,
    check_accounts,
    check_share,
    cost_of,
    day_of,
    refuse_currency,
    refuse_open,
)
from huikuan_receivables.snapshots import Account, AllocationKind, EntryKind, Share, WriteOffCause
from huikuan_receivables.tolerance import tolerance

__all__ = ["give_up", "settle_by_credit", "settle_by_payment", "settle_locks"]

ZERO = Decimal(0)


def settle_locks(ctx: Context, payments: Iterable[Payment], balances: Iterable[ItemBalance]) -> list[LockKey]:
    """The accounts to lock before anything is decided about these payments and items."""
    ids = {payment.customer_id for payment in payments} | {balance.customer_id for balance in balances}
    return [customer_lock(id) for id in ids]


def settle_by_payment(
    ctx: Context, changes: Changes, payment: Payment, shares: Sequence[Share], how: How
) -> list[Allocation]:
    """Use a payment for shares of items, all or none; the accounts are locked. ``changes.finish`` comes later."""
    if not shares:
        return []
    balances = balances_of(ctx, [share.item_id for share in shares])
    check_accounts(ctx, payment, balances.values())
    costs = [cost_of(ctx, payment, balances[share.item_id], share) for share in shares]
    total = sum(costs, ZERO)
    base = draw(ctx, payment, total)
    bases = allocate(base, costs, ctx.tenant.currency) if base else [ZERO for _ in costs]
    made: list[Allocation] = []
    for share, cost, worth in zip(shares, costs, bases, strict=True):
        balance = balances[share.item_id]
        on = day_of(ctx, how, payment.received_on, balance.issued_on)
        rest = balance.open - share.amount
        made.append(_pay(ctx, changes, payment, balance, share.amount, cost, worth, on, how))
        if how.round_off and rest > ZERO:
            made += _round_off(ctx, changes, payment, balance, on)
    return made


def settle_by_credit(
    ctx: Context, changes: Changes, credit: ItemBalance, shares: Sequence[Share], how: How, kind: AllocationKind
) -> list[Allocation]:
    """Use the open part of a credit note for shares of items; the accounts are locked."""
    balances = balances_of(ctx, [share.item_id for share in shares])
    total = sum((share.amount for share in shares), ZERO)
    if total > -credit.open:
        refuse_open(ctx, credit, total)
    rated = items_of(ctx, [credit.item_id])[credit.item_id]
    made = []
    for share in shares:
        balance = balances[share.item_id]
        check_share(ctx, balance, share.amount)
        if balance.currency != credit.currency:
            refuse_currency(ctx, balance, credit.currency)
        on = day_of(ctx, how, credit.issued_on, balance.issued_on)
        base = portion(-rated.base_amount, share.amount, -rated.amount, ctx.tenant.currency)
        made.append(_offset(ctx, changes, credit, balance, share.amount, base, on, how, kind))
    return made


def give_up(
    ctx: Context,
    changes: Changes,
    balance: ItemBalance,
    amount: Decimal,
    on: date,
    *,
    cause: WriteOffCause | None,
    payment: Payment | None = None,
    rule: str = BY_HAND,
    reason: str | None = None,
) -> Allocation:
    """Close a part of an item with nothing: written off for a cause, or without one a discount."""
    item = items_of(ctx, [balance.item_id])[balance.item_id]
    base = portion(item.base_amount, amount, item.amount, ctx.tenant.currency)
    account = Account.DISCOUNT if cause is None else Account.WRITE_OFF
    kind = EntryKind.DISCOUNT if cause is None else EntryKind.WRITE_OFF
    allocation = _allocation(
        balance,
        amount,
        base,
        on,
        kind=AllocationKind.DISCOUNT if cause is None else AllocationKind.WRITE_OFF,
        payment_id=payment.id if payment is not None else None,
        source_currency=balance.currency,
        source_amount=ZERO,
        cause=cause,
        rule=rule,
        reason=reason,
    )
    other = Side(
        account=account,
        customer_id=balance.customer_id,
        currency=balance.currency,
        amount=amount,
        base=base,
        item=balance,
    )
    return _settle(ctx, changes, balance, allocation, kind, [other], base, reason)


def _pay(
    ctx: Context,
    changes: Changes,
    payment: Payment,
    balance: ItemBalance,
    amount: Decimal,
    cost: Decimal,
    base: Decimal,
    on: date,
    how: How,
) -> Allocation:
    allocation = _allocation(
        balance,
        amount,
        base,
        on,
        kind=AllocationKind.PAYMENT,
        payment_id=payment.id,
        source_currency=payment.amount.currency,
        source_amount=cost,
        rule=how.rule,
        score=how.score,
        reason=how.reason,
    )
    money = Side(
        account=Account.UNAPPLIED,
        customer_id=payment.customer_id,
        currency=payment.amount.currency,
        amount=cost,
        base=base,
        payment_id=payment.id,
    )
    sides = [money]
    if payment.amount.currency != balance.currency:  # exchanged on the way: each currency balances by itself
        sides += [
            Side(
                account=Account.FX,
                customer_id=payment.customer_id,
                currency=payment.amount.currency,
                amount=-cost,
                base=-base,
                payment_id=payment.id,
            ),
            Side(
                account=Account.FX,
                customer_id=balance.customer_id,
                currency=balance.currency,
                amount=amount,
                base=base,
                payment_id=payment.id,
            ),
        ]
    return _settle(ctx, changes, balance, allocation, EntryKind.ALLOCATION, sides, base, how.reason)


def _offset(
    ctx: Context,
    changes: Changes,
    credit: ItemBalance,
    balance: ItemBalance,
    amount: Decimal,
    base: Decimal,
    on: date,
    how: How,
    kind: AllocationKind,
) -> Allocation:
    allocation = _allocation(
        balance,
        amount,
        base,
        on,
        kind=kind,
        credit_item_id=credit.item_id,
        source_currency=credit.currency,
        source_amount=amount,
        rule=how.rule,
        score=how.score,
        reason=how.reason,
    )
    other = Side(
        account=Account.RECEIVABLE,
        customer_id=credit.customer_id,
        currency=credit.currency,
        amount=amount,
        base=base,
        item=credit,
    )
    found = _settle(ctx, changes, balance, allocation, EntryKind.ALLOCATION, [other], base, how.reason)
    changes.shift(credit, amount, base, on, EntryKind.ALLOCATION)
    return found


def _settle(
    ctx: Context,
    changes: Changes,
    balance: ItemBalance,
    allocation: Allocation,
    kind: EntryKind,
    others: Sequence[Side],
    base: Decimal,
    reason: str | None,
) -> Allocation:
    own = Side(
        account=Account.RECEIVABLE,
        customer_id=balance.customer_id,
        currency=balance.currency,
        amount=-allocation.amount,
        base=-base,
        item=balance,
    )
    entry = book(ctx, kind, allocation.on, ("Allocation", allocation.id), [own, *others], reason=reason)
    allocation.entry_id = entry.id
    ctx.add(allocation)
    changes.shift(balance, -allocation.amount, -base, allocation.on, kind)
    ctx.emit(
        ReceivableSettled(
            invoice_id=balance.invoice_id,
            customer_id=balance.customer_id,
            allocation_id=allocation.id,
            payment_id=allocation.payment_id,
            kind=allocation.kind,
            amount=Money(allocation.amount, balance.currency),
            open=Money(balance.open, balance.currency),
            on=allocation.on,
        )
    )
    return allocation


def _allocation(
    balance: ItemBalance,
    amount: Decimal,
    base: Decimal,
    on: date,
    *,
    kind: AllocationKind,
    rule: str,
    source_currency: str,
    source_amount: Decimal,
    payment_id: UUID | None = None,
    credit_item_id: UUID | None = None,
    cause: WriteOffCause | None = None,
    score: int | None = None,
    reason: str | None = None,
) -> Allocation:
    return Allocation(
        payment_id=payment_id,
        credit_item_id=credit_item_id,
        item_id=balance.item_id,
        invoice_id=balance.invoice_id,
        customer_id=balance.customer_id,
        kind=kind,
        on=on,
        currency=balance.currency,
        amount=amount,
        source_currency=source_currency,
        source_amount=source_amount,
        base_amount=base,
        cause=cause,
        rule=rule,
        score=score,
        reason=reason or REASONS.get(rule),
    )


def _round_off(ctx: Context, changes: Changes, payment: Payment, balance: ItemBalance, on: date) -> list[Allocation]:
    """Close a rest that may be kept back for paying early, or that is too small to ask for."""
    until, discount = balance.discount_until, balance.discount_amount
    if until is not None and payment.received_on <= until and discount is not None and balance.open <= discount:
        return [give_up(ctx, changes, balance, balance.open, on, cause=None, payment=payment, rule="EARLY")]
    if balance.open <= tolerance(ctx, balance.currency):
        cause = WriteOffCause.TOLERANCE
        return [give_up(ctx, changes, balance, balance.open, on, cause=cause, payment=payment, rule="TOLERANCE")]
    return []
