"""What receivables itself adds to a customer's timeline: a page of each kind, with one statement or two."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from huikuan.context import Context
from huikuan.money import Money
from huikuan_invoicing.api import invoice_numbers
from huikuan_receivables.models import ContactNote, Dispute, DunningLetter, Entry, Payment, PaymentPromise, Posting
from huikuan_receivables.snapshots import (
    Account,
    EntryKind,
    LetterState,
    PaymentStatus,
    TimelineEntry,
    TimelineKind,
    TimelineMark,
)
from huikuan_receivables.timeline import before_day, before_time

__all__ = ["own_entries"]

GONE = {EntryKind.BOUNCE: "Bounce", EntryKind.PAYMENT: "Bounce taken back"}
Source = Callable[[Context, UUID, TimelineMark | None, int], list[TimelineEntry]]


def own_entries(
    ctx: Context, customer_id: UUID, kinds: frozenset[TimelineKind], before: TimelineMark | None, limit: int
) -> list[TimelineEntry]:
    """The newest entries before a place, at most ``limit`` of each source."""
    return [
        entry
        for kind, sources in SOURCES.items()
        if kind in kinds
        for source in sources
        for entry in source(ctx, customer_id, before, limit)
    ]


def _invoices(ctx: Context, customer_id: UUID, before: TimelineMark | None, limit: int) -> list[TimelineEntry]:
    rows = _booked(ctx, Account.SALES, customer_id, before, limit)
    numbers = invoice_numbers(ctx, {row.source_id for row in rows})
    return [
        TimelineEntry(
            id=row.id,
            kind=TimelineKind.INVOICE,
            on=row.on,
            title=f"{_document(row.kind)} {numbers.get(row.source_id, '')}",
            type_name=row.source_type,
            subject_id=row.source_id,
            amount=Money(-row.amount, row.currency),
        )
        for row in rows
    ]


def _payments(ctx: Context, customer_id: UUID, before: TimelineMark | None, limit: int) -> list[TimelineEntry]:
    statement = select(Payment).where(Payment.customer_id == customer_id)
    rows = _page(ctx, statement, Payment.received_on, Payment.id, before, limit)
    return [
        TimelineEntry(
            id=row.id,
            kind=TimelineKind.PAYMENT,
            on=row.received_on,
            title=f"Payment {row.number}"
            if row.status is PaymentStatus.SUCCEEDED
            else f"Payment {row.number}: {row.status.name}",
            type_name="Payment",
            subject_id=row.id,
            amount=row.amount,
            text=row.failure_reason,
        )
        for row in rows
    ]


def _money_gone(ctx: Context, customer_id: UUID, before: TimelineMark | None, limit: int) -> list[TimelineEntry]:
    """Bounces and refunds, and bounces that were taken back."""
    gone = or_(Entry.kind != EntryKind.PAYMENT, Entry.reverses_id.is_not(None))
    rows = _booked(ctx, Account.CASH, customer_id, before, limit, gone)
    return [_entry(row, TimelineKind.PAYMENT, GONE.get(row.kind, "Refund")) for row in rows]


def _write_offs(ctx: Context, customer_id: UUID, before: TimelineMark | None, limit: int) -> list[TimelineEntry]:
    rows = _booked(ctx, Account.WRITE_OFF, customer_id, before, limit)
    return [
        _entry(row, TimelineKind.WRITE_OFF, "Write-off" if row.amount > 0 else "Write-off taken back") for row in rows
    ]


def _reminders(ctx: Context, customer_id: UUID, before: TimelineMark | None, limit: int) -> list[TimelineEntry]:
    statement = select(DunningLetter).where(
        DunningLetter.customer_id == customer_id, DunningLetter.state == LetterState.ISSUED
    )
    rows = _page(ctx, statement, DunningLetter.on, DunningLetter.id, before, limit)
    return [
        _about(row, TimelineKind.REMINDER, row.on, f"Reminder of level {row.level}", Money(row.open, row.currency))
        for row in rows
    ]


def _disputes(ctx: Context, customer_id: UUID, before: TimelineMark | None, limit: int) -> list[TimelineEntry]:
    statement = select(Dispute).where(Dispute.customer_id == customer_id)
    rows = _page(ctx, statement, Dispute.opened_on, Dispute.id, before, limit)
    return [
        _about(
            row,
            TimelineKind.DISPUTE,
            row.opened_on,
            f"Dispute about {row.reason.name}: {row.state.name}",
            Money(row.amount, row.currency),
            row.outcome or row.note,
        )
        for row in rows
    ]


def _promises(ctx: Context, customer_id: UUID, before: TimelineMark | None, limit: int) -> list[TimelineEntry]:
    statement = select(PaymentPromise).where(PaymentPromise.customer_id == customer_id)
    rows = _page(ctx, statement, PaymentPromise.made_on, PaymentPromise.id, before, limit)
    return [
        _about(
            row,
            TimelineKind.PROMISE,
            row.made_on,
            f"Promise to pay by {row.promised_on}: {row.state.name}",
            Money(row.amount, row.currency),
            row.note,
        )
        for row in rows
    ]


def _notes(ctx: Context, customer_id: UUID, before: TimelineMark | None, limit: int) -> list[TimelineEntry]:
    rows = ctx.scalars(
        select(ContactNote)
        .where(ContactNote.customer_id == customer_id, before_time(ContactNote.at, ContactNote.id, before))
        .order_by(ContactNote.at.desc(), ContactNote.id.desc())
        .limit(limit)
    )
    return [
        TimelineEntry(
            id=row.id,
            kind=TimelineKind.NOTE,
            on=row.on,
            at=row.at,
            title=f"{row.channel.name}: {row.outcome.name}",
            type_name="ContactNote",
            subject_id=row.id,
            text=row.text,
        )
        for row in rows
    ]


SOURCES: dict[TimelineKind, tuple[Source, ...]] = {
    TimelineKind.INVOICE: (_invoices,),
    TimelineKind.PAYMENT: (_payments, _money_gone),
    TimelineKind.WRITE_OFF: (_write_offs,),
    TimelineKind.REMINDER: (_reminders,),
    TimelineKind.DISPUTE: (_disputes,),
    TimelineKind.PROMISE: (_promises,),
    TimelineKind.NOTE: (_notes,),
}


def _page(ctx: Context, statement: Any, on: Any, id: Any, before: TimelineMark | None, limit: int) -> Any:
    return ctx.scalars(statement.where(before_day(on, id, before)).order_by(on.desc(), id.desc()).limit(limit))


def _booked(
    ctx: Context, account: Account, customer_id: UUID, before: TimelineMark | None, limit: int, *more: Any
) -> Any:
    """Postings of one account with what their entries tell."""
    same = (Posting.entry_id == Entry.id) & (Posting.tenant_id == Entry.tenant_id)
    statement = (
        select(
            Posting.id,
            Posting.on,
            Posting.amount,
            Posting.currency,
            Entry.kind,
            Entry.source_type,
            Entry.source_id,
            Entry.reason,
        )
        .join(Entry, same)
        .where(Posting.account == account, Posting.customer_id == customer_id, *more)
    )
    return ctx.rows(
        statement.where(before_day(Posting.on, Posting.id, before))
        .order_by(Posting.on.desc(), Posting.id.desc())
        .limit(limit)
    )


def _document(kind: EntryKind) -> str:
    return "Credit note" if kind is EntryKind.CREDIT_NOTE else "Invoice"


def _entry(row: Any, kind: TimelineKind, title: str) -> TimelineEntry:
    return TimelineEntry(
        id=row.id,
        kind=kind,
        on=row.on,
        title=title,
        type_name=row.source_type,
        subject_id=row.source_id,
        amount=Money(row.amount, row.currency),
        text=row.reason,
    )


def _about(row: Any, kind: TimelineKind, on: date, title: str, amount: Money, text: str | None = None) -> TimelineEntry:
    return TimelineEntry(
        id=row.id,
        kind=kind,
        on=on,
        title=title,
        type_name=type(row).__name__,
        subject_id=row.id,
        amount=amount,
        text=text,
    )
