"""Credit notes: full or partial, never above the invoice, never by changing it (BIL-5)."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from huikuan.testing.shop import Shop
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.testing import line
from modules.invoicing.tests.clerk.hooks import Book
from modules.invoicing.tests.reading import at_once, events, parts, read

TAXED = {"taxCode": "STD", "taxPercent": Decimal(22)}


def test_a_credit_note_is_the_mirror_of_its_invoice(shop: Shop) -> None:
    terms = shop.customers.terms(
        "THIRDS", {"kind": "PERCENT", "percent": "33.34"}, {"kind": "PERCENT", "percent": "33.33"}, {"kind": "BALANCE"}
    )
    invoice = shop.invoicing.posted(lines=[line("5.47")], paymentTerms=terms)
    note = shop.invoicing.credit(invoice, reason="goods came back")
    found, before = read(shop, note), read(shop, invoice)
    assert [amount for _, amount in parts(before)] == ["1.82", "1.82", "1.83"]
    assert [amount for _, amount in parts(found)] == ["-1.82", "-1.82", "-1.83"]
    assert (found["kind"], found["number"], found["origin"]["number"]) == ("CREDIT_NOTE", "CN-000001", "INV-000001")
    assert (before["status"], before["paymentState"], before["cancelled"]) == ("POSTED", "REVERSED", True)
    assert (before["open"]["amount"], found["open"]["amount"], found["paymentState"]) == ("0.00", "0.00", "PAID")
    assert events(shop)[-3:] == ["INVOICE_DRAFTED", "INVOICE_POSTED", "INVOICE_CREDITED"]
    assert not shop.check()


def test_it_never_takes_back_more_than_there_is(shop: Shop) -> None:
    invoice = shop.invoicing.posted(lines=[line("10", "3", **TAXED), line("5")])
    shop.invoicing.credit(invoice, lines=[{"position": 1, "quantity": "2"}])
    half = read(shop, invoice)
    assert (half["paymentState"], half["credited"]["amount"], half["open"]["amount"]) == ("PARTIAL", "24.40", "17.20")
    for lines in ([{"position": 1, "quantity": "2"}], [{"position": 1, "quantity": "-1"}]):
        answer = shop.mutate("invoiceCredit", id=invoice.id, reason="x", lines=lines)
        assert answer.refused("INVOICING_CREDIT_TOO_LARGE")
    assert shop.mutate("invoiceCredit", id=invoice.id, reason="x", lines=[{"position": 9}]).refused(
        "INVOICING_LINE_UNKNOWN"
    )
    shop.invoicing.credit(invoice)
    assert shop.mutate("invoiceCredit", id=invoice.id, reason="x").refused("INVOICING_NOTHING_TO_CREDIT")
    assert read(shop, invoice)["cancelled"] is True
    assert not shop.check()


def test_parts_credited_one_by_one_come_to_the_whole_to_the_cent(shop: Shop) -> None:
    """3 pieces at 0.3333 and 7 % come to 1.07; three times one piece would be 1.08 or 1.05."""
    invoice = shop.invoicing.posted(lines=[line("0.3333", "3", taxCode="R", taxPercent=Decimal(7))])
    for _ in range(3):
        shop.invoicing.credit(invoice, lines=[{"position": 1, "quantity": "1"}])
    found = read(shop, invoice)
    assert (found["total"]["amount"], found["open"]["amount"], found["cancelled"]) == ("1.07", "0.00", True)
    assert not shop.check()


def test_a_draft_of_a_credit_note_takes_its_place(shop: Shop) -> None:
    invoice = shop.invoicing.posted(total="50")
    draft = shop.invoicing.credit(invoice, postNow=False)
    assert (draft.number, read(shop, invoice)["paymentState"]) == (None, "NOT_PAID")
    assert shop.mutate("invoiceCredit", id=invoice.id, reason="x").refused("INVOICING_NOTHING_TO_CREDIT")
    shop.mutate("invoiceChange", id=draft.id, input={"lines": [line("60", "-1")]})["invoice"]
    assert shop.invoicing.post(draft).refused("INVOICING_CREDIT_TOO_LARGE")
    shop.mutate("invoiceChange", id=draft.id, input={"lines": [line("50", "-1")]})["invoice"]
    assert shop.invoicing.post(draft)["invoice"]["number"] == "CN-000001"


@pytest.mark.parametrize("what", ["draft", "credit note", "no reason"])
def test_what_cannot_be_credited(shop: Shop, what: str) -> None:
    invoice = shop.invoicing.draft() if what == "draft" else shop.invoicing.posted()
    if what == "no reason":
        assert shop.mutate("invoiceCredit", id=invoice.id, reason=" ").failed("BAD_USER_INPUT")
        return
    if what == "credit note":
        invoice = shop.invoicing.credit(invoice)
    code = {"draft": "INVOICING_NOT_POSTED", "credit note": "INVOICING_NOT_CREDITABLE"}[what]
    assert shop.mutate("invoiceCredit", id=invoice.id, reason="x").refused(code)


def test_credits_at_the_same_time_stay_within_the_invoice(shop: Shop) -> None:
    invoice = shop.invoicing.posted(lines=[line("10", "3")])
    one = [{"position": 1, "quantity": "1"}]

    def credit() -> bool:
        return not shop.mutate("invoiceCredit", id=invoice.id, reason="x", lines=one).codes

    assert sum(at_once([credit] * 8, 4)) == 3
    assert read(shop, invoice)["open"]["amount"] == "0.00"
    assert not shop.check()


class TestPaymentState:
    """Derived from what others contribute, never typed (BIL-3, BIL-4)."""

    def test_invoicing_payment_parts(self, office: Shop, book: Book) -> None:
        terms = office.customers.terms("HALVES", {"kind": "PERCENT", "percent": "50"}, {"kind": "BALANCE", "days": 30})
        invoice = office.invoicing.posted(paymentTerms=terms)
        id = _only(office)
        states = []
        for paid in ("0", "20", "50", "100"):
            book.paid[id] = Decimal(paid)
            found = read(office, invoice)
            states.append((found["paymentState"], found["open"]["amount"], found["nextDueOn"]))
        assert states == [
            ("NOT_PAID", "100.00", "2026-01-05"),
            ("PARTIAL", "80.00", "2026-01-05"),
            ("PARTIAL", "50.00", "2026-02-04"),
            ("PAID", "0.00", None),
        ]

    def test_one_instalment_makes_it_overdue(self, office: Shop, book: Book) -> None:
        """Not the last date alone (erpnext#26969)."""
        terms = office.customers.terms("HALVES", {"kind": "PERCENT", "percent": "50"}, {"kind": "BALANCE", "days": 30})
        invoice = office.invoicing.posted(paymentTerms=terms)
        id = _only(office)
        assert read(office, invoice)["overdue"]["amount"] == "0.00", "due today is not overdue"
        office.pass_time(days=1)
        assert read(office, invoice)["overdue"]["amount"] == "50.00"
        book.paid[id] = Decimal(20)
        assert read(office, invoice)["overdue"]["amount"] == "30.00"
        office.pass_time(days=60)
        assert read(office, invoice)["overdue"]["amount"] == "80.00"

    def test_an_invoice_of_nothing_is_paid(self, shop: Shop) -> None:
        found = read(shop, shop.invoicing.posted(lines=[line("0")]))
        assert found["paymentState"] == "PAID" and parts(found) == [("2026-01-05", "0.00")]


class TestHooks:
    def test_invoicing_before_post(self, office: Shop, book: Book) -> None:
        draft = office.invoicing.draft(total="13")
        answer = office.invoicing.post(draft)
        assert answer.refused("CLERK_ABSENT") and read(office, draft)["status"] == "DRAFT"
        hold = answer.payload["refusals"][0]["hold"]["id"]
        office.mutate("holdRelease", id=hold, reason="the manager agreed")
        assert read(office, draft)["number"] == "INV-000001"

    def test_invoicing_after_post_and_invoicing_after_credit(self, office: Shop, book: Book) -> None:
        invoice = office.invoicing.posted()
        office.invoicing.credit(invoice)
        assert book.told == [
            ("post", "100.00 EUR", None),
            ("post", "-100.00 EUR", None),
            ("credit", "100.00 EUR by -100.00 EUR", None),
        ]

    def test_a_reaction_that_fails_gives_the_number_back(self, office: Shop, book: Book) -> None:
        draft = office.invoicing.draft(total="666")
        assert office.invoicing.post(draft).failed("MODULE_FAILED")
        assert read(office, draft)["status"] == "DRAFT" and not read(office, draft)["instalments"]
        assert office.invoicing.posted().number == "INV-000001"
        assert not office.check()


def _only(shop: Shop) -> UUID:
    """The id of the one invoice there is."""
    with shop.reading() as ctx:
        [found] = ctx.scalars(select(Invoice.id))
        return found
