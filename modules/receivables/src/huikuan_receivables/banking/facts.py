"""What matching reads of lines and of open items, as plain values: a lock forgets what rows were read before it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from huikuan.context import Context
from huikuan.money import Money
from huikuan_invoicing.api import invoice_numbers
from huikuan_receivables.matching import BookItem
from huikuan_receivables.models import BankLine, BankMatch, ItemBalance, Payment
from huikuan_receivables.snapshots import BankLineStatus, MatchStatus, PaymentStatus

__all__ = [
    "UNSETTLED",
    "LineFacts",
    "book_items",
    "line_facts",
    "lines_to_try",
    "open_sums",
    "recorded",
    "same_amounts",
    "undone",
]

UNSETTLED = (BankLineStatus.OPEN, BankLineStatus.PROPOSED)
PAGE = 5_000
SET_ASIDE = timedelta(days=14)
"""So long lines that went out are tried again: what was paid back is sometimes recorded after the bank did it."""
ZERO = Decimal(0)


class LineFacts(NamedTuple):
    """A line of a bank statement."""

    id: UUID
    on: date
    amount: Money
    rate: Decimal | None
    reference: str | None
    remittance: str | None
    text: str
    payer_name: str | None
    payer_account: str | None
    status: BankLineStatus
    source_id: UUID
    tried_at: datetime | None

    @property
    def outgoing(self) -> bool:
        """Whether the money went out."""
        return self.amount.amount < ZERO

    @property
    def set_aside(self) -> bool:
        """Whether a run found nothing in it and ignores it, not a person."""
        return self.status is BankLineStatus.IGNORED and self.tried_at is not None


_LINE = (
    BankLine.id,
    BankLine.on,
    BankLine.amount,
    BankLine.rate,
    BankLine.reference,
    BankLine.remittance,
    BankLine.text,
    BankLine.payer_name,
    BankLine.payer_account,
    BankLine.status,
    BankLine.source_id,
    BankLine.tried_at,
)


def lines_to_try(
    ctx: Context, source_id: UUID | None, limit: int, *, tried_until: datetime | None = None
) -> list[LineFacts]:
    """Lines that matching has not looked at yet, then those that it looked at up to a time; the oldest first.

    Of what it has set aside only what is not older than two weeks.
    """
    lines = select(*_LINE) if source_id is None else select(*_LINE).where(BankLine.source_id == source_id)
    wanted = lines.where(BankLine.status.in_(UNSETTLED))
    found = _lines(ctx, wanted.where(BankLine.tried_at.is_(None)).order_by(BankLine.id).limit(limit))
    if tried_until is None:
        return found
    aside = lines.where(BankLine.status == BankLineStatus.IGNORED, BankLine.on >= ctx.today - SET_ASIDE)
    for again, order in ((wanted, (BankLine.tried_at, BankLine.id)), (aside, (BankLine.on, BankLine.id))):
        if len(found) < limit:
            tried = again.where(BankLine.tried_at <= tried_until).order_by(*order)
            found += _lines(ctx, tried.limit(limit - len(found)))
    return found


def line_facts(ctx: Context, ids: Collection[UUID]) -> dict[UUID, LineFacts]:
    """These lines as they are now."""
    return {line.id: line for page in _pages(list(ids)) for line in _lines(ctx, _by_id(ctx, page))}


def book_items(ctx: Context) -> list[BookItem]:
    """Every open item of a positive amount."""
    columns = (
        ItemBalance.item_id,
        ItemBalance.invoice_id,
        ItemBalance.sequence,
        ItemBalance.customer_id,
        ItemBalance.payer_id,
        ItemBalance.currency,
        ItemBalance.open,
        ItemBalance.amount,
        ItemBalance.due_on,
        ItemBalance.discount_amount,
        ItemBalance.discount_until,
    )
    rows = ctx.rows(select(*columns).where(ItemBalance.open > 0))
    numbers = invoice_numbers(ctx, {row.invoice_id for row in rows})
    return [
        BookItem(
            item_id,
            invoice_id,
            numbers.get(invoice_id, ""),
            sequence,
            customer_id,
            payer_id,
            currency,
            open,
            due_on,
            discount if discount is not None and open == amount else None,
            until,
        )
        for (
            item_id,
            invoice_id,
            sequence,
            customer_id,
            payer_id,
            currency,
            open,
            amount,
            due_on,
            discount,
            until,
        ) in rows
    ]


def open_sums(ctx: Context, payer_ids: Collection[UUID]) -> dict[UUID, tuple[int, Decimal]]:
    """How many items are open on the accounts of these, or to be paid by them, and what they come to."""
    found = dict.fromkeys(payer_ids, (0, ZERO))
    columns = (ItemBalance.customer_id, ItemBalance.payer_id)
    for page in _pages(list(payer_ids)):
        whose = or_(ctx.among(ItemBalance.customer_id, page), ctx.among(ItemBalance.payer_id, page))
        statement = (
            select(*columns, func.count(), func.sum(ItemBalance.open))
            .where(ItemBalance.open > 0, whose)
            .group_by(*columns)
        )
        for customer_id, payer_id, count, total in ctx.rows(statement):
            for id in {customer_id, payer_id}.intersection(page):
                found[id] = (found[id][0] + count, found[id][1] + total)
    return found


def same_amounts(ctx: Context, amounts: Collection[Decimal]) -> dict[tuple[str, Decimal], int]:
    """Of how many items exactly one of these amounts is open, by currency and amount."""
    found: dict[tuple[str, Decimal], int] = {}
    for page in _pages(list(amounts)):
        statement = (
            select(ItemBalance.currency, ItemBalance.open, func.count())
            .where(ItemBalance.open > 0, ctx.among(ItemBalance.open, page))
            .group_by(ItemBalance.currency, ItemBalance.open)
        )
        found |= {(currency, amount): count for currency, amount, count in ctx.rows(statement)}
    return found


def undone(ctx: Context, line_ids: Collection[UUID]) -> set[UUID]:
    """Lines of which somebody took back or rejected a match: nothing posts them by itself any more."""
    found: set[UUID] = set()
    for page in _pages(list(line_ids)):
        decided = BankMatch.status.in_((MatchStatus.UNDONE, MatchStatus.REJECTED))
        found |= set(ctx.scalars(select(BankMatch.line_id).where(decided, ctx.among(BankMatch.line_id, page))))
    return found


def recorded(ctx: Context, lines: Iterable[LineFacts]) -> set[UUID]:
    """Lines whose reference a payment in force has: somebody recorded that money already, or so it seems."""
    by_reference: dict[str, list[UUID]] = {}
    for line in lines:
        if line.reference:
            by_reference.setdefault(line.reference, []).append(line.id)
    found: set[UUID] = set()
    for page in _pages(list(by_reference)):
        ended = Payment.status.in_((PaymentStatus.FAILED, PaymentStatus.BOUNCED, PaymentStatus.VOIDED))
        for reference in ctx.scalars(select(Payment.reference).where(ctx.among(Payment.reference, page), ~ended)):
            found.update(by_reference[reference or ""])
    return found


def _by_id(ctx: Context, ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    return select(*_LINE).where(ctx.among(BankLine.id, ids))


def _lines(ctx: Context, statement: Select[*tuple[Any, ...]]) -> list[LineFacts]:
    return [LineFacts(*row) for row in ctx.rows(statement)]


def _pages(ids: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
