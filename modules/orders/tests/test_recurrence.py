"""The dates of templates."""

from __future__ import annotations

from datetime import date

import pytest

from huikuan_orders.models import OrderInterval
from huikuan_orders.recurrence import date_of_run


@pytest.mark.parametrize(
    ("start", "interval", "every", "dates"),
    [
        ("2026-01-31", OrderInterval.MONTH, 1, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2024-02-29", OrderInterval.MONTH, 12, ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2026-11-15", OrderInterval.MONTH, 3, ["2026-11-15", "2027-02-15", "2027-05-15"]),
        ("2026-01-05", OrderInterval.WEEK, 2, ["2026-01-05", "2026-01-19", "2026-02-02"]),
        ("2026-12-30", OrderInterval.DAY, 3, ["2026-12-30", "2027-01-02"]),
    ],
    ids=["end of month", "leap day", "quarter", "fortnight", "days"],
)
def test_dates_count_from_the_start(start: str, interval: OrderInterval, every: int, dates: list[str]) -> None:
    found = [date_of_run(date.fromisoformat(start), interval, every, run).isoformat() for run in range(len(dates))]
    assert found == dates
