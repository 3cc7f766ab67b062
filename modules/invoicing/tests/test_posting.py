"""Drafts become posted documents, numbered without gaps, frozen for good (BIL-3, BIL-4)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from huikuan.db.errors import PostedImmutableError
from huikuan.testing.shop import Shop
from huikuan_customers.api import customer_ids
from huikuan_invoicing.models import Invoice, InvoiceInstalment, InvoiceLine, InvoiceTax
from huikuan_invoicing.testing import line
from modules.invoicing.tests.clerk.hooks import Book
from modules.invoicing.tests.reading import amounts, events, parts, read


def test_a_draft_has_no_number_and_changes_freely(shop: Shop) -> None:
    draft = shop.invoicing.draft(total="80")
    assert draft.number is None and read(shop, draft)["paymentState"] is None
    changed = shop.mutate("invoiceChange", id=draft.id, input={"lines": [line("30", "2")], "notes": "net"})["invoice"]
    assert changed["number"] is None
    found = read(shop, draft)
    assert (amounts(found), found["notes"]) == (("60.00", "0.00", "60.00"), "net")
    assert shop.mutate("invoiceDiscard", id=draft.id)["discarded"] is True
    assert shop.mutate("invoiceDiscard", id=draft.id)["discarded"] is False, "a repeat is harmless"
    assert events(shop) == ["INVOICE_DRAFTED", "INVOICE_CHANGED", "INVOICE_DISCARDED"]


def test_posting_gives_number_date_parts_and_hash(shop: Shop) -> None:
    shop.customers.create(
        "C-1",
        name="Ningbo Trading",
        taxId="CN 91330200",
        paymentTerms={"code": shop.customers.net(30)},
        addresses=[{"line1": "1 Harbour Road", "city": "Ningbo", "country": "CN"}],
    )
    first = shop.invoicing.posted(customer="C-1", lines=[line("100", "2", taxCode="STD", taxPercent=Decimal(19))])
    found = read(shop, first)
    assert (found["number"], found["status"], found["issuedOn"]) == ("INV-000001", "POSTED", "2026-01-05")
    assert amounts(found) == ("200.00", "38.00", "238.00") and parts(found) == [("2026-02-04", "238.00")]
    assert found["taxes"] == [
        {"code": "STD", "percent": "19", "base": {"amount": "200.00"}, "tax": {"amount": "38.00"}}
    ]
    assert found["billToName"] == "Ningbo Trading" and "Harbour Road" in found["billToAddress"]
    assert found["baseTotal"] == {"amount": "238.00", "currency": "EUR"} and len(found["contentHash"]) == 64
    shop.mutate(
        "customerUpdate", id=shop.query('{ customer(code: "C-1") { id } }')["customer"]["id"], input={"name": "N"}
    )
    assert read(shop, first)["billToName"] == "Ningbo Trading", "it stays as it was posted"
    assert shop.invoicing.post(first)["invoice"]["number"] == "INV-000001", "posting again changes nothing"
    assert shop.invoicing.posted().number == "INV-000002"
    assert events(shop) == ["INVOICE_DRAFTED", "INVOICE_POSTED"] * 2
    assert not shop.check()


def test_a_posted_invoice_is_neither_changed_nor_discarded(shop: Shop) -> None:
    invoice = shop.invoicing.posted()
    answer = shop.mutate("invoiceChange", id=invoice.id, input={"notes": "x"})
    assert answer.refused("INVOICING_NOT_DRAFT") and "invoiceCredit" in answer.payload["refusals"][0]["advice"]
    assert shop.mutate("invoiceDiscard", id=invoice.id).refused("INVOICING_NOT_DRAFT")


@pytest.mark.parametrize("model", [Invoice, InvoiceLine, InvoiceTax, InvoiceInstalment], ids=lambda m: m.__name__)
def test_not_even_another_module_changes_what_is_posted(shop: Shop, model: type[Invoice]) -> None:
    shop.invoicing.posted(lines=[line("10", taxCode="STD", taxPercent=Decimal(10))])
    for spoil in ("change", "remove"):
        with pytest.raises(PostedImmutableError), shop.writing() as ctx:
            [row] = ctx.scalars(select(model))
            if spoil == "remove":
                ctx.remove(row)
            else:
                row.currency = "USD"
            ctx.flush()


def test_the_database_itself_refuses_on_postgresql(shop: Shop) -> None:
    if shop.dialect == "sqlite":
        pytest.skip("SQLite has no row-level security")
    shop.invoicing.posted(lines=[line("10", taxCode="STD", taxPercent=Decimal(10))])
    tables = ["invoicing_invoice", "invoicing_invoice_line", "invoicing_invoice_tax", "invoicing_invoice_instalment"]
    with shop.kernel.database.command(shop.scope.tenant.id, shop.clock) as session:
        connection = session.get_bind()
        for table in tables:
            for statement in (f"UPDATE {table} SET currency = 'USD'", f"DELETE FROM {table}"):
                cursor = connection.connection.cursor()  # type: ignore[union-attr]
                cursor.execute(statement)
                assert cursor.rowcount == 0, statement


def test_dates_follow_numbers(shop: Shop) -> None:
    shop.invoicing.posted(issuedOn="2026-01-04")
    assert shop.invoicing.post(shop.invoicing.draft(issuedOn="2026-01-03")).refused("INVOICING_DATE_BEFORE_LAST")
    assert shop.invoicing.posted(issuedOn="2026-01-04").number == "INV-000002", "the refused one left no gap"
    assert shop.invoicing.post(shop.invoicing.draft(issuedOn="2026-01-06")).refused("INVOICING_DATE_AHEAD")
    assert not shop.check()


def test_numbers_begin_anew_each_year_if_asked_for(shop: Shop) -> None:
    assert shop.set("invoicing.number_yearly", "true").done
    assert shop.invoicing.posted(issuedOn="2025-12-31").number == "INV-2025-000001"
    assert shop.invoicing.posted().number == "INV-2026-000001"
    assert shop.invoicing.posted(issuedOn="2025-12-31").number == "INV-2025-000002", "a series of its own"
    assert not shop.check()


def test_a_number_that_is_taken_is_never_given(shop: Shop) -> None:
    shop.customers.create("C-1")
    row = {
        "number": "R-000001",
        "customer": "C-1",
        "issuedOn": "2025-01-01",
        "total": {"amount": "5", "currency": "EUR"},
    }
    assert shop.mutate("invoicesImport", invoices=[row])["results"]
    assert shop.set("invoicing.number_prefix", "R-").done
    assert shop.invoicing.post(shop.invoicing.draft()).refused("INVOICING_NUMBER_TAKEN")


def test_an_invoice_needs_lines(shop: Shop) -> None:
    assert shop.invoicing.post(shop.invoicing.draft(lines=[])).refused("INVOICING_EMPTY")


def test_a_negative_invoice_becomes_a_credit_note(shop: Shop) -> None:
    note = shop.invoicing.posted(lines=[line("10"), line("30", "-1")])
    found = read(shop, note)
    assert (found["kind"], found["number"], amounts(found)[2]) == ("CREDIT_NOTE", "CN-000001", "-20.00")
    draft = shop.invoicing.draft(lines=[line("30", "-1")])
    shop.mutate("invoiceChange", id=draft.id, input={"lines": [line("1")]})
    assert read(shop, draft)["kind"] == "INVOICE"


def test_a_reference_makes_one_invoice(shop: Shop) -> None:
    first = shop.invoicing.draft(reference="ext-1")
    assert shop.invoicing.draft(reference="ext-1") == first
    given = {"customer": {"code": "INVOICING-USUAL"}, "lines": [line("7")], "reference": "ext-1"}
    assert shop.mutate("invoiceDraft", input=given).refused("INVOICING_REFERENCE_TAKEN")
    assert shop.query('{ invoice(reference: "ext-1") { id } }')["invoice"]["id"] == first.id


class TestCurrencies:
    def test_a_foreign_currency_needs_its_rate(self, shop: Shop) -> None:
        draft = shop.invoicing.draft(currency="JPY", lines=[line("12345")])
        assert shop.invoicing.post(draft).refused("INVOICING_RATE_MISSING")
        rate = {"rate": "0.610000", "rateUnits": 100, "rateOn": "2026-01-02"}
        shop.mutate("invoiceChange", id=draft.id, input=rate)
        shop.invoicing.post(draft)["invoice"]
        found = read(shop, draft)
        assert found["total"] == {"amount": "12345", "currency": "JPY"}
        assert found["baseTotal"] == {"amount": "75.30", "currency": "EUR"}
        assert (found["rate"], found["rateOn"]) == ("0.61", "2026-01-02")

    def test_three_decimals(self, shop: Shop) -> None:
        tax = {"taxCode": "VAT", "taxPercent": Decimal("7.5")}
        invoice = shop.invoicing.posted(currency="KWD", lines=[line("0.333", "7", **tax)], rate="3.1")
        assert amounts(read(shop, invoice)) == ("2.331", "0.175", "2.506")
        assert not shop.check()

    @pytest.mark.parametrize("bad", [{"rate": "0"}, {"rate": "-1"}, {"rate": "1", "rateUnits": 0}], ids=str)
    def test_a_rate_that_is_none_is_bad_input(self, shop: Shop, bad: dict[str, object]) -> None:
        shop.customers.create("C-1")
        given = {"customer": {"code": "C-1"}, "currency": "USD", "lines": [line("1")], **bad}
        assert shop.mutate("invoiceDraft", input=given).failed("BAD_USER_INPUT")


@pytest.mark.parametrize(
    "bad",
    [
        line("1", "0"),
        line("-1"),
        line("0.0000001"),
        line("1", taxPercent=Decimal(5)),
        line("1", taxCode="STD"),
        line("100000000000", "101"),
        line("1", discountPercent=Decimal(101)),
        line("1", taxCode="X", taxPercent=Decimal(-1)),
        {**line("1"), "description": " "},
    ],
    ids=[
        "nothing",
        "negative price",
        "seven digits",
        "tax without code",
        "code without tax",
        "too large",
        "discount",
        "negative tax",
        "no text",
    ],
)
def test_lines_that_are_none(shop: Shop, bad: dict[str, object]) -> None:
    shop.customers.create("C-1")
    assert shop.mutate("invoiceDraft", input={"customer": {"code": "C-1"}, "lines": [bad]}).failed("BAD_USER_INPUT")


def test_a_tax_of_zero_percent_is_said(shop: Shop) -> None:
    invoice = shop.invoicing.posted(lines=[line("10", taxCode="ZERO", taxPercent=Decimal(0))])
    assert read(shop, invoice)["taxes"][0]["code"] == "ZERO"


def test_disabled_and_enabled_again_it_has_its_invoices(shop: Shop) -> None:
    shop.invoicing.posted()
    assert shop.disable("invoicing").done
    assert "type Invoice " not in shop.scope.composition.schema.sdl
    assert shop.enable("invoicing").done
    shop.work()
    assert shop.query("{ invoices { nodes { number } } }")["invoices"]["nodes"] == [{"number": "INV-000001"}]
    assert shop.invoicing.posted().number == "INV-000002"


def test_invoicing_post_locks_are_asked_by_whoever_posts(office: Shop, book: Book) -> None:
    office.customers.create("HEAD")
    office.customers.create("C-2", billTo={"code": "HEAD"})
    invoice = office.invoicing.posted(customer="C-2", total="80")
    office.mutate("invoiceCredit", id=invoice.id, reason="wrong")["invoice"]
    with office.reading() as ctx:
        head = customer_ids(ctx, ["HEAD"])["HEAD"]
    assert book.asked == [(head, []), (head, [])]
