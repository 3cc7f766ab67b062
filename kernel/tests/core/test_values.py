"""Events and stored values: what goes in comes out, exactly; an older payload still loads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan import Event, Money, new_id
from huikuan.codec import canonical, decode, digest, encode
from huikuan.errors import SetupError
from huikuan.events import event_name, load
from huikuan.values import UNSET, Unset


class Colour(Enum):
    RED = "how it looks"


@dataclass(frozen=True)
class Part:
    """A value inside an event."""

    sku: str
    amount: Decimal
    left_out: str | Unset = UNSET


class CrateShipped(Event, aggregate="crate"):
    """Everything an event may carry."""

    crate_id: UUID
    total: Money
    weight: Decimal
    on: date
    at: datetime
    parts: tuple[Part, ...]
    codes: list[str]
    colour: Colour
    customer_id: UUID | None
    count: int = 0
    rush: bool = False


def _crate(weight: Decimal, at: datetime, count: int, codes: list[str]) -> CrateShipped:
    return CrateShipped(
        crate_id=new_id(),
        total=Money(Decimal("12.30"), "CNY"),
        weight=weight,
        on=at.date(),
        at=at,
        parts=(Part("a", Decimal("1.10")), Part("b", Decimal("-3"))),
        codes=codes,
        colour=Colour.RED,
        customer_id=None,
        count=count,
        rush=True,
    )


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=6),
    st.datetimes(timezones=st.just(UTC)),
    st.integers(),
    st.lists(st.text()),
)
def test_an_event_comes_back_as_it_was(weight: Decimal, at: datetime, count: int, codes: list[str]) -> None:
    event = _crate(weight, at, count, codes)
    assert load(CrateShipped, event.payload()) == event


def test_a_payload_of_an_older_version_loads() -> None:
    event = _crate(Decimal(1), datetime(2026, 1, 5, tzinfo=UTC), 0, [])
    payload = {**event.payload(), "gone_since": 1}
    del payload["count"], payload["rush"]
    assert load(CrateShipped, payload).count == 0


def test_names_are_derived() -> None:
    assert event_name(CrateShipped) == "CRATE_SHIPPED"
    assert CrateShipped.aggregate == "crate"


def test_an_event_names_its_aggregate() -> None:
    with pytest.raises(SetupError, match="must name its aggregate"):
        type("Loose", (Event,), {"__annotations__": {}})


@pytest.mark.parametrize("value", [1.5, object(), {1.5: 1.5}, [float("nan")]])
def test_what_is_not_exact_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        encode(value)


def test_one_value_has_one_form() -> None:
    assert canonical({"b": Decimal("1.10"), "a": "é"}) == '{"a":"é","b":"1.10"}'.encode()
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest(Decimal("1.10")) != digest(Decimal("1.1"))
    assert encode(Part("a", Decimal(1))) == {"sku": "a", "amount": "1"}  # left out stays out


def test_nothing_is_nothing() -> None:
    assert decode(UUID | None, None) is None
    assert decode(Any, {"a": 1}) == {"a": 1}
