"""Payment terms: how a total falls into instalments, and when they are due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan import BadInput, Money
from huikuan.errors import Refused
from huikuan.money import quantize
from huikuan_customers.errors import TERMS_CURRENCY, TERMS_INVALID, TERMS_TOO_LARGE
from huikuan_customers.snapshots import Instalment, Terms, TermsKind, TermsLine, Weekday
from huikuan_customers.terms import MAX_LINES, due_date, instalments

DAY = date(2026, 1, 31)
FIXED, PERCENT, OF_REST = TermsKind.FIXED, TermsKind.PERCENT, TermsKind.PERCENT_OF_REST
EQUAL, BALANCE = TermsKind.EQUAL_PARTS, TermsKind.BALANCE


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def percent(value: str, kind: TermsKind = PERCENT, **when: int) -> TermsLine:
    return TermsLine(kind=kind, percent=Decimal(value), **when)  # type: ignore[arg-type]


def fixed(amount: Money) -> TermsLine:
    return TermsLine(kind=FIXED, amount=amount)


def equal(parts: int, **when: int) -> TermsLine:
    return TermsLine(kind=EQUAL, parts=parts, **(when or {"every_months": 1}))  # type: ignore[arg-type]


def balance(**when: int) -> TermsLine:
    return TermsLine(kind=BALANCE, **when)  # type: ignore[arg-type]


def split(total: Money, *lines: TermsLine) -> list[Instalment]:
    return list(instalments(Terms(lines), total, DAY))


def amounts(total: Money, *lines: TermsLine) -> list[str]:
    return [format(part.amount.amount, "f") for part in split(total, *lines)]


def code_of(total: Money, *lines: TermsLine) -> str:
    with pytest.raises(Refused) as caught:
        split(total, *lines)
    [refusal] = caught.value.refusals
    assert refusal.module == "customers"
    return refusal.code


class TestShares:
    def test_the_balance_makes_up_for_rounding(self) -> None:
        """5.47 in 33.34/33.33/33.33 % is 1.82 + 1.82 + 1.83 (erpnext#12057)."""
        assert amounts(eur("5.47"), percent("33.34"), percent("33.33"), balance()) == ["1.82", "1.82", "1.83"]

    def test_thirty_thousand_in_three_equal_parts(self) -> None:
        """Typed percentages cannot say a third (erpnext#26951)."""
        assert amounts(eur("30000"), equal(3)) == ["10000.00"] * 3

    def test_equal_parts_differ_by_no_more_than_a_cent(self) -> None:
        assert amounts(eur("100"), equal(3)) == ["33.33", "33.33", "33.34"]
        assert amounts(eur("200"), equal(3)) == ["66.66", "66.67", "66.67"]

    def test_equal_parts_share_what_is_left(self) -> None:
        assert amounts(eur("1000"), percent("40"), equal(2)) == ["400.00", "300.00", "300.00"]

    def test_a_percentage_of_the_rest_is_not_one_of_the_total(self) -> None:
        assert amounts(eur("1000"), percent("50"), percent("50"), balance()) == ["500.00", "500.00"]
        assert amounts(eur("1000"), percent("50"), percent("50", OF_REST), balance()) == ["500.00", "250.00", "250.00"]

    def test_a_fixed_amount_comes_off_first(self) -> None:
        assert amounts(eur("250"), fixed(eur("100.00")), balance()) == ["100.00", "150.00"]

    @pytest.mark.parametrize(("currency", "parts"), [("JPY", ["33", "33", "34"]), ("EUR", ["33.33", "33.33", "33.34"])])
    def test_the_currency_says_how_far_to_round(self, currency: str, parts: list[str]) -> None:
        assert amounts(Money(Decimal(100), currency), equal(3)) == parts

    def test_three_decimals(self) -> None:
        assert amounts(Money(Decimal("10.000"), "KWD"), equal(3)) == ["3.333", "3.333", "3.334"]

    def test_a_credit_note_is_the_mirror_of_its_invoice(self) -> None:
        assert amounts(eur("-5.47"), percent("33.34"), fixed(eur("1.00")), balance()) == ["-1.82", "-1.00", "-2.65"]

    def test_nothing_to_pay_is_one_instalment_of_zero(self) -> None:
        [part] = split(eur("0"), percent("30"), balance(days=30))
        assert (part.amount, part.due_date) == (eur("0.00"), date(2026, 3, 2))

    def test_shares_that_round_to_nothing_are_left_out(self) -> None:
        assert amounts(eur("0.01"), percent("30"), balance()) == ["0.01"]
        assert amounts(eur("0.05"), equal(12)) == ["0.01"] * 5


class TestTooLarge:
    """A line larger than what is left is refused, never clipped."""

    def test_a_fixed_amount_above_the_total(self) -> None:
        assert code_of(eur("99.99"), fixed(eur("100.00")), balance()) == str(TERMS_TOO_LARGE)

    def test_a_fixed_amount_above_what_percentages_left(self) -> None:
        assert code_of(eur("100"), percent("60"), fixed(eur("50.00")), balance()) == str(TERMS_TOO_LARGE)

    def test_a_percentage_above_what_a_fixed_amount_left(self) -> None:
        assert code_of(eur("100"), fixed(eur("50.00")), percent("60"), balance()) == str(TERMS_TOO_LARGE)

    def test_rounding_alone_never_refuses(self) -> None:
        assert amounts(eur("0.01"), percent("50"), percent("50"), balance()) == ["0.01"]
        assert amounts(eur("0.14"), percent("10"), percent("50", OF_REST), percent("45"), balance()) == [
            "0.01",
            "0.07",
            "0.06",
        ]

    def test_a_fixed_amount_of_another_currency(self) -> None:
        assert code_of(Money(Decimal(500), "JPY"), fixed(eur("1.00")), balance()) == str(TERMS_CURRENCY)


class TestDueDates:
    @pytest.mark.parametrize(
        ("when", "on", "due"),
        [
            ({}, "2026-01-31", "2026-01-31"),
            ({"days": 30}, "2026-01-31", "2026-03-02"),
            ({"months": 1}, "2026-01-31", "2026-02-28"),
            ({"months": 1}, "2028-01-31", "2028-02-29"),
            ({"months": 1, "days": 10}, "2026-01-31", "2026-03-10"),
            ({"months": 11}, "2026-12-15", "2027-11-15"),
            ({"end_of_month": True}, "2026-02-10", "2026-02-28"),
            ({"days": 30, "end_of_month": True}, "2026-01-15", "2026-02-28"),
            ({"end_of_month": True, "days_after": 15}, "2026-01-15", "2026-02-15"),
            ({"day_of_month": 10}, "2026-01-10", "2026-01-10"),
            ({"day_of_month": 10}, "2026-01-11", "2026-02-10"),
            ({"day_of_month": 31}, "2026-02-11", "2026-02-28"),
            ({"day_of_month": 31}, "2026-12-31", "2026-12-31"),
            ({"end_of_month": True, "day_of_month": 10}, "2026-01-05", "2026-02-10"),
            ({"weekday": Weekday.FRIDAY}, "2026-01-05", "2026-01-09"),
            ({"weekday": Weekday.MONDAY}, "2026-01-05", "2026-01-05"),
            ({"day_of_month": 10, "weekday": Weekday.MONDAY}, "2026-01-05", "2026-01-12"),
        ],
    )
    def test_months_days_end_of_month_fixed_day_weekday(self, when: dict[str, int], on: str, due: str) -> None:
        assert due_date(balance(**when), date.fromisoformat(on)) == date.fromisoformat(due)

    def test_equal_parts_follow_each_other(self) -> None:
        parts = split(eur("300"), equal(3, months=1, every_months=1))
        assert [part.due_date for part in parts] == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]

    def test_offsets_of_lines_do_not_add_up(self) -> None:
        parts = split(eur("100"), percent("50", days=10), balance(days=20))
        assert [part.due_date for part in parts] == [date(2026, 2, 10), date(2026, 2, 20)]

    def test_a_date_beyond_reason_is_bad_input(self) -> None:
        with pytest.raises(BadInput):
            instalments(Terms((balance(),)), eur("1"), date(9999, 12, 31))

    @given(
        on=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
        months=st.integers(0, 40),
        days=st.integers(0, 100),
        end_of_month=st.booleans(),
        day_of_month=st.none() | st.integers(1, 31),
        weekday=st.none() | st.sampled_from(Weekday),
    )
    def test_nothing_is_due_before_the_document(
        self,
        on: date,
        months: int,
        days: int,
        end_of_month: bool,
        day_of_month: int | None,
        weekday: Weekday | None,
    ) -> None:
        line = TermsLine(
            kind=BALANCE,
            months=months,
            days=days,
            end_of_month=end_of_month,
            day_of_month=day_of_month,
            weekday=weekday,
        )
        due = due_date(line, on)
        assert due >= on
        assert weekday is None or due.weekday() == weekday.value


