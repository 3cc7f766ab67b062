"""What must always be true of bank statements and matches."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from huikuan.context import Context
from huikuan.invariants import Invariant
from huikuan_receivables.models import Allocation, BankLine, BankMatch, BankMatchPart, Entry, Payment, Refund
from huikuan_receivables.snapshots import (
    AllocationKind,
    BankLineStatus,
    EntryKind,
    MatchKind,
    MatchRule,
    MatchStatus,
    PaymentStatus,
    RefundKind,
)

__all__ = ["BANK"]

ZERO = Decimal(0)


def _posted(ctx: Context) -> Sequence[UUID]:
    """Lines whose state and matches do not agree."""
    match = exists(
        select(BankMatch.id).where(
            BankMatch.line_id == BankLine.id,
            BankMatch.tenant_id == BankLine.tenant_id,
            BankMatch.status == MatchStatus.POSTED,
        )
    )
    return ctx.scalars(select(BankLine.id).where((BankLine.status == BankLineStatus.POSTED) != match))


def _proposed(ctx: Context) -> Sequence[UUID]:
    """Lines that say there are proposals where there are none, or the other way round."""
    match = exists(
        select(BankMatch.id).where(
            BankMatch.line_id == BankLine.id,
            BankMatch.tenant_id == BankLine.tenant_id,
            BankMatch.status == MatchStatus.PROPOSED,
        )
    )
    return ctx.scalars(select(BankLine.id).where((BankLine.status == BankLineStatus.PROPOSED) != match))


def _payments(ctx: Context) -> Sequence[UUID]:
    """Matches whose payment is not that of the line, or stands in the ledger though it was undone."""
    paid = (Payment.id == BankMatch.payment_id) & (Payment.tenant_id == BankMatch.tenant_id)
    line = (BankLine.id == BankMatch.line_id) & (BankLine.tenant_id == BankMatch.tenant_id)
    undone = BankMatch.status == MatchStatus.UNDONE
    return ctx.scalars(
        select(BankMatch.id)
        .join(Payment, paid)
        .join(BankLine, line)
        .where(
            BankMatch.kind == MatchKind.PAYMENT,
            (Payment.amount_amount != BankLine.amount_amount)
            | (Payment.amount_currency != BankLine.amount_currency)
            | (Payment.bank_line_id != BankLine.id)
            | (undone != (Payment.status == PaymentStatus.VOIDED)),
        )
    )


def _returns(ctx: Context) -> Sequence[UUID]:
    """Returns whose payment is of another amount than went out, or has not bounced, or bounced by another entry."""
    paid = (Payment.id == BankMatch.payment_id) & (Payment.tenant_id == BankMatch.tenant_id)
    line = (BankLine.id == BankMatch.line_id) & (BankLine.tenant_id == BankMatch.tenant_id)
    entry = (Entry.id == BankMatch.bounce_id) & (Entry.tenant_id == BankMatch.tenant_id)
    returns = select(BankMatch.id).join(Payment, paid).where(BankMatch.kind == MatchKind.RETURN)
    unlike = _unlike(Payment) | ((BankMatch.status == MatchStatus.POSTED) & (Payment.status != PaymentStatus.BOUNCED))
    other = (Entry.kind != EntryKind.BOUNCE) | (Entry.source_id != Payment.id)
    over = (BankMatch.status == MatchStatus.UNDONE) != _reversed()
    return [
        *ctx.scalars(returns.join(BankLine, line).where(unlike)),
        *ctx.scalars(returns.join(Entry, entry).where(other | over)),
    ]


def _refunds(ctx: Context) -> Sequence[UUID]:
    """Refunds of another amount than went out, or that paid nothing back."""
    refund = (Refund.id == BankMatch.refund_id) & (Refund.tenant_id == BankMatch.tenant_id)
    line = (BankLine.id == BankMatch.line_id) & (BankLine.tenant_id == BankMatch.tenant_id)
    none = (Refund.kind != RefundKind.REFUND) | (Refund.reverses_id.is_not(None))
    return ctx.scalars(select(BankMatch.id).join(Refund, refund).join(BankLine, line).where(_unlike(Refund) | none))


def _unlike(of: type[Payment] | type[Refund]) -> ColumnElement[bool]:
    """Whether its amount is not what went out."""
    return (of.amount_amount != -BankLine.amount_amount) | (of.amount_currency != BankLine.amount_currency)


def _reversed() -> ColumnElement[bool]:
    """Whether another entry takes an entry back."""
    other = aliased(Entry)
    return exists(select(other.id).where(other.reverses_id == Entry.id, other.tenant_id == Entry.tenant_id))


def _reopened(ctx: Context) -> Sequence[UUID]:
    """Returns that do not say what their bounce opened again: all that the payment had settled then."""
    part = (BankMatchPart.match_id == BankMatch.id) & (BankMatchPart.tenant_id == BankMatch.tenant_id)
    settled = (Allocation.id == BankMatchPart.allocation_id) & (Allocation.tenant_id == BankMatchPart.tenant_id)
    unlike = (
        (Allocation.payment_id != BankMatch.payment_id)
        | (Allocation.item_id != BankMatchPart.item_id)
        | (Allocation.amount != BankMatchPart.amount)
        | (Allocation.currency != BankMatchPart.currency)
    )
    none = BankMatchPart.allocation_id.is_(None) != (BankMatch.kind == MatchKind.PAYMENT)
    return [
        *ctx.scalars(select(BankMatch.id).join(BankMatchPart, part).join(Allocation, settled).where(unlike)),
        *ctx.scalars(select(BankMatch.id).join(BankMatchPart, part).where(none)),
    ]


def _parts(ctx: Context) -> Sequence[UUID]:
    """Matches whose parts and rest are more than the line, within its currency."""
    same = (BankMatchPart.match_id == BankMatch.id) & (BankMatchPart.tenant_id == BankMatch.tenant_id)
    line = (BankLine.id == BankMatch.line_id) & (BankLine.tenant_id == BankMatch.tenant_id)
    return ctx.scalars(
        select(BankMatch.id)
        .join(BankLine, line)
        .join(BankMatchPart, same)
        .where(BankMatch.kind == MatchKind.PAYMENT, BankMatchPart.currency == BankLine.amount_currency)
        .group_by(BankMatch.id, BankLine.amount_amount)
        .having(func.sum(BankMatchPart.amount) > BankLine.amount_amount)
    )


def _given_up(ctx: Context) -> Sequence[UUID]:
    """Posted matches by which more was given up than their rules said."""
    said: dict[UUID, Decimal] = {}
    for id, amount in ctx.rows(
        select(BankMatchPart.match_id, func.sum(BankMatchPart.given_up)).group_by(BankMatchPart.match_id)
    ):
        said[id] = amount
    given = (Allocation.payment_id == BankMatch.payment_id) & (Allocation.tenant_id == BankMatch.tenant_id)
    rows = ctx.rows(
        select(BankMatch.id, BankMatch.bank_rule_id, func.sum(Allocation.amount))
        .join(Allocation, given)
        .where(
            BankMatch.kind == MatchKind.PAYMENT,
            BankMatch.status == MatchStatus.POSTED,
            Allocation.kind == AllocationKind.WRITE_OFF,
            Allocation.rule == MatchRule.RULE.name,
        )
        .group_by(BankMatch.id, BankMatch.bank_rule_id)
    )
    return [id for id, rule_id, amount in rows if amount > (said.get(id, ZERO) if rule_id is not None else ZERO)]


BANK = (
    Invariant("receivables.bank-posted", "A line is posted if and only if one match of it is.", _posted),
    Invariant("receivables.bank-proposed", "A line has proposals if and only if it says so.", _proposed),
    Invariant("receivables.bank-payments", "A match has the payment of its line, void if it was undone.", _payments),
    Invariant("receivables.bank-parts", "A match settles no more than its line brought.", _parts),
    Invariant("receivables.bank-returns", "A return took back a payment of just what went out, once.", _returns),
    Invariant("receivables.bank-refunds", "A line confirms a refund of just what went out.", _refunds),
    Invariant("receivables.bank-reopened", "A return says what its payment had settled.", _reopened),
    Invariant("receivables.bank-given-up", "A match gives up no more than its rule said.", _given_up),
)
