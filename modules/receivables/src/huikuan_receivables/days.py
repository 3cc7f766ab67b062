"""Days before and after others, as far as there are any."""

from __future__ import annotations

from datetime import date

__all__ = ["shifted"]


def shifted(day: date, days: int) -> date:
    """So many days later, or earlier if negative; at most the last and at least the first day that there is."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))
