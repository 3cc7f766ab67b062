"""Statements of account as of any day (COL-17)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from huikuan.testing.shop import Shop
from modules.receivables.tests.chasing import pay

STATEMENT = """query($customer: CustomerRef!, $currency: CurrencyCode, $since: Date, $until: Date, $first: Int!,
    $after: String) {
  receivablesStatement(customer: $customer, currency: $currency, since: $since, until: $until, first: $first,
      after: $after) {
    currency since until opening { amount } closing { amount currency } open { amount } unapplied { amount }
    lines { on kind number reason amount { amount } balance { amount } source { __typename id } entry { kind } }
    openItems { item { invoice { number } } open { amount } daysOverdue }
    unappliedPayments { payment { number } unapplied { amount } } hasNextPage endCursor } }"""


def statement(shop: Shop, first: int = 100, **more: Any) -> dict[str, Any]:
    given = {"customer": {"code": "C"}, **more}
    found: dict[str, Any] = shop.query(STATEMENT, first=first, **given)["receivablesStatement"]
    return found


def lines(found: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(it["on"][5:], it["kind"], it["amount"]["amount"], it["balance"]["amount"]) for it in found["lines"]]


def ends(found: dict[str, Any]) -> tuple[str, ...]:
    """Opening, closing, open and unapplied."""
    return tuple(found[name]["amount"] for name in ("opening", "closing", "open", "unapplied"))


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """Two invoices, a credit note and a payment that is more than is open."""
    first = shop.invoicing.posted(total="100", customer="C")
    shop.pass_time(days=10)
    shop.invoicing.posted(total="50", customer="C")
    shop.invoicing.credit(first)
    shop.pass_time(days=10)
    pay(shop, "70", "C", "bank-1")
    shop.pass_time(days=10)
    return shop


def test_every_movement_with_what_the_account_comes_to(busy: Shop) -> None:
    found = statement(busy)
    assert lines(found) == [
        ("01-05", "INVOICE", "100.00", "100.00"),
        ("01-15", "INVOICE", "50.00", "150.00"),
        ("01-15", "CREDIT_NOTE", "-100.00", "50.00"),
        ("01-25", "PAYMENT", "-70.00", "-20.00"),
    ]
    assert ends(found) == ("0.00", "-20.00", "0.00", "20.00")
    assert (found["currency"], found["since"], found["until"]) == ("EUR", None, "2026-02-04")
    assert [line["number"] for line in found["lines"]] == ["INV-000001", "INV-000002", "CN-000001", "PAY-000001"]
    assert [line["source"]["__typename"] for line in found["lines"]] == ["Invoice", "Invoice", "Invoice", "Payment"]
    assert found["openItems"] == []
    assert found["unappliedPayments"] == [{"payment": {"number": "PAY-000001"}, "unapplied": {"amount": "20.00"}}]


def test_a_period_begins_with_what_there_was(busy: Shop) -> None:
    found = statement(busy, since="2026-01-06", until="2026-01-24")
    assert lines(found) == [("01-15", "INVOICE", "50.00", "150.00"), ("01-15", "CREDIT_NOTE", "-100.00", "50.00")]
    assert ends(found) == ("100.00", "50.00", "50.00", "0.00")
    assert found["openItems"] == [
        {"item": {"invoice": {"number": "INV-000002"}}, "open": {"amount": "50.00"}, "daysOverdue": 9}
    ]
    assert ends(statement(busy, until="2026-01-04")) == ("0.00", "0.00", "0.00", "0.00")
    assert busy.execute(STATEMENT, customer={"code": "C"}, first=5, since="2026-02-01", until="2026-01-31")["errors"]


def test_page_by_page_the_balance_goes_on(busy: Shop) -> None:
    whole, parts, after = lines(statement(busy)), [], None
    for _ in range(10):
        page = statement(busy, 1, after=after)
        assert ends(page) == ("0.00", "-20.00", "0.00", "20.00")
        parts += lines(page)
        after = page["endCursor"]
        if not page["hasNextPage"]:
            break
    assert parts == whole


def test_what_is_written_off_bounced_or_paid_back_moves_it_too(shop: Shop) -> None:
    invoice = shop.invoicing.posted(total="100", customer="C")
    payment = pay(shop, "100", "C", "bank-1")
    shop.pass_time(days=1)
    shop.mutate("paymentBounce", id=payment, reason="no funds")["payment"]
    other = pay(shop, "130", "C", "bank-2")
    shop.mutate("paymentRefund", id=other, reason="too much")["refund"]
    assert [line[1:] for line in lines(statement(shop))] == [
        ("INVOICE", "100.00", "100.00"),
        ("PAYMENT", "-100.00", "0.00"),
        ("BOUNCE", "100.00", "100.00"),
        ("PAYMENT", "-130.00", "-30.00"),
        ("REFUND", "30.00", "0.00"),
    ]
    assert statement(shop)["lines"][2]["reason"] == "no funds"
    assert invoice.number == "INV-000001"


def test_each_currency_is_an_account_of_its_own(shop: Shop) -> None:
    shop.invoicing.posted(total="100", customer="C")
    shop.invoicing.posted(total="300", customer="C", currency="JPY", rate="0.5", rateUnits=100)
    assert ends(statement(shop)) == ("0.00", "100.00", "100.00", "0.00")
    assert ends(statement(shop, currency="JPY")) == ("0", "300", "300", "0")
    assert shop.acting_with("customers.read").execute(STATEMENT, customer={"code": "C"}, first=1)["errors"]


def test_what_is_open_is_listed_as_it_was(shop: Shop) -> None:
    shop.invoicing.posted(total="100", customer="C")
    shop.pass_time(days=9)
    pay(shop, "40", "C", "bank-1", receivedOn=date(2026, 1, 10))
    assert [it["open"]["amount"] for it in statement(shop)["openItems"]] == ["60.00"]
    assert [it["open"]["amount"] for it in statement(shop, until="2026-01-09")["openItems"]] == ["100.00"]
