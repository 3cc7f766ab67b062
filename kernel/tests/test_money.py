"""Money is exact, knows its currency, and says so when asked for what it cannot do."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.money import (
    SCALE,
    CurrencyMismatch,
    ExcessDigits,
    Money,
    MoneyError,
    UnknownCurrency,
    allocate,
    currencies,
    exponent,
    quantize,
)

cents = st.decimals(min_value=-(10**12), max_value=10**12, places=2)


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("CNY", 2), ("KWD", 3), ("CLF", 4)])
def test_each_currency_has_its_digits(currency: str, digits: int) -> None:
    assert exponent(currency) == digits
    Money(Decimal(1).scaleb(-digits), currency)
    with pytest.raises(ExcessDigits):
        Money(Decimal(1).scaleb(-digits - 1), currency)


def test_every_currency_can_be_stored() -> None:
    assert max(map(exponent, currencies())) <= SCALE
    assert len(currencies()) > 150


@pytest.mark.parametrize("currency", ["", "cny", "XXX", "EURO", None, ["CNY"]], ids=repr)
def test_an_unknown_currency_is_refused(currency: Any) -> None:
    with pytest.raises(UnknownCurrency):
        Money(Decimal(1), currency)


@pytest.mark.parametrize("amount", [1.5, 1, "1", None, Decimal("NaN"), Decimal("Infinity")], ids=repr)
def test_only_finite_decimals_are_amounts(amount: Any) -> None:
    with pytest.raises(MoneyError):
        Money(amount, "CNY")


def test_zeros_at_the_end_are_no_excess() -> None:
    assert cny("1.5000") == cny("1.50")
    assert hash(cny("1.5000")) == hash(cny("1.50"))


@given(cents, cents)
def test_sums_and_differences_are_exact(first: Decimal, second: Decimal) -> None:
    a, b = Money(first, "CNY"), Money(second, "CNY")
    assert (a + b) - b == a
    assert -(a - b) == b - a
    assert (a < b, a <= b, a == b) == (first < second, first <= second, first == second)
    assert abs(a).amount >= 0


def test_currencies_do_not_mix() -> None:
    usd = Money(Decimal(1), "USD")
    for mix in (lambda: cny("1") + usd, lambda: cny("1") - usd, lambda: cny("1") < usd, lambda: cny("1") >= usd):
        with pytest.raises(CurrencyMismatch, match="differ in currency"):
            mix()
    assert cny("1") != usd


def test_a_product_is_exact_until_it_is_rounded() -> None:
    tax = cny("0.35") * Decimal("0.13")
    assert tax.amount == Decimal("0.0455")
    assert tax.rounded() == cny("0.05")
    assert cny("0.25").__mul__(Decimal("0.1")).rounded(ROUND_HALF_EVEN) == cny("0.02")
    assert 3 * cny("0.10") == cny("0.30")
    with pytest.raises(TypeError):
        cny("1") * 0.5  # type: ignore[operator]


def test_text_shows_all_digits_of_the_currency() -> None:
    assert str(cny("12.3")) == "12.30 CNY"
    assert str(Money(Decimal(5), "JPY")) == "5 JPY"
    assert str(Money.zero("KWD")) == "0.000 KWD"
    assert str(cny("0.1") * Decimal("0.01")) == "0.001 CNY"


def test_zero_is_false() -> None:
    assert not Money.zero("CNY")
    assert cny("0.01")


def test_half_is_rounded_up_away_from_zero() -> None:
    assert quantize(Decimal("0.005"), "CNY") == Decimal("0.01")
    assert quantize(Decimal("-0.005"), "CNY") == Decimal("-0.01")
    assert quantize(Decimal("0.5"), "JPY") == 1


@given(cents, st.lists(st.decimals(min_value=0, max_value=1000, places=3), min_size=1, max_size=8))
def test_shares_add_up_exactly(total: Decimal, weights: list[Decimal]) -> None:
    if not any(weights):
        weights[0] = Decimal(1)
    shares = allocate(total, weights, "CNY")
    assert sum(shares) == total
    assert len(shares) == len(weights)


def test_the_last_share_takes_the_remainder() -> None:
    third = Decimal(1)
    assert allocate(Decimal("1.00"), [third] * 3, "CNY") == [Decimal("0.33"), Decimal("0.33"), Decimal("0.34")]
    for weights in ([], [Decimal(0)], [Decimal(2), Decimal(-1)]):
        with pytest.raises(MoneyError, match="Weights"):
            allocate(Decimal(1), weights, "CNY")
