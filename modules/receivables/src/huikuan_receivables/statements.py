"""Statements of account: what changed a customer's account in one currency, and what it came to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from huikuan.context import Context
from huikuan_invoicing.api import invoice_numbers
from huikuan_receivables.aging import Filter
from huikuan_receivables.models import Entry, Posting
from huikuan_receivables.open_parts import OpenPart, open_parts, unapplied_parts
from huikuan_receivables.queries import payments_by_id
from huikuan_receivables.snapshots import Account, EntryKind

__all__ = ["Movement", "Statement", "statement"]

ZERO = Decimal(0)
LISTED = 1_000
Place = tuple[date, UUID]


@dataclass(frozen=True, slots=True)
class Movement:
    """An entry that changed the account: more is owed if ``amount`` is more than 0."""

    entry_id: UUID
    kind: EntryKind
    on: date
    source_type: str
    source_id: UUID
    number: str | None
    reason: str | None
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    """An account over a period; the balance is what is open less what is unapplied."""

    opening: Decimal
    movements: list[Movement]
    more: bool
    closing: Decimal
    open: Decimal
    unapplied: Decimal
    items: list[OpenPart]
    payments: list[OpenPart]


def statement(
    ctx: Context,
    customer_id: UUID,
    currency: str,
    until: date,
    *,
    since: date | None = None,
    after: Place | None = None,
    limit: int,
) -> Statement:
    """The account of a customer as of a day, with the movements since another one. A fixed number of statements.

    Payments that settle items change nothing: the balance is the same before and after. What is open and what is
    unapplied on the last day is listed, at most 1,000 of each.
    """
    ours = _ours(customer_id, currency)
    opening = _sum(ctx, *ours, Posting.on < since) if since is not None else ZERO
    rows = _movements(ctx, ours, since, until, after, limit + 1)
    balance = opening if after is None else _sum(ctx, *ours, _until_place(after))
    by_account = _by_account(ctx, *ours, Posting.on <= until)
    wanted = Filter([customer_id], currency)
    return Statement(
        opening=opening,
        movements=_told(ctx, rows[:limit], balance),
        more=len(rows) > limit,
        closing=sum(by_account.values(), ZERO),
        open=by_account.get(Account.RECEIVABLE, ZERO),
        unapplied=-by_account.get(Account.UNAPPLIED, ZERO),
        items=open_parts(ctx, until, wanted, limit=LISTED),
        payments=unapplied_parts(ctx, until, wanted, limit=LISTED),
    )


def _ours(customer_id: UUID, currency: str) -> list[Any]:
    return [
        Posting.account.in_([Account.RECEIVABLE, Account.UNAPPLIED]),
        Posting.customer_id == customer_id,
        Posting.currency == currency,
    ]


def _sum(ctx: Context, *conditions: Any) -> Decimal:
    return ctx.scalar(select(func.sum(Posting.amount)).where(*conditions)) or ZERO


def _by_account(ctx: Context, *conditions: Any) -> dict[Account, Decimal]:
    rows = ctx.rows(select(Posting.account, func.sum(Posting.amount)).where(*conditions).group_by(Posting.account))
    return {row[0]: row[1] for row in rows}


def _until_place(place: Place) -> Any:
    return or_(Posting.on < place[0], and_(Posting.on == place[0], Posting.entry_id <= place[1]))


def _movements(
    ctx: Context, ours: list[Any], since: date | None, until: date, after: Place | None, limit: int
) -> Sequence[Any]:
    total = func.sum(Posting.amount)
    found = (
        select(Posting.on, Posting.entry_id, total.label("amount"))
        .where(*ours, Posting.on <= until)
        .group_by(Posting.on, Posting.entry_id)
        .having(total != 0)
        .order_by(Posting.on, Posting.entry_id)
        .limit(limit)
    )
    if since is not None:
        found = found.where(Posting.on >= since)
    if after is not None:
        found = found.where(Posting.on >= after[0], or_(Posting.on > after[0], Posting.entry_id > after[1]))
    return ctx.rows(found)


def _told(ctx: Context, rows: Sequence[Any], balance: Decimal) -> list[Movement]:
    entries = _entries(ctx, [row.entry_id for row in rows])
    numbers = _numbers(ctx, entries.values())
    found = []
    for row in rows:
        balance += row.amount
        entry = entries[row.entry_id]
        found.append(
            Movement(
                entry_id=entry.id,
                kind=entry.kind,
                on=row.on,
                source_type=entry.source_type,
                source_id=entry.source_id,
                number=numbers.get(entry.source_id),
                reason=entry.reason,
                amount=row.amount,
                balance=balance,
            )
        )
    return found


def _entries(ctx: Context, ids: Collection[UUID]) -> dict[UUID, Any]:
    if not ids:
        return {}
    columns = (Entry.id, Entry.kind, Entry.source_type, Entry.source_id, Entry.reason)
    return {row.id: row for row in ctx.rows(select(*columns).where(Entry.id.in_(ids)))}


def _numbers(ctx: Context, entries: Collection[Any]) -> dict[UUID, str | None]:
    """Numbers of the documents and payments that entries tell of."""
    invoices = {entry.source_id for entry in entries if entry.source_type == "Invoice"}
    payments = {entry.source_id for entry in entries if entry.source_type == "Payment"}
    found: dict[UUID, str | None] = dict(invoice_numbers(ctx, invoices)) if invoices else {}
    return {**found, **{id: row.number for id, row in payments_by_id(ctx, payments).items()}}
