"""GraphQL types of aging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated

from huikuan.core.types import User
from huikuan.graphql import output
from huikuan.money import Money
from huikuan.values import Ref
from huikuan_customers.types import Customer, CustomerGroup
from huikuan_receivables.aging import Aged, Bucket
from huikuan_receivables.aging_rows import AgingReport, AgingRow
from huikuan_receivables.pages import write_cursor
from huikuan_receivables.snapshots import AgingBy

__all__ = [
    "ROWS_CURSOR",
    "AgingBucket",
    "AgingRowType",
    "AgingTotal",
    "ReceivablesAging",
    "as_aging",
]

ROWS_CURSOR = "aging"


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


def _sorted(report: AgingReport) -> list[tuple[str, Aged]]:
    return sorted(report.totals.items())


def _buckets(amounts: Sequence[Decimal], currency: str, buckets: Sequence[Bucket]) -> list[AgingBucket]:
    return [
        AgingBucket(
            bucket.label, bucket.least, bucket.most if bucket.least is not None else None, Money(sum_, currency)
        )
        for bucket, sum_ in zip(buckets, amounts, strict=True)
    ]


def _money(amount: Decimal, currency: str) -> Money:
    """Most sums of a long aging are zeros."""
    return Money(amount, currency) if amount else _nothing(currency)


@cache
def _nothing(currency: str) -> Money:
    return Money.zero(currency)


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
    sums, currency, open = row.sums, row.currency, row.sums.open
    return AgingRowType(
        customer=Ref(row.key) if row.key is not None and report.by is AgingBy.CUSTOMER else None,
        owner=Ref(row.key) if row.key is not None and report.by is AgingBy.OWNER else None,
        group=Ref(row.key) if row.key is not None and report.by is AgingBy.GROUP else None,
        currency=currency,
        open=_money(open, currency),
        overdue=_money(open - sums.amounts[0], currency),
        disputed=_money(sums.disputed, currency),
        unapplied=_money(sums.unapplied, currency),
        outstanding=_money(open - sums.unapplied, currency),
        buckets=_buckets(sums.amounts, currency, report.buckets),
    )
