"""Stored payment terms and their preview."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from huikuan.testing.shop import Shop
from huikuan_customers.api import customer_ids, instalments, payment_terms_for
from huikuan_customers.snapshots import TermsKind

LINES: list[dict[str, Any]] = [
    {"kind": "FIXED", "amount": {"amount": "100.00", "currency": "EUR"}},
    {"kind": "PERCENT", "percent": "30", "days": 10, "endOfMonth": True, "daysAfter": 5},
    {"kind": "BALANCE", "months": 2, "weekday": "MONDAY", "discountPercent": "2", "discountDays": 14},
]
PREVIEW = """query($terms: PaymentTermsRef, $lines: [PaymentTermsLineInput!], $amount: String!, $date: Date) {
  paymentTermsPreview(terms: $terms, lines: $lines, amount: {amount: $amount, currency: "EUR"}, date: $date) {
    instalments { dueDate amount { amount } discount { until amount { amount } } } refusal message } }"""


@pytest.fixture
def shop(app_with: Callable[..., Shop]) -> Shop:
    return app_with("customers")


def preview(shop: Shop, amount: str, **variables: Any) -> dict[str, Any]:
    document = PREVIEW.replace("$amount: String!", "$amount: Decimal!")
    found: dict[str, Any] = shop.query(document, amount=amount, date=date(2026, 1, 31), **variables)[
        "paymentTermsPreview"
    ]
    return found


def test_lines_come_back_as_they_were_given(shop: Shop) -> None:
    shop.customers.terms("MIX", *LINES)
    found = shop.query(
        """{ paymentTerms(code: "MIX") { lines { position kind percent amount { amount currency } days endOfMonth
             daysAfter months weekday discountPercent discountDays } } }"""
    )
    fixed, percent, balance = found["paymentTerms"]["lines"]
    assert (fixed["position"], fixed["kind"]) == (1, "FIXED")
    assert fixed["amount"] == {"amount": "100.00", "currency": "EUR"}
    assert (percent["percent"], percent["days"], percent["endOfMonth"], percent["daysAfter"]) == ("30", 10, True, 5)
    assert (balance["months"], balance["weekday"], balance["discountDays"]) == (2, "MONDAY", 14)


def test_a_preview_shows_parts_dates_and_discount(shop: Shop) -> None:
    shop.customers.terms("MIX", *LINES)
    expected = [
        {"dueDate": "2026-01-31", "amount": {"amount": "100.00"}, "discount": None},
        {"dueDate": "2026-03-05", "amount": {"amount": "300.00"}, "discount": None},
        {
            "dueDate": "2026-04-06",
            "amount": {"amount": "600.00"},
            "discount": {"until": "2026-02-14", "amount": {"amount": "12.00"}},
        },
    ]
    assert preview(shop, "1000.00", terms={"code": "MIX"})["instalments"] == expected
    assert preview(shop, "1000.00", lines=LINES)["instalments"] == expected


def test_a_preview_says_why_terms_do_not_fit(shop: Shop) -> None:
    shop.customers.terms("MIX", *LINES)
    found = preview(shop, "99.00", terms={"code": "MIX"})
    assert (found["instalments"], found["refusal"]) == ([], "CUSTOMERS_TERMS_TOO_LARGE")
    assert found["message"] == "Line 1 of the payment terms is 100.00 EUR, but only 99.00 EUR are left."


def test_a_preview_needs_terms_or_lines(shop: Shop) -> None:
    response = shop.execute(PREVIEW.replace("$amount: String!", "$amount: Decimal!"), amount="1.00")
    assert response["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_lines_that_are_no_terms_are_refused(shop: Shop) -> None:
    answer = shop.mutate("paymentTermsCreate", code="BAD", name="Bad", lines=LINES[:2])
    assert answer.refused("CUSTOMERS_TERMS_INVALID")
    assert answer.payload["refusals"][0]["advice"] == "Make the last line BALANCE or EQUAL_PARTS, and no other."
    assert shop.query('{ paymentTerms(code: "BAD") { id } }') == {"paymentTerms": None}


def test_lines_are_replaced_as_a_whole(shop: Shop) -> None:
    shop.customers.terms("MIX", *LINES)
    terms = shop.query('{ paymentTerms(code: "MIX") { id } }')["paymentTerms"]
    shop.mutate("paymentTermsUpdate", id=terms["id"], name="Three parts", lines=[EQUAL])
    found = shop.query('{ paymentTerms(code: "MIX") { name lines { kind parts } } }')["paymentTerms"]
    assert found == {"name": "Three parts", "lines": [{"kind": "EQUAL_PARTS", "parts": 3}]}
    assert not shop.check()


EQUAL = {"kind": "EQUAL_PARTS", "parts": 3, "months": 1, "everyMonths": 1}


def test_terms_in_use_are_not_archived(shop: Shop) -> None:
    shop.customers.net(30)
    customer = shop.customers.create("C-1", paymentTerms={"code": "N30"})
    terms = shop.query('{ paymentTerms(code: "N30") { id } }')["paymentTerms"]
    assert shop.mutate("paymentTermsArchive", id=terms["id"]).refused("CUSTOMERS_IN_USE")
    shop.mutate("customerUpdate", id=customer.id, input={"paymentTerms": None})
    assert shop.mutate("paymentTermsArchive", id=terms["id"])["paymentTerms"]["archivedAt"]
    again = shop.mutate("customerUpdate", id=customer.id, input={"paymentTerms": {"code": "N30"}})
    assert again.refused("CUSTOMERS_ARCHIVED")


def test_other_modules_get_terms_they_can_calculate_with(shop: Shop) -> None:
    shop.customers.terms("MIX", *LINES)
    shop.customers.create("C-1", paymentTerms={"code": "MIX"})
    with shop.reading() as ctx:
        found = payment_terms_for(ctx, customer_ids(ctx, ["C-1"])["C-1"])
        assert found is not None
        assert [line.kind for line in found.terms.lines] == [TermsKind.FIXED, TermsKind.PERCENT, TermsKind.BALANCE]
        assert found.terms.lines[0].amount is not None
        parts = instalments(found.terms, found.terms.lines[0].amount * 10, ctx.today)
    assert [str(part.amount) for part in parts] == ["100.00 EUR", "300.00 EUR", "600.00 EUR"]