class TestEarlyDiscount:
    def test_two_percent_within_ten_days(self) -> None:
        line = TermsLine(kind=BALANCE, days=30, discount_percent=Decimal(2), discount_days=10)
        [part] = split(eur("1000"), line)
        assert part.discount is not None
        assert (part.discount.amount, part.discount.until) == (eur("20.00"), date(2026, 2, 10))

    def test_it_ends_when_the_instalment_is_due(self) -> None:
        line = TermsLine(kind=BALANCE, days=5, discount_percent=Decimal(2), discount_days=10)
        [part] = split(eur("-1000"), line)
        assert part.discount is not None
        assert (part.discount.amount, part.discount.until) == (eur("-20.00"), date(2026, 2, 5))


class TestWhatAreNoTerms:
    @pytest.mark.parametrize(
        "lines",
        [
            (),
            (percent("30"),),
            (balance(), percent("30")),
            (balance(), balance()),
            (balance(),) * (MAX_LINES + 1),
            (percent("60"), percent("50"), balance()),
            (percent("0"), balance()),
            (percent("101"), balance()),
            (percent("50", OF_REST, days=-1), balance()),
            (fixed(eur("0.00")), balance()),
            (TermsLine(kind=FIXED), balance()),
            (TermsLine(kind=BALANCE, percent=Decimal(5)),),
            (TermsLine(kind=BALANCE, every_months=1),),
            (TermsLine(kind=EQUAL, parts=3),),
            (TermsLine(kind=EQUAL, every_months=1),),
            (equal(1),),
            (equal(361),),
            (equal(360, every_months=12),),
            (balance(days_after=3),),
            (balance(day_of_month=32),),
            (TermsLine(kind=BALANCE, discount_percent=Decimal(2)),),
            (TermsLine(kind=BALANCE, discount_percent=Decimal(100), discount_days=1),),
            (TermsLine(kind=BALANCE, discount_percent=Decimal(1), discount_days=-1),),
        ],
        ids=str,
    )
    def test_they_are_refused_with_a_reason(self, lines: tuple[TermsLine, ...]) -> None:
        assert code_of(eur("100"), *lines) == str(TERMS_INVALID)


