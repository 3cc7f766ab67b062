"""GraphQL types of reports: aging and statements of account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from huikuan.core.types import User
from huikuan.graphql import output
from huikuan.money import Money
from huikuan.values import AnyNode, Ref
from huikuan_customers.types import Customer, CustomerGroup
from huikuan_receivables.aging import Aged, Bucket
from huikuan_receivables.aging_rows import AgingReport, AgingRow
from huikuan_receivables.open_parts import OpenPart
from huikuan_receivables.pages import write_cursor
from huikuan_receivables.snapshots import AgingBy, EntryKind
from huikuan_receivables.statements import Movement, Statement
from huikuan_receivables.types.ledger import Payment, ReceivableEntry, ReceivableItem

__all__ = [
    "ITEMS_CURSOR",
    "ROWS_CURSOR",
    "STATEMENT_CURSOR",
    "AgingBucket",
    "AgingRowType",
    "AgingTotal",
    "OpenReceivable",
    "OpenReceivables",
    "ReceivablesAging",
    "ReceivablesStatement",
    "StatementLine",
    "UnappliedPayment",
    "as_aging",
    "as_open",
    "as_statement",
]

ROWS_CURSOR, ITEMS_CURSOR, STATEMENT_CURSOR = "aging", "open", "statement"


@output
@dataclass(frozen=True)
class AgingBucket:
    """What is open of one currency in one span of days overdue."""

    label: Annotated[str, "Its name: not due, 1-30, …, 91+."]
    from_days: Annotated[int | None, "The fewest days overdue; null: not due."]
    to_days: Annotated[int | None, "The most days overdue; null: without end."]
    amount: Annotated[Money, "What is open; credit notes are taken off."]


@output
@dataclass(frozen=True)
class AgingTotal:
    """Sums of one currency."""

    open: Annotated[Money, "What is open, due or not; credit notes are taken off."]
    not_due: Annotated[Money, "What of it is not due, or due on the day itself."]
    overdue: Annotated[Money, "What of it was due before the day."]
    disputed: Annotated[Money | None, "What of it is disputed; not told in the company's currency."]
    unapplied: Annotated[Money, "Money that settles nothing, in no bucket."]
    outstanding: Annotated[Money, "What is open, less what is unapplied."]
    buckets: Annotated[list[AgingBucket], "What is open by days overdue."]


@output
@dataclass(frozen=True)
class AgingRowType:
    """Sums of one customer, owner, group or currency, in one currency."""

    customer: Annotated[Ref[Customer] | None, "Of an aging by customers: whose."]
    owner: Annotated[Ref[User] | None, "Of an aging by owners: who looks after them; null: nobody."]
    group: Annotated[Ref[CustomerGroup] | None, "Of an aging by groups: which; null: in none."]
    currency: Annotated[str, "The currency of all its sums."]
    open: Annotated[Money, "What is open, due or not; credit notes are taken off."]
    overdue: Annotated[Money, "What of it was due before the day."]
    disputed: Annotated[Money, "What of it is disputed."]
    unapplied: Annotated[Money, "Money that settles nothing, in no bucket."]
    outstanding: Annotated[Money, "What is open, less what is unapplied."]
    buckets: Annotated[list[AgingBucket], "What is open by days overdue."]


@output
@dataclass(frozen=True)
class ReceivablesAging:
    """What is open by how long it is overdue, as of a day."""

    as_of: Annotated[date, "The day."]
    by: Annotated[AgingBy, "What there is a row for."]
    buckets: Annotated[list[AgingBucket], "All that is open, one currency after the other; never added up."]
    totals: Annotated[list[AgingTotal], "The sums of each currency."]
    base_total: Annotated[
        AgingTotal | None, "All in the company's currency, at the rates of the ledger, if `inBase` asks for it."
    ]
    rows: Annotated[list[AgingRowType], "One page of the rows: by currency, the most open first."]
    row_count: Annotated[int, "How many rows there are on all pages."]
    has_next_page: Annotated[bool, "Whether there are more."]
    end_cursor: Annotated[str | None, "The cursor to go on after."]


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


def as_aging(report: AgingReport, base: str | None) -> ReceivablesAging:
    """The report as it is shown; ``base``: the company's currency if sums in it are wanted."""
    totals = [
        _total(sums.amounts, sums.unapplied, sums.disputed, code, report.buckets) for code, sums in _sorted(report)
    ]
    last = report.rows[-1].place if report.rows and report.more else None
    return ReceivablesAging(
        as_of=report.as_of,
        by=report.by,
        buckets=[bucket for total in totals for bucket in total.buckets],
        totals=totals,
        base_total=_base_total(report, base) if base is not None else None,
        rows=[_row(row, report) for row in report.rows],
        row_count=report.count,
        has_next_page=report.more,
        end_cursor=write_cursor(ROWS_CURSOR, *last) if last is not None else None,
    )


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


def _sorted(report: AgingReport) -> list[tuple[str, Aged]]:
    return sorted(report.totals.items())


def _buckets(amounts: Sequence[Decimal], currency: str, buckets: Sequence[Bucket]) -> list[AgingBucket]:
    return [
        AgingBucket(
            bucket.label, bucket.least, bucket.most if bucket.least is not None else None, Money(sum_, currency)
        )
        for bucket, sum_ in zip(buckets, amounts, strict=True)
    ]


def _total(
    amounts: Sequence[Decimal], unapplied: Decimal, disputed: Decimal | None, currency: str, buckets: Sequence[Bucket]
) -> AgingTotal:
    open = sum(amounts, Decimal(0))
    return AgingTotal(
        open=Money(open, currency),
        not_due=Money(amounts[0], currency),
        overdue=Money(open - amounts[0], currency),
        disputed=Money(disputed, currency) if disputed is not None else None,
        unapplied=Money(unapplied, currency),
        outstanding=Money(open - unapplied, currency),
        buckets=_buckets(amounts, currency, buckets),
    )


def _base_total(report: AgingReport, base: str) -> AgingTotal:
    sums = report.totals.values()
    amounts = [sum((each.base[place] for each in sums), Decimal(0)) for place in range(len(report.buckets))]
    return _total(amounts, sum((each.base_unapplied for each in sums), Decimal(0)), None, base, report.buckets)


def _row(row: AgingRow, report: AgingReport) -> AgingRowType:
    sums, currency = row.sums, row.currency
    return AgingRowType(
        customer=Ref(row.key) if row.key is not None and report.by is AgingBy.CUSTOMER else None,
        owner=Ref(row.key) if row.key is not None and report.by is AgingBy.OWNER else None,
        group=Ref(row.key) if row.key is not None and report.by is AgingBy.GROUP else None,
        currency=currency,
        open=Money(sums.open, currency),
        overdue=Money(sums.overdue, currency),
        disputed=Money(sums.disputed, currency),
        unapplied=Money(sums.unapplied, currency),
        outstanding=Money(sums.open - sums.unapplied, currency),
        buckets=_buckets(sums.amounts, currency, report.buckets),
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
