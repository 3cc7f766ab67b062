"""Tax arithmetic: the known vectors, and what must hold for every document."""

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.money import exponent, quantize
from huikuan.tax import Tax, TaxableLine, TaxedDocument, TaxError, TaxRounding, tax_document

LINE, DOCUMENT = TaxRounding.LINE, TaxRounding.DOCUMENT


def one(amount: str, *taxes: Tax, currency: str = "EUR", rounding: TaxRounding = LINE) -> TaxedDocument:
    return tax_document([TaxableLine(Decimal(amount), taxes)], currency, rounding)


class TestVectors:
    """16 x 348.35 less 4 %, with 22 % tax (odoo#37896)."""

    AMOUNT = str(16 * Decimal("348.35") * Decimal("0.96"))

    def test_rounded_per_line(self) -> None:
        document = one(self.AMOUNT, Tax("V22", Decimal(22)))
        assert (document.net, document.tax, document.gross) == tuple(map(Decimal, ("5350.66", "1177.15", "6527.81")))

    def test_rounded_per_document(self) -> None:
        document = one(self.AMOUNT, Tax("V22", Decimal(22)), rounding=DOCUMENT)
        assert (document.net, document.tax, document.gross) == tuple(map(Decimal, ("5350.66", "1177.14", "6527.80")))

    def test_each_tax_is_rounded_before_taxes_are_added(self) -> None:
        """Two rates on 10.10: 0.51 + 1.01, not 14.975 % = 1.51 (odoo#20349)."""
        document = one("10.10", Tax("GST", Decimal(5)), Tax("QST", Decimal("9.975")))
        assert document.lines[0].taxes == (Decimal("0.51"), Decimal("1.01"))
        assert document.tax == Decimal("1.52")


class TestIncludedTax:
    def test_the_price_is_what_is_paid(self) -> None:
        document = one("119.00", Tax("V19", Decimal(19), included=True))
        assert (document.net, document.tax, document.gross) == (Decimal("100.00"), Decimal("19.00"), Decimal("119.00"))

    def test_the_gross_never_moves_by_rounding(self) -> None:
        for cents in range(1, 400):
            price = Decimal(cents).scaleb(-2)
            assert one(str(price), Tax("V19", Decimal(19), included=True)).gross == price

    def test_two_included_taxes_share_one_net(self) -> None:
        document = one("115.00", Tax("A", Decimal(5), included=True), Tax("B", Decimal(10), included=True))
        assert document.lines[0].taxes == (Decimal("5.00"), Decimal("10.00"))
        assert document.net == Decimal("100.00")

    def test_a_tax_on_top_is_taken_of_the_net(self) -> None:
        document = one("110.00", Tax("IN", Decimal(10), included=True), Tax("ON", Decimal(5)))
        assert (document.net, document.tax, document.gross) == (Decimal("100.00"), Decimal("15.00"), Decimal("115.00"))


class TestRoundingModes:
    def test_three_small_lines_differ_by_where_they_are_rounded(self) -> None:
        lines = [TaxableLine(Decimal("0.05"), (Tax("T", Decimal(10)),))] * 3
        assert tax_document(lines, "EUR", LINE).tax == Decimal("0.03")
        assert tax_document(lines, "EUR", DOCUMENT).tax == Decimal("0.02")

    def test_half_goes_away_from_zero_in_both_directions(self) -> None:
        tax = Tax("T", Decimal(10))
        assert one("0.05", tax).tax == Decimal("0.01")
        assert one("-0.05", tax).tax == Decimal("-0.01")

    def test_another_rounding_may_be_asked_for(self) -> None:
        line = TaxableLine(Decimal("0.05"), (Tax("T", Decimal(10)),))
        assert tax_document([line], "EUR", mode=ROUND_HALF_EVEN).tax == Decimal("0.00")

    @pytest.mark.parametrize(("currency", "tax"), [("JPY", "8"), ("EUR", "7.50"), ("KWD", "7.500")])
    def test_the_currency_says_how_far(self, currency: str, tax: str) -> None:
        assert str(one("75", Tax("T", Decimal(10)), currency=currency).tax) == tax

    def test_an_empty_document_is_worth_nothing(self) -> None:
        document = tax_document([], "EUR", DOCUMENT)
        assert not document.net
        assert not document.tax
        assert not document.gross
        assert document.totals == ()


@pytest.mark.parametrize("percent", [Decimal("-1"), Decimal("NaN"), Decimal("1001")])
def test_what_is_no_rate_is_refused(percent: Decimal) -> None:
    with pytest.raises(TaxError, match="Tax V"):
        Tax("V", percent)


TAXES = st.builds(
    Tax,
    st.sampled_from("ABC"),
    st.decimals(0, 100, places=3),
    st.booleans(),
)
AMOUNTS = st.decimals(Decimal(-10_000_000), Decimal(10_000_000), places=8)
LINES = st.lists(
    st.builds(TaxableLine, AMOUNTS, st.lists(TAXES, max_size=3, unique_by=lambda tax: tax.code).map(tuple)), max_size=8
)


@given(lines=LINES, currency=st.sampled_from(["JPY", "EUR", "KWD"]), rounding=st.sampled_from(TaxRounding))
def test_lines_totals_and_document_always_agree(lines: list[TaxableLine], currency: str, rounding: TaxRounding) -> None:
    document = tax_document(lines, currency, rounding)
    assert document.net + document.tax == document.gross
    assert sum(line.net for line in document.lines) == document.net
    assert sum(line.gross for line in document.lines) == document.gross
    assert sum(total.amount for total in document.totals) == document.tax
    for line in document.lines:
        assert line.net + line.tax == line.gross == quantize(line.gross, currency)
        assert sum(line.taxes) == line.tax


@given(lines=LINES.filter(len), currency=st.sampled_from(["JPY", "EUR", "KWD"]))
def test_rounding_per_document_is_nearest_to_the_exact_tax(lines: list[TaxableLine], currency: str) -> None:
    """For one combination of taxes on top, each tax lies within half a unit of the exact one."""
    taxes = tuple(Tax(tax.code, tax.percent) for tax in lines[0].taxes)
    same = [TaxableLine(line.amount, taxes) for line in lines]
    document = tax_document(same, currency, DOCUMENT)
    half = Decimal(1).scaleb(-exponent(currency)) / 2
    for total in document.totals:
        exact = sum(line.amount for line in same) * total.tax.percent / 100
        assert abs(total.amount - exact) <= half


@given(lines=LINES, rounding=st.sampled_from(TaxRounding))
def test_a_credit_note_is_the_mirror_of_its_invoice(lines: list[TaxableLine], rounding: TaxRounding) -> None:
    mirrored = [TaxableLine(-line.amount, line.taxes) for line in lines]
    invoice, credit = tax_document(lines, "EUR", rounding), tax_document(mirrored, "EUR", rounding)
    assert (credit.net, credit.tax, credit.gross) == (-invoice.net, -invoice.tax, -invoice.gross)
    assert [line.gross for line in credit.lines] == [-line.gross for line in invoice.lines]
