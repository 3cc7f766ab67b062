"""Values go into the database exactly, or not at all, and come back as they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.dialects import sqlite

from huikuan.db import Amount, Database, Quantity, UtcDateTime
from huikuan.db.errors import ModelError, ValueNotExact
from kernel.tests.db.shop import CLOCK, Line, Order, order, trial

DIALECT = sqlite.dialect()
LARGEST = Decimal(2**63 - 1).scaleb(-4)


@given(st.decimals(min_value=-LARGEST, max_value=LARGEST, places=4))
def test_an_amount_comes_back_as_it_was(value: Decimal) -> None:
    stored = Amount().process_bind_param(value, DIALECT)
    assert isinstance(stored, int)
    assert Amount().process_result_value(stored, DIALECT) == value


@pytest.mark.parametrize(
    "value",
    [
        0.1,
        "1",
        True,
        Decimal("0.00001"),
        Decimal("1.00000000000000000000000000000000001"),
        LARGEST + 1,
        2**62,
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("1e40"),
    ],
    ids=str,
)
def test_what_would_not_be_exact_is_refused(value: Any) -> None:
    with pytest.raises(ValueNotExact):
        Amount().process_bind_param(value, DIALECT)


def test_a_quantity_has_six_places() -> None:
    assert Quantity().process_bind_param(Decimal("0.000001"), DIALECT) == 1
    assert Quantity().process_bind_param(Decimal("1.5000000"), DIALECT) == 1_500_000
    assert Quantity().process_bind_param(3, DIALECT) == 3_000_000


def test_amounts_are_compared_sorted_and_summed_in_the_database(database: Database) -> None:
    with trial(database) as session:
        session.add_all([order("a", total=Decimal("99.9999")), order("b", total=Decimal(100)), order("c", total=-1)])
        large = select(Order.number).where(Order.total >= Decimal("100"))
        assert session.scalars(large).all() == ["b"]
        assert session.scalars(select(Order.number).order_by(Order.total)).first() == "c"
        total = session.scalar(select(func.sum(Order.total)))
        assert (type(total), total) == (Decimal, Decimal("198.9999"))
        assert session.scalar(select(func.max(Order.total * 2 + Decimal("0.5")))) == Decimal("200.5")
        assert session.scalar(select(func.sum(-Order.total))) == Decimal("-198.9999")


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param(lambda: Line.price * Line.quantity, id="times quantity"),
        pytest.param(lambda: Line.price * Decimal("0.5"), id="times a fraction"),
        pytest.param(lambda: Line.price / 2, id="divided"),
        pytest.param(lambda: Line.price + Line.quantity, id="plus quantity"),
        pytest.param(lambda: Line.price < Line.quantity, id="compared with a quantity"),
    ],
)
def test_arithmetic_that_would_lose_the_scale_is_refused(expression: Any) -> None:
    with pytest.raises(ModelError):
        expression()


def test_a_float_is_refused_before_it_reaches_the_database(database: Database) -> None:
    with trial(database) as session, pytest.raises(ValueNotExact, match="pass a Decimal"):
        session.add(order("a", total=0.1))
        session.flush()


EIGHT_HOURS = timezone(timedelta(hours=8))
EARLIEST, LATEST = datetime(1901, 1, 1), datetime(2199, 12, 31)  # noqa: DTZ001 - hypothesis adds the zone


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(moment=st.datetimes(EARLIEST, LATEST, timezones=st.just(EIGHT_HOURS)))
def test_a_time_comes_back_as_the_same_moment_in_utc(database: Database, moment: datetime) -> None:
    with trial(database) as session:
        placed = order("a", created_at=moment)
        session.add(placed)
        session.flush()
        session.expire(placed)
        assert placed.created_at == moment
        assert placed.created_at.tzinfo is UTC


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueNotExact, match="no time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), DIALECT)  # noqa: DTZ001 - the rule under test


def test_json_and_ids_come_back_as_they_were(database: Database) -> None:
    value = {"text": "回款", "list": [1, None, {"nested": True}]}
    with trial(database) as session:
        placed = order("a", extra=value)
        session.add(placed)
        session.flush()
        session.expire(placed)
        assert placed.extra == value
        assert isinstance(placed.id, UUID)
        placed.extra = None
        session.flush()
        assert session.scalars(select(Order.number).where(Order.extra.is_(None), Order.number == "a")).all() == ["a"]


def test_times_of_a_command_are_one_moment(database: Database) -> None:
    with trial(database) as session:
        placed = order("a")
        session.add(placed)
        session.flush()
        assert placed.created_at == placed.updated_at == CLOCK.now()
