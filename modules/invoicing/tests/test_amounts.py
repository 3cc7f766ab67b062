"""The arithmetic: taxes, early-payment discount, instalments; and every vector of the rules about rounding."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.errors import Refused
from huikuan.money import Money, quantize
from huikuan.tax import TaxRounding
from huikuan.testing.shop import Shop
from huikuan_customers.api import instalments
from huikuan_customers.errors import TERMS_TOO_LARGE
from huikuan_customers.snapshots import Terms, TermsKind, TermsLine
from huikuan_invoicing.amounts import Totals, assess, discount_of, in_base, tax_sums, total_of
from huikuan_invoicing.snapshots import DiscountTax
from huikuan_invoicing.testing import line as input_line
from huikuan_invoicing.values import LineValues
from modules.invoicing.tests.reading import amounts, parts, read

LINE, DOCUMENT = TaxRounding.LINE, TaxRounding.DOCUMENT
PERCENT, REST, BALANCE, EQUAL = TermsKind.PERCENT, TermsKind.PERCENT_OF_REST, TermsKind.BALANCE, TermsKind.EQUAL_PARTS
DAY = date(2026, 1, 31)


def line(quantity: str, price: str, discount: str = "0", tax: str | None = None, included: bool = False) -> LineValues:
    return LineValues.new(
        position=1,
        description="x",
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        discount_percent=Decimal(discount),
        tax_code=tax and f"VAT{tax}",
        tax_percent=Decimal(tax or 0),
        tax_included=included,
    )


class TestTax:
    def test_16_times_348_35_less_4_percent_at_22_percent(self) -> None:
        """Per line 6,527.81, per document 6,527.80 (odoo#37896)."""
        one = line("16", "348.35", "4", "22")
        assert assess([one], "EUR", LINE).total == Money(Decimal("6527.81"), "EUR")
        assert assess([one], "EUR", DOCUMENT).total == Money(Decimal("6527.80"), "EUR")

    def test_each_tax_is_rounded_before_they_are_added(self) -> None:
        """odoo#20349."""
        lines = [line("1", "0.50", tax="5"), line("1", "0.50", tax="7")]
        totals = assess(lines, "EUR", LINE)
        assert [(item.code, item.tax) for item in tax_sums(lines)] == [
            ("VAT5", Decimal("0.03")),
            ("VAT7", Decimal("0.04")),
        ]
        assert totals.total == Money(Decimal("1.07"), "EUR")

    @given(
        st.lists(
            st.tuples(
                st.decimals(Decimal("-999"), Decimal("999"), places=3).filter(bool),
                st.decimals(0, 999, places=4),
                st.sampled_from(["0", "2.5", "33.333333"]),
                st.sampled_from([(None, False), ("7", False), ("19", False), ("19", True)]),
            ),
            min_size=1,
            max_size=8,
        ),
        st.sampled_from(["JPY", "EUR", "KWD"]),
        st.sampled_from(TaxRounding),
        st.sampled_from(["0", "2", "3.5"]),
    )
    def test_lines_taxes_and_totals_always_agree(
        self,
        shapes: list[tuple[Decimal, Decimal, str, tuple[str | None, bool]]],
        currency: str,
        how: TaxRounding,
        early: str,
    ) -> None:
        lines = [line(str(q), str(p), discount, *tax) for q, p, discount, tax in shapes]
        totals = assess(lines, currency, how, Decimal(early))
        assert totals == total_of(lines, currency) and totals.net + totals.tax == totals.total
        assert sum((item.tax for item in tax_sums(lines)), Decimal(0)) == totals.tax.amount
        assert all(value == quantize(value, currency) for row in lines for value in (row.net, row.tax, row.gross))


class TestEarlyDiscount:
    """2 % of 1,000 net and 190 tax (BIL-8)."""

    @pytest.mark.parametrize(
        ("mode", "tax", "total", "kept"),
        [
            ("included", "190.00", "1190.00", "23.80"),
            ("excluded", "190.00", "1190.00", "20.00"),
            ("mixed", "186.20", "1186.20", "20.00"),
        ],
    )
    def test_what_it_does_to_tax(self, shop: Shop, mode: str, tax: str, total: str, kept: str) -> None:
        assert shop.set("invoicing.discount_tax", mode).done
        early = {"kind": "BALANCE", "days": 30, "discountPercent": "2", "discountDays": 10}
        terms = shop.customers.terms("EARLY", early)
        lines = [input_line("1000", taxCode="STD", taxPercent=Decimal(19))]
        found = read(shop, shop.invoicing.posted(lines=lines, paymentTerms=terms))
        assert (found["tax"]["amount"], found["total"]["amount"]) == (tax, total)
        [part] = found["instalments"]
        assert (part["discountAmount"]["amount"], part["discountUntil"], part["amount"]["amount"]) == (
            kept,
            "2026-01-15",
            total,
        )
        assert shop.set("invoicing.discount_tax", "included").done
        invoice = shop.query("{ invoices { nodes { id } } }")["invoices"]["nodes"][0]["id"]
        note = shop.mutate("invoiceCredit", id=invoice, reason="x")["invoice"]
        assert read(shop, note["id"])["tax"]["amount"] == f"-{tax}", "frozen: a setting moves no old document"
        assert not shop.check()

    def test_tax_is_reduced_beforehand_only_by_one_discount(self, shop: Shop) -> None:
        assert shop.set("invoicing.discount_tax", "mixed").done
        first = {"kind": "PERCENT", "percent": "50", "discountPercent": "2", "discountDays": 10}
        terms = shop.customers.terms("UNEVEN", first, {"kind": "BALANCE", "days": 30})
        shop.customers.create("C-1")
        given = {"customer": {"code": "C-1"}, "lines": [input_line("1")], "paymentTerms": terms}
        assert shop.mutate("invoiceDraft", input=given).refused("INVOICING_DISCOUNT_MIXED")

    def test_instalments_share_the_discount_on_the_net_amount(self) -> None:
        totals = Totals(Money(Decimal(100), "EUR"), Money(Decimal(19), "EUR"), Money(Decimal(119), "EUR"))
        half = Money(Decimal("59.50"), "EUR")
        assert discount_of(DiscountTax.EXCLUDED, half, Decimal(2), totals) == Money(Decimal("1.00"), "EUR")
        assert discount_of(DiscountTax.INCLUDED, half, Decimal(2), totals) == Money(Decimal("1.19"), "EUR")


class TestFrozen:
    def test_settings_move_no_old_total(self, shop: Shop) -> None:
        """odoo#177192."""
        lines = [input_line("0.50", taxCode="A", taxPercent=Decimal(5)) for _ in range(3)]
        draft, posted = shop.invoicing.draft(lines=lines), shop.invoicing.posted(lines=lines)
        before = [amounts(read(shop, item)) for item in (draft, posted)]
        assert shop.set("invoicing.tax_per_document", "true").done
        assert [amounts(read(shop, item)) for item in (draft, posted)] == before
        assert read(shop, shop.invoicing.draft(lines=lines))["tax"]["amount"] == "0.08"
        assert before[0][1] == "0.09"

    def test_terms_that_change_move_no_instalment(self, shop: Shop) -> None:
        invoice = shop.invoicing.posted(paymentTerms=shop.customers.net(30))
        assert parts(read(shop, invoice)) == [("2026-02-04", "100.00")]

    def test_payment_terms_may_count_from_another_day(self, shop: Shop) -> None:
        invoice = shop.invoicing.posted(paymentTerms=shop.customers.net(10), dueFrom="2026-02-01")
        assert parts(read(shop, invoice)) == [("2026-02-11", "100.00")]


def percent(value: str, kind: TermsKind = PERCENT) -> TermsLine:
    return TermsLine(kind=kind, percent=Decimal(value))


TEMPLATES = {
    "at once": Terms((TermsLine(kind=BALANCE),)),
    "thirds": Terms((percent("33.34"), percent("33.33"), TermsLine(kind=BALANCE))),
    "three equal": Terms((TermsLine(kind=EQUAL, parts=3, every_months=1),)),
    "twelve equal": Terms((TermsLine(kind=EQUAL, parts=12, every_months=1),)),
    "deposit and rest": Terms((percent("30"), percent("50", REST), TermsLine(kind=BALANCE, days=60))),
    "small percent": Terms((percent("0.000001"), percent("99.9"), TermsLine(kind=BALANCE))),
    "early": Terms((TermsLine(kind=BALANCE, days=30, discount_percent=Decimal(2), discount_days=10),)),
    "fixed first": Terms((TermsLine(kind=TermsKind.FIXED, amount=Money(Decimal(1), "EUR")), TermsLine(kind=BALANCE))),
}


@pytest.mark.parametrize("name", TEMPLATES, ids=TEMPLATES)
def test_every_template_times_a_thousand_amounts_sums_exactly(name: str) -> None:
    """Credit notes are their mirror; currencies with 0, 2 and 3 decimals."""
    chance = random.Random(name)
    for count in range(1_000):
        currency = "EUR" if name == "fixed first" else ("JPY", "EUR", "KWD")[count % 3]
        total = Money(quantize(Decimal(chance.randrange(1, 10**9)).scaleb(-3), currency), currency)
        try:
            found = instalments(TEMPLATES[name], total, DAY)
        except Refused as refused:
            assert name == "fixed first" and total.amount < 1
            assert refused.refusals[0].code == str(TERMS_TOO_LARGE)
            continue
        assert sum((part.amount for part in found), Money.zero(currency)) == total
        mirror = instalments(TEMPLATES[name], -total, DAY)
        assert [-part.amount for part in mirror] == [part.amount for part in found]


@pytest.mark.parametrize(
    ("total", "rate", "units", "base"),
    [("12345", "0.61", 100, "75.30"), ("1000000", "57.123456", 1_000_000, "57.12"), ("-1.5", "1", 1, "-1.50")],
)
def test_the_company_s_currency_is_rounded_once(total: str, rate: str, units: int, base: str) -> None:
    found = in_base(Money(Decimal(total), "EUR"), Decimal(rate), units, "EUR")
    assert found == Money(Decimal(base), "EUR")
