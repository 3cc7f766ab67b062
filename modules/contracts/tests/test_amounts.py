"""Collection plans come to the cent, whatever the percentages and the currency (pain point 9)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.errors import BadInput
from huikuan.money import Money, exponent
from huikuan_contracts.amounts import shares

CURRENCIES = {"EUR": 2, "JPY": 0, "KWD": 3, "CNY": 2}


@dataclass(frozen=True)
class Part:
    """How much an instalment is."""

    amount: Decimal | None = None
    percent: Decimal | None = None


def percent(value: str) -> Part:
    return Part(percent=Decimal(value))


def amounts(whole: str, *parts: Part, currency: str = "EUR") -> list[str]:
    return [str(it.amount) for it in shares(Money(Decimal(whole), currency), parts)]


@pytest.mark.parametrize(
    ("whole", "parts", "expected"),
    [
        ("5.47", [percent("33.34"), percent("33.33"), percent("33.33")], ["1.82", "1.82", "1.83"]),
        ("30000", [Part(), Part(), Part()], ["10000.00", "10000.00", "10000.00"]),
        ("100", [Part(), Part(), Part()], ["33.33", "33.33", "33.34"]),
        ("1000", [percent("30"), Part(amount=Decimal(250)), Part()], ["300.00", "250", "450.00"]),
        ("1000", [percent("30"), percent("60")], ["300.00", "600.00"]),
    ],
    ids=["typed thirds", "equal parts", "equal cents", "mixed", "less than all"],
)
def test_vectors(whole: str, parts: list[Part], expected: list[str]) -> None:
    assert amounts(whole, *parts) == expected


money = st.sampled_from(list(CURRENCIES)).flatmap(
    lambda currency: st.integers(1, 10**12).map(
        lambda units: Money(Decimal(units).scaleb(-exponent(currency)), currency)
    )
)


@given(money, st.lists(st.integers(1, 10**8), min_size=1, max_size=24))
def test_percentages_that_come_to_all_of_it_take_all_of_it(whole: Money, weights: list[int]) -> None:
    total = sum(weights)
    percents = [(Decimal(100) * weight / total).quantize(Decimal("0.000001")) for weight in weights[:-1]]
    rest = Decimal(100) - sum(percents, Decimal(0))
    if rest <= 0 or min(percents, default=rest) <= 0:
        return
    found = shares(whole, [Part(percent=it) for it in (*percents, rest)])
    assert sum(found, Money.zero(whole.currency)) == whole
    for share, it in zip(found[:-1], percents, strict=True):
        assert share == (whole * (it * Decimal("0.01"))).rounded()


@given(money, st.integers(1, 60))
def test_equal_parts_take_all_of_it_and_differ_by_little(whole: Money, count: int) -> None:
    found = shares(whole, [Part()] * count)
    assert sum(found, Money.zero(whole.currency)) == whole
    assert len({it.amount for it in found[:-1]}) <= 1


@given(money, st.lists(st.integers(1, 4_000), min_size=1, max_size=10), st.integers(1, 10))
def test_what_says_nothing_takes_exactly_the_rest(whole: Money, hundredths: list[int], rest: int) -> None:
    parts = [Part(percent=Decimal(it) / 100) for it in hundredths]
    found = shares(whole, [*parts, *([Part()] * rest)])
    assert sum(found, Money.zero(whole.currency)) == whole


@given(money, st.integers(1, 10**6), st.integers(1, 6))
def test_what_others_took_is_not_shared_again(whole: Money, units: int, count: int) -> None:
    taken = Money(Decimal(units).scaleb(-exponent(whole.currency)), whole.currency)
    found = shares(whole, [Part()] * count, taken=taken)
    assert sum(found, taken) == whole


@pytest.mark.parametrize(
    "bad",
    [
        Part(amount=Decimal(1), percent=Decimal(1)),
        percent("0"),
        percent("100.1"),
        percent("NaN"),
        percent("1.0000001"),
        Part(amount=Decimal(0)),
        Part(amount=Decimal("Infinity")),
    ],
    ids=["both", "nothing", "too much", "no number", "digits", "no amount", "endless"],
)
def test_shares_that_are_none(bad: Part) -> None:
    with pytest.raises(BadInput):
        shares(Money(Decimal(100), "EUR"), [bad])
