"""Totals: exact, and always the sums of the lines (I10)."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from huikuan.ids import new_id
from huikuan.money import exponent
from huikuan.tax import TaxRounding
from huikuan_orders.amounts import amount_of, assess, total_of
from huikuan_orders.values import LineValues

TAXES = [(None, "0", False), ("NONE", "0", False), ("STD", "20", False), ("INCL", "19", True), ("ODD", "8.875", False)]
quantities = st.decimals("-1000", "1000", places=3).filter(bool)
prices = st.decimals("0", "5000", places=4)
discounts = st.sampled_from([Decimal(0), Decimal("2.5"), Decimal("33.333333"), Decimal(100)])


@st.composite
def lines(draw: st.DrawFn) -> LineValues:
    code, percent, included = draw(st.sampled_from(TAXES))
    return line(draw(quantities), draw(prices), draw(discounts), code=code, percent=Decimal(percent), included=included)


def line(
    quantity: Decimal,
    price: Decimal,
    discount: Decimal = Decimal(0),
    *,
    code: str | None = None,
    percent: Decimal = Decimal(0),
    included: bool = False,
) -> LineValues:
    return LineValues(
        id=new_id(),
        position=1,
        product_id=None,
        sku=None,
        description="x",
        quantity=quantity,
        unit_price=price,
        list_price=None,
        discount_percent=discount,
        tax_code=code,
        tax_percent=percent,
        tax_included=included,
        net=Decimal(0),
        tax=Decimal(0),
        gross=Decimal(0),
        promised_on=None,
    )


@given(st.lists(lines(), max_size=12), st.sampled_from(["EUR", "JPY", "KWD"]), st.sampled_from(list(TaxRounding)))
def test_the_total_is_the_sum_of_its_lines(found: list[LineValues], currency: str, rounding: TaxRounding) -> None:
    totals = assess(found, currency, rounding)
    assert totals == total_of(found, currency)
    assert totals.net + totals.tax == totals.total
    smallest = Decimal(1).scaleb(-exponent(currency))
    for item in found:
        assert item.net + item.tax == item.gross
        assert all(amount % smallest == 0 for amount in (item.net, item.tax, item.gross))


@given(st.lists(lines(), max_size=8), st.sampled_from(list(TaxRounding)))
def test_what_is_given_back_is_what_was_taken(found: list[LineValues], rounding: TaxRounding) -> None:
    taken = assess(found, "EUR", rounding)
    for item in found:
        item.quantity = -item.quantity
    given_back = assess(found, "EUR", rounding)
    assert (given_back.net, given_back.tax, given_back.total) == (-taken.net, -taken.tax, -taken.total)


def test_a_discount_is_exact_until_the_end() -> None:
    assert amount_of(Decimal(3), Decimal("0.333333"), Decimal("12.5")) == Decimal("0.874999125")
    large = Decimal("999999.999999")
    assert amount_of(large, large, Decimal("0.000001")) == Decimal("999999989998.00000002000099999999")


def test_tax_in_the_price_or_on_top() -> None:
    on_top = line(Decimal(3), Decimal("9.99"), code="S", percent=Decimal(20))
    inside = line(Decimal(3), Decimal("9.99"), code="S", percent=Decimal(20), included=True)
    assess([on_top, inside], "EUR", TaxRounding.LINE)
    assert (on_top.net, on_top.tax, on_top.gross) == (Decimal("29.97"), Decimal("5.99"), Decimal("35.96"))
    assert (inside.net, inside.tax, inside.gross) == (Decimal("24.97"), Decimal("5.00"), Decimal("29.97"))
