"""The dates of a template: pure calendar arithmetic."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from huikuan_orders.models import OrderInterval

__all__ = ["date_of_run"]


def date_of_run(starts_on: date, interval: OrderInterval, every: int, run: int) -> date:
    """The date of the run after ``run`` earlier ones; counted from the start, so the 31st comes back."""
    if interval is OrderInterval.MONTH:
        months = starts_on.month - 1 + every * run
        year, month = starts_on.year + months // 12, months % 12 + 1
        return date(year, month, min(starts_on.day, monthrange(year, month)[1]))
    days = every * run * (7 if interval is OrderInterval.WEEK else 1)
    return starts_on + timedelta(days=days)
