"""How fast money comes in, as pure functions: amounts of one currency go in, days or percent come out, not rounded.

None where a figure cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

__all__ = [
    "at_risk_rate",
    "average_days_delinquent",
    "average_delay",
    "best_possible_dso",
    "collection_effectiveness",
    "countback_dso",
    "dso",
]

ZERO = Decimal(0)
HUNDRED = Decimal(100)


def dso(open: Decimal, sales: Decimal, days: int) -> Decimal | None:
    """Days of sales outstanding: what is open at the end, in days of the sales of the last ``days`` days."""
    return open * days / sales if sales > ZERO else None


def best_possible_dso(not_due: Decimal, sales: Decimal, days: int) -> Decimal | None:
    """What the days of sales outstanding would be if nothing were overdue."""
    return dso(not_due, sales, days)


def average_days_delinquent(open: Decimal, not_due: Decimal, sales: Decimal, days: int) -> Decimal | None:
    """The difference: the part of the days of sales outstanding that comes from being late."""
    return dso(open - not_due, sales, days)


def countback_dso(open: Decimal, periods: Iterable[tuple[Decimal, int]]) -> Decimal:
    """Days of sales outstanding by counting back: how many days of the latest sales are still open.

    ``periods``: sales and days of each, the latest first. Whole periods are taken off as long as they fit, then a part
    of the next. It ends at a period without sales, and when no period is left: then it is at least so many days.
    """
    total = ZERO
    for sales, days in periods:
        if open <= ZERO or sales <= ZERO:
            break
        total += min(open / sales, Decimal(1)) * days
        open -= sales
    return total


def collection_effectiveness(
    begin: Decimal, sales: Decimal, end: Decimal, end_not_due: Decimal, *, months: int = 1
) -> Decimal | None:
    """Percent of what could have been collected that was: 100 is best. ``sales`` are those of so many months."""
    due = begin + sales / months
    could = due - end_not_due
    return (due - end) / could * HUNDRED if could > ZERO else None


def average_delay(paid: Sequence[tuple[Decimal, int]]) -> Decimal | None:
    """Days from due day to payment, weighted by amount; early is negative, what is overdue counts as paid today."""
    total = sum((amount for amount, _ in paid), ZERO)
    return sum((amount * days for amount, days in paid), ZERO) / total if total > ZERO else None


def at_risk_rate(billed: Decimal, unpaid_after_90: Decimal) -> Decimal | None:
    """Percent of what was billed that was still unpaid 90 days after it was due."""
    return unpaid_after_90 / billed * HUNDRED if billed > ZERO else None