RATES = st.decimals(Decimal("0.000001"), 40, places=6)
OPENING = st.lists(
    st.builds(lambda rate, kind: TermsLine(kind=kind, percent=rate), RATES, st.sampled_from([PERCENT, OF_REST])),
    max_size=6,
).filter(lambda lines: sum(line.percent or 0 for line in lines if line.kind is PERCENT) <= 100)
CLOSING = st.just(balance()) | st.integers(2, 60).map(equal)


@given(
    opening=OPENING,
    deposit=st.none() | st.decimals(Decimal("0.01"), 100, places=3),
    closing=CLOSING,
    amount=st.decimals(Decimal(-(10**11)), Decimal(10**11), places=3),
    currency=st.sampled_from(["JPY", "EUR", "KWD"]),
)
def test_the_parts_always_add_up_to_the_total(
    opening: list[TermsLine], deposit: Decimal | None, closing: TermsLine, amount: Decimal, currency: str
) -> None:
    total = Money(quantize(amount, currency), currency)
    first = [] if deposit is None else [fixed(Money(max(quantize(deposit, currency), Decimal(1)), currency))]
    try:
        parts = split(total, *first, *opening, closing)
    except Refused as refused:
        assert [item.code for item in refused.refusals] == [str(TERMS_TOO_LARGE)]
        assert first or any(line.kind is OF_REST for line in opening)
        return
    assert sum((part.amount for part in parts), Money.zero(currency)) == total
    if total:
        assert all((part.amount.amount > 0) == (total.amount > 0) and part.amount for part in parts)
    else:
        assert len(parts) == 1
