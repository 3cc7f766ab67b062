"""A tenant that invoiced before it enabled receivables gets its ledger built."""

from __future__ import annotations

from collections.abc import Callable

from huikuan.testing.shop import Shop
from huikuan_invoicing.testing import line
from modules.receivables.tests.reading import account, invoice_of, ledger, open_of


def test_documents_of_before_are_items_afterwards(app_with: Callable[..., Shop]) -> None:
    shop = app_with("invoicing")
    shop.customers.create("C")
    terms = shop.customers.terms("T2", {"kind": "EQUAL_PARTS", "parts": 2, "days": 10, "everyDays": 10})
    invoice = shop.invoicing.posted(lines=[line("60"), line("40")], customer="C", paymentTerms=terms)
    shop.pass_time(days=1)
    shop.invoicing.credit(invoice, lines=[{"position": 2}])
    shop.invoicing.posted(total="10", customer="C")
    draft = shop.invoicing.draft(total="7", customer="C")

    assert shop.enable("receivables").done
    shop.work()

    assert shop.check() == []
    assert [it["open"]["amount"] for it in invoice_of(shop, invoice)["receivableItems"]] == ["10.00", "50.00"]
    assert account(shop)["open"] == "70.00"
    assert account(shop, asOf="2026-01-05")["open"] == "100.00"
    assert ledger(shop) == {"RECEIVABLE": 70, "SALES": -70}

    shop.invoicing.post(draft)["invoice"]
    shop.receivables.pay("77", customer="C")
    assert open_of(shop, invoice, draft) == ["0.00", "0.00"]


def test_what_was_posted_while_it_was_off_is_made_up_for_and_nothing_twice(app_with: Callable[..., Shop]) -> None:
    shop = app_with("receivables")
    shop.customers.create("C")
    shop.invoicing.posted(total="100", customer="C")
    shop.receivables.pay("30", customer="C")
    shop.disable("receivables")
    shop.invoicing.posted(total="50", customer="C")

    shop.enable("receivables")
    shop.work()

    assert shop.check() == []
    assert account(shop)["open"] == "120.00"
