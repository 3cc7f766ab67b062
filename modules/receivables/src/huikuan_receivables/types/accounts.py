"""What a customer's account shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from huikuan.graphql import output
from huikuan.money import Money
from huikuan_receivables.aging import Bucket
from huikuan_receivables.snapshots import Balance
from huikuan_receivables.types.collecting import NextReminderType, as_reminder

__all__ = ["AccountBucket", "CustomerReceivables", "as_account"]


@output
@dataclass(frozen=True)
class AccountBucket:
    """What is open of an account in one span of days overdue."""

    label: Annotated[str, "Its name: not due, 1-30, …, 91+."]
    amount: Annotated[Decimal, "What is open, in the account's currency; credit notes are taken off."]


@output
@dataclass(frozen=True)
class CustomerReceivables:
    """A customer's account in one currency."""

    currency: Annotated[str, "The currency."]
    as_of: Annotated[date, "The day that the figures are of."]
    open: Annotated[Money, "The sum of all open items, credit notes taken off."]
    overdue: Annotated[Money, "What of it was due before the day; credit notes are not taken off."]
    overdue_count: Annotated[int, "How many items that is."]
    unapplied: Annotated[Money, "Money that settles nothing yet."]
    outstanding: Annotated[Money, "What is open, less what is unapplied."]
    oldest_due_on: Annotated[date | None, "When the oldest overdue item was due."]
    aging: Annotated[list[AccountBucket], "What is open by days overdue, in the buckets of the setting."]
    next_reminder: Annotated[NextReminderType | None, "Its next reminder; null as of another day."] = None


def as_account(
    found: Balance | None,
    currency: str,
    as_of: date,
    buckets: Sequence[Bucket],
    aging: Sequence[Decimal] | None,
    reminder: tuple[date, int] | None = None,
) -> CustomerReceivables:
    """An account; one without anything has zeros."""
    zero = Money.zero(currency)
    sums = aging or [zero.amount for _ in buckets]
    parts = [
        AccountBucket(bucket.label, Money(sum_, currency).amount) for bucket, sum_ in zip(buckets, sums, strict=True)
    ]
    if found is None:
        return CustomerReceivables(currency, as_of, zero, zero, 0, zero, zero, None, parts)
    return CustomerReceivables(
        currency=currency,
        as_of=as_of,
        open=Money(found.open, currency),
        overdue=Money(found.overdue, currency),
        overdue_count=found.overdue_count,
        unapplied=Money(found.unapplied, currency),
        outstanding=Money(found.open - found.unapplied, currency),
        oldest_due_on=found.oldest_due_on,
        aging=parts,
        next_reminder=as_reminder(reminder),
    )
