"""Metrics with their published vectors (features 2.3); what the formula says holds where a printed figure differs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from huikuan_receivables.habits import grade
from huikuan_receivables.metrics import (
    at_risk_rate,
    average_days_delinquent,
    average_delay,
    best_possible_dso,
    collection_effectiveness,
    countback_dso,
    dso,
)

D = Decimal
SALES = [D(2500), D(1750), D(2250), D(2500), D(2000), D(2250)]
DAYS = [31, 30, 31, 30, 31, 30]


def test_days_of_sales_outstanding_best_possible_and_delinquent() -> None:
    assert dso(D(15_000), D(10_000), 30) == 45
    assert best_possible_dso(D(4_000), D(10_000), 30) == 12
    assert average_days_delinquent(D(15_000), D(4_000), D(10_000), 30) == 33
    assert dso(D(15_000), D(0), 30) is None and best_possible_dso(D(1), D(-1), 30) is None


def test_counting_back_takes_whole_periods_then_a_part() -> None:
    found = countback_dso(D(12_000), zip(SALES, DAYS, strict=True))
    assert found == 153 + D(1000) / D(2250) * 30
    assert round(found, 1) == D("166.3"), "not the 179.7 that is printed for it"


@pytest.mark.parametrize(
    ("open", "days"), [("0", "0"), ("-5", "0"), ("1250", "15.5"), ("2500", "31"), ("4250", "61"), ("99999", "183")]
)
def test_counting_back_ends(open: str, days: str) -> None:
    assert countback_dso(D(open), zip(SALES, DAYS, strict=True)) == D(days)


def test_counting_back_ends_at_a_period_without_sales() -> None:
    assert countback_dso(D(100), [(D(50), 30), (D(0), 31), (D(50), 30)]) == 30
    assert countback_dso(D(100), [(D(-1), 30)]) == 0


def test_effectiveness_of_collection() -> None:
    found = collection_effectiveness(D(100_000), D(50_000), D(80_000), D(60_000))
    assert found is not None and round(found, 1) == D("77.8")
    assert collection_effectiveness(D(100_000), D(150_000), D(80_000), D(60_000), months=3) == found
    assert collection_effectiveness(D(10), D(0), D(10), D(10)) is None


def test_average_delay_is_weighted_by_amount_and_graded() -> None:
    assert average_delay([(D(100), 10), (D(300), -2)]) == 1
    assert average_delay([]) is None
    assert [grade(D(days)) for days in ("-3", "30", "30.1", "60", "90", "90.1")] == ["A", "A", "B", "B", "C", "D"]


def test_at_risk() -> None:
    assert at_risk_rate(D(200), D(5)) == D("2.5") and at_risk_rate(D(0), D(5)) is None
