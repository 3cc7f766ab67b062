"""GraphQL types of what is open one by one, and of statements of account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from huikuan.graphql import output
from huikuan.money import Money
from huikuan.values import AnyNode, Ref
from huikuan_customers.types import Customer
from huikuan_receivables.open_parts import OpenPart
from huikuan_receivables.pages import write_cursor
from huikuan_receivables.snapshots import EntryKind
from huikuan_receivables.statements import Movement, Statement
from huikuan_receivables.types.ledger import Payment, ReceivableEntry, ReceivableItem

__all__ = [
    "ITEMS_CURSOR",
    "STATEMENT_CURSOR",
    "OpenReceivable",
    "OpenReceivables",
    "ReceivablesStatement",
    "StatementLine",
    "UnappliedPayment",
    "as_open",
    "as_statement",
]

ITEMS_CURSOR, STATEMENT_CURSOR = "open", "statement"


@output
@dataclass(frozen=True)
class OpenReceivable:
    """An item that was open on the day."""

    item: Annotated[Ref[ReceivableItem], "The item as it is now."]
    due_on: Annotated[date, "When it was due, as agreed with the document."]
    days_overdue: Annotated[int, "How many days overdue it was; 0: not overdue."]
    open: Annotated[Money, "What was open; negative for credit notes."]
    disputed: Annotated[Money, "What of it was disputed."]


@output
@dataclass(frozen=True)
class OpenReceivables:
    """Items that were open on a day, by due day."""

    as_of: Annotated[date, "The day."]
    nodes: Annotated[list[OpenReceivable], "One page of them."]
    has_next_page: Annotated[bool, "Whether there are more."]
    end_cursor: Annotated[str | None, "The cursor to go on after."]


@output
@dataclass(frozen=True)
class StatementLine:
    """What changed the account."""

    on: Annotated[date, "The day it counts from."]
    kind: Annotated[EntryKind, "What happened."]
    number: Annotated[str | None, "The number of the document or payment."]
    reason: Annotated[str | None, "Why, where somebody said."]
    amount: Annotated[Money, "More than 0: more is owed."]
    balance: Annotated[Money, "What the account came to afterwards."]
    source: Annotated[AnyNode, "What the entry tells of."]
    entry: Annotated[Ref[ReceivableEntry], "The entry in the ledger."]


@output
@dataclass(frozen=True)
class UnappliedPayment:
    """A payment with money that settled nothing on the day."""

    payment: Annotated[Ref[Payment], "The payment as it is now."]
    unapplied: Annotated[Money, "What settled nothing."]


@output
@dataclass(frozen=True)
class ReceivablesStatement:
    """An account in one currency. Its balance is what is open, less what is unapplied."""

    customer: Annotated[Ref[Customer], "Whose account it is."]
    currency: Annotated[str, "The currency."]
    since: Annotated[date | None, "The first day of the period; null: from the beginning."]
    until: Annotated[date, "The last day of the period."]
    opening: Annotated[Money, "The balance before the period."]
    lines: Annotated[list[StatementLine], "One page of what changed the balance, the oldest first."]
    has_next_page: Annotated[bool, "Whether there are more lines."]
    end_cursor: Annotated[str | None, "The cursor to go on after."]
    closing: Annotated[Money, "The balance after the period."]
    open: Annotated[Money, "What is open after the period."]
    unapplied: Annotated[Money, "What settles nothing after the period."]
    open_items: Annotated[
        list[OpenReceivable], "What is open after the period, by due day; more than 1,000: see `receivablesOpenItems`."
    ]
    unapplied_payments: Annotated[list[UnappliedPayment], "What settles nothing after the period, at most 1,000."]


def as_open(parts: Sequence[OpenPart], as_of: date, limit: int) -> OpenReceivables:
    """A page of items; one more than ``limit`` tells that there are more."""
    page = parts[:limit]
    more = len(parts) > limit
    return OpenReceivables(
        as_of=as_of,
        nodes=_open(page, as_of),
        has_next_page=more,
        end_cursor=write_cursor(ITEMS_CURSOR, page[-1].on, page[-1].id) if more else None,
    )


def as_statement(
    found: Statement, customer: Ref[Customer], currency: str, since: date | None, until: date
) -> ReceivablesStatement:
    """The statement as it is shown."""
    last = found.movements[-1] if found.more else None
    return ReceivablesStatement(
        customer=customer,
        currency=currency,
        since=since,
        until=until,
        opening=Money(found.opening, currency),
        lines=[_line(movement, currency) for movement in found.movements],
        has_next_page=found.more,
        end_cursor=write_cursor(STATEMENT_CURSOR, last.on, last.entry_id) if last is not None else None,
        closing=Money(found.closing, currency),
        open=Money(found.open, currency),
        unapplied=Money(found.unapplied, currency),
        open_items=_open(found.items, until),
        unapplied_payments=[UnappliedPayment(Ref(part.id), Money(part.amount, currency)) for part in found.payments],
    )


def _open(parts: Sequence[OpenPart], as_of: date) -> list[OpenReceivable]:
    return [
        OpenReceivable(
            item=Ref(part.id),
            due_on=part.on,
            days_overdue=max(0, (as_of - part.on).days),
            open=Money(part.amount, part.currency),
            disputed=Money(part.disputed, part.currency),
        )
        for part in parts
    ]


def _line(movement: Movement, currency: str) -> StatementLine:
    return StatementLine(
        on=movement.on,
        kind=movement.kind,
        number=movement.number,
        reason=movement.reason,
        amount=Money(movement.amount, currency),
        balance=Money(movement.balance, currency),
        source=AnyNode(movement.source_type, movement.source_id),
        entry=Ref(movement.entry_id),
    )
