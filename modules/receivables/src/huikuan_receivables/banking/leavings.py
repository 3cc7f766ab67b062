"""What money that went out may be, as plain values: payments that may be taken back, refunds that no line tells of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from huikuan.context import Context
from huikuan_invoicing.api import invoice_numbers
from huikuan_receivables.banking.facts import LineFacts
from huikuan_receivables.matching import Gone, Leavings
from huikuan_receivables.models import BankLine, BankMatch, ItemBalance, Payment, Refund
from huikuan_receivables.snapshots import MatchKind, MatchStatus, PaymentMethod, PaymentStatus, RefundKind

__all__ = ["leavings_for", "rejected_of"]

PAGE = 5_000
WITHIN = timedelta(days=400)
"""Direct debits without a mandate are given back for 13 months; later somebody has to choose."""
PAYMENT = (
    Payment.id,
    Payment.number,
    Payment.reference,
    Payment.customer_id,
    Payment.amount_amount,
    Payment.amount_currency,
    Payment.received_on,
    Payment.status,
    BankLine.reference.label("bank_reference"),
    BankLine.remittance,
    BankLine.payer_account,
)
REFUND = (
    Refund.id,
    Refund.reference.label("own"),
    Refund.customer_id,
    Refund.amount_amount,
    Refund.amount_currency,
    Refund.on,
    Payment.number,
    Payment.reference,
    ItemBalance.invoice_id,
    BankLine.payer_account,
)
OF_LINE = (BankLine.id == Payment.bank_line_id) & (BankLine.tenant_id == Payment.tenant_id)


def leavings_for(ctx: Context, lines: Sequence[LineFacts]) -> Leavings:
    """What is of just the amount of one of these lines by which money went out."""
    if not lines:
        return Leavings(())
    amounts = sorted({-line.amount.amount for line in lines})
    days = [line.on for line in lines]
    found: list[Gone] = []
    for page in _pages(amounts):
        found += _payments(ctx, page, min(days), max(days))
        found += _refunds(ctx, page, min(days), max(days))
    return Leavings(found)


def rejected_of(ctx: Context, line_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """By line, the payments and refunds that somebody said it is not."""
    found: dict[UUID, set[UUID]] = {}
    columns = (BankMatch.line_id, BankMatch.payment_id, BankMatch.refund_id)
    for page in _pages(list(line_ids)):
        wanted = select(*columns).where(BankMatch.status == MatchStatus.REJECTED, ctx.among(BankMatch.line_id, page))
        for line_id, payment_id, refund_id in ctx.rows(wanted):
            found.setdefault(line_id, set()).add(payment_id or refund_id)
    return found


def _payments(ctx: Context, amounts: Sequence[Decimal], first: date, last: date) -> list[Gone]:
    """Payments that are here, or have bounced, and no line took back; cash and what was paid back do not bounce."""
    rows = ctx.rows(
        select(*PAYMENT)
        .outerjoin(BankLine, OF_LINE)
        .where(
            ctx.among(Payment.amount_amount, amounts),
            Payment.received_on.between(first - WITHIN, last),
            Payment.status.in_((PaymentStatus.SUCCEEDED, PaymentStatus.BOUNCED)),
            Payment.method != PaymentMethod.CASH,
            ~_told(BankMatch.payment_id == Payment.id, Payment, BankMatch.kind == MatchKind.RETURN),
        )
    )
    back = _paid_back(ctx, [row.id for row in rows])
    return [
        Gone(
            kind=MatchKind.RETURN,
            id=row.id,
            title=f"payment {row.number}" if row.number else f"the payment of {row.received_on}",
            customer_id=row.customer_id,
            currency=row.amount_currency,
            amount=row.amount_amount,
            on=row.received_on,
            names=_names(row.number, row.reference, row.bank_reference, row.remittance),
            payer_account=row.payer_account,
            ended=row.status is PaymentStatus.BOUNCED,
        )
        for row in rows
        if row.id not in back
    ]


def _refunds(ctx: Context, amounts: Sequence[Decimal], first: date, last: date) -> list[Gone]:
    """What was paid back, did not fail, and no line confirms. It is known by what it was paid back of, too."""
    payment = (Payment.id == Refund.payment_id) & (Payment.tenant_id == Refund.tenant_id)
    credit = (ItemBalance.item_id == Refund.credit_item_id) & (ItemBalance.tenant_id == Refund.tenant_id)
    rows = ctx.rows(
        select(*REFUND)
        .outerjoin(Payment, payment)
        .outerjoin(ItemBalance, credit)
        .outerjoin(BankLine, OF_LINE)
        .where(
            ctx.among(Refund.amount_amount, amounts),
            Refund.on.between(first - WITHIN, last + WITHIN),
            Refund.kind == RefundKind.REFUND,
            Refund.reverses_id.is_(None),
            ~_taken_back(),
            ~_told(BankMatch.refund_id == Refund.id, Refund),
        )
    )
    notes = invoice_numbers(ctx, {row.invoice_id for row in rows if row.invoice_id is not None})
    return [
        Gone(
            kind=MatchKind.REFUND,
            id=row.id,
            title=f"the refund of {row.number or notes.get(row.invoice_id) or row.on}",
            customer_id=row.customer_id,
            currency=row.amount_currency,
            amount=row.amount_amount,
            on=row.on,
            names=_names(row.own, row.number, row.reference, notes.get(row.invoice_id)),
            payer_account=row.payer_account,
        )
        for row in rows
    ]


def _told(same: ColumnElement[bool], of: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a line tells of it already."""
    posted = BankMatch.status == MatchStatus.POSTED
    return exists(select(BankMatch.id).where(same, BankMatch.tenant_id == of.tenant_id, posted, *conditions))


def _taken_back() -> ColumnElement[bool]:
    other = aliased(Refund)
    return exists(select(other.id).where(other.reverses_id == Refund.id, other.tenant_id == Refund.tenant_id))


def _paid_back(ctx: Context, payment_ids: Sequence[UUID]) -> set[UUID]:
    """Payments of which some was paid back and did not come back."""
    found: set[UUID] = set()
    for page in _pages(payment_ids):
        wanted = (
            select(Refund.payment_id)
            .where(Refund.kind == RefundKind.REFUND, ctx.among(Refund.payment_id, page))
            .group_by(Refund.payment_id)
            .having(func.sum(Refund.amount_amount) != 0)
        )
        found.update(id for id in ctx.scalars(wanted) if id is not None)
    return found


def _names(*known: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in known if name))


def _pages(ids: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
