"""Money that leaves a payment or a credit note without settling anything."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from huikuan.context import Context
from huikuan.money import Money
from huikuan_receivables.booking import Side, book, portion, reverse
from huikuan_receivables.changes import Changes, items_of
from huikuan_receivables.drawing import draw, give_back
from huikuan_receivables.events import ReceivableRefunded
from huikuan_receivables.models import ItemBalance, Payment, Refund
from huikuan_receivables.snapshots import Account, EntryKind, RefundKind

__all__ = ["live_refunds", "refund_credit", "refund_payment", "take_refund_back"]


def refund_payment(
    ctx: Context,
    payment: Payment,
    amount: Decimal,
    on: date,
    reason: str,
    *,
    kind: RefundKind = RefundKind.REFUND,
    reference: str | None = None,
) -> Refund:
    """Pay back so much of what is unapplied, or keep it; the account is locked."""
    base = draw(ctx, payment, amount)
    refund = Refund(
        kind=kind,
        payment_id=payment.id,
        customer_id=payment.customer_id,
        amount=Money(amount, payment.amount.currency),
        on=max(on, payment.received_on),
        reference=reference,
        reason=reason,
    )
    own = Side(
        account=Account.UNAPPLIED,
        customer_id=payment.customer_id,
        currency=payment.amount.currency,
        amount=amount,
        base=base,
        payment_id=payment.id,
    )
    return _write(ctx, refund, own)


def refund_credit(
    ctx: Context,
    changes: Changes,
    credit: ItemBalance,
    amount: Decimal,
    on: date,
    reason: str,
    *,
    reference: str | None = None,
) -> Refund:
    """Pay back so much of what is open of a credit note; the account is locked."""
    item = items_of(ctx, [credit.item_id])[credit.item_id]
    base = portion(-item.base_amount, amount, -item.amount, ctx.tenant.currency)
    refund = Refund(
        kind=RefundKind.REFUND,
        credit_item_id=credit.item_id,
        customer_id=credit.customer_id,
        amount=Money(amount, credit.currency),
        on=max(on, credit.issued_on),
        reference=reference,
        reason=reason,
    )
    own = Side(
        account=Account.RECEIVABLE,
        customer_id=credit.customer_id,
        currency=credit.currency,
        amount=amount,
        base=base,
        item=credit,
    )
    made = _write(ctx, refund, own)
    changes.shift(credit, amount, base, made.on, EntryKind.REFUND)
    return made


def take_refund_back(ctx: Context, changes: Changes, refund: Refund, on: date, reason: str) -> Refund:
    """A refund failed, or what was kept is given back: the money is there again."""
    mirror = Refund(
        kind=refund.kind,
        payment_id=refund.payment_id,
        credit_item_id=refund.credit_item_id,
        customer_id=refund.customer_id,
        amount=-refund.amount,
        on=max(on, refund.on),
        reason=reason,
        reverses_id=refund.id,
    )
    kind = EntryKind.REFUND if refund.kind is RefundKind.REFUND else EntryKind.WRITE_OFF
    entry, sides = reverse(ctx, kind, mirror.on, ("Refund", mirror.id), refund.entry_id, reason=reason)
    mirror.entry_id = entry.id
    ctx.add(mirror)
    [own] = [side for side in sides if side.account in (Account.UNAPPLIED, Account.RECEIVABLE)]
    if refund.payment_id is not None:
        give_back(ctx, ctx.get(Payment, refund.payment_id), own.amount, own.base_amount)
    elif refund.credit_item_id is not None:
        credit = ctx.get(ItemBalance, refund.credit_item_id)
        changes.shift(credit, -own.amount, -own.base_amount, mirror.on, EntryKind.REFUND)
    _tell(ctx, mirror)
    return mirror


def live_refunds(ctx: Context, payment: Payment) -> list[Refund]:
    """Refunds of a payment that did not fail."""
    other = aliased(Refund)
    taken = exists(select(other.id).where(other.reverses_id == Refund.id, other.tenant_id == Refund.tenant_id))
    statement = select(Refund).where(Refund.payment_id == payment.id, Refund.reverses_id.is_(None), ~taken)
    return list(ctx.scalars(statement.order_by(Refund.id)))


def _write(ctx: Context, refund: Refund, own: Side) -> Refund:
    paid_out = refund.kind is RefundKind.REFUND
    other = Side(
        account=Account.CASH if paid_out else Account.WRITE_OFF,
        customer_id=refund.customer_id,
        currency=refund.amount.currency,
        amount=-own.amount,
        base=-own.base,
        payment_id=refund.payment_id,
    )
    kind = EntryKind.REFUND if paid_out else EntryKind.WRITE_OFF
    entry = book(ctx, kind, refund.on, ("Refund", refund.id), [own, other], reason=refund.reason)
    refund.entry_id = entry.id
    ctx.add(refund)
    _tell(ctx, refund)
    return refund


def _tell(ctx: Context, refund: Refund) -> None:
    ctx.emit(
        ReceivableRefunded(
            refund_id=refund.id,
            customer_id=refund.customer_id,
            payment_id=refund.payment_id,
            amount=refund.amount,
            on=refund.on,
        )
    )
