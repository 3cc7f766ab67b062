"""Items and payments in foreign currencies; the company's is EUR. Differences of rates are posted by themselves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from huikuan.testing.shop import Shop
from huikuan_invoicing.testing import BuiltInvoice
from modules.receivables.tests.reading import ledger, open_of, payment_of, unapplied


def dollars(shop: Shop, total: str, rate: str) -> BuiltInvoice:
    built: BuiltInvoice = shop.invoicing.posted(total=total, customer="C", currency="USD", rate=rate)
    return built


@pytest.mark.parametrize(("rate", "gain"), [("0.95", 5), ("0.85", -5), ("0.9", 0)])
def test_a_difference_of_rates_is_posted_when_the_item_closes(shop: Shop, rate: str, gain: int) -> None:
    invoice = dollars(shop, "100", "0.9")
    shop.receivables.pay("40", currency="USD", rate=rate, settle=[invoice])
    assert "FX" not in ledger(shop)

    shop.receivables.pay("60", currency="USD", rate=rate, settle=[invoice])

    assert open_of(shop, invoice) == ["0.00"]
    expected = {"CASH": 90 + gain, "SALES": -90, "FX": -gain}
    assert ledger(shop) == {name: amount for name, amount in expected.items() if amount}
    assert shop.check() == []


def test_an_item_that_opens_again_takes_its_difference_back(shop: Shop) -> None:
    invoice = dollars(shop, "100", "0.9")
    payment = shop.receivables.pay("100", currency="USD", rate="0.95", settle=[invoice])

    shop.mutate("allocationUndo", id=payment_of(shop, payment)["allocations"][0]["id"], reason="wrong")["allocation"]

    assert ledger(shop) == {"RECEIVABLE": 90, "SALES": -90, "CASH": 95, "UNAPPLIED": -95}
    assert shop.check() == []

    shop.mutate("paymentAutoApply", id=payment)["payment"]
    assert ledger(shop) == {"CASH": 95, "SALES": -90, "FX": -5}
    shop.mutate("paymentBounce", id=payment, reason="no funds")["payment"]
    assert ledger(shop) == {"RECEIVABLE": 90, "SALES": -90}
    assert shop.check() == []


def test_cents_of_the_companys_currency_are_never_lost(shop: Shop) -> None:
    invoices = [dollars(shop, "0.07", "0.333333") for _ in range(3)]
    payment = shop.receivables.pay("0.20", currency="USD", rate="0.333333", settle=invoices)

    assert open_of(shop, *invoices) == ["0.00", "0.00", "0.01"]
    assert unapplied(shop, payment) == "0.00"
    assert "UNAPPLIED" not in ledger(shop)
    assert shop.check() == []


def test_a_payment_in_another_currency_needs_the_rate_between_them(shop: Shop) -> None:
    invoice = dollars(shop, "100", "0.9")

    wanted: dict[str, Any] = {"invoice": {"id": invoice.id}}
    assert shop.receivables.record("95", settle=[wanted]).refused("RECEIVABLES_RATE_MISSING")
    payment = shop.receivables.pay("95", settle=[{**wanted, "rate": "1.1"}])

    [made] = payment_of(shop, payment)["allocations"]
    assert made["amount"] == {"amount": "100.00", "currency": "USD"}
    assert made["sourceAmount"] == {"amount": "90.91", "currency": "EUR"}
    assert unapplied(shop, payment) == "4.09"
    found = ledger(shop)
    assert found == {"CASH": 95, "SALES": -90, "UNAPPLIED": Decimal("-4.09"), "FX": Decimal("-0.91")}
    assert shop.check() == []


def test_a_document_without_rate_is_worth_what_settles_it(shop: Shop) -> None:
    """Invoices of the past may come without a rate: that is no gain of exchange rates."""
    shop.mutate(
        "invoicesImport",
        invoices=[
            {
                "number": "OLD-1",
                "customer": "C",
                "issuedOn": "2025-12-01",
                "dueOn": "2025-12-31",
                "total": {"amount": "100", "currency": "USD"},
            }
        ],
    )
    shop.receivables.pay("100", currency="USD", rate="0.95")

    assert ledger(shop) == {"CASH": 95, "SALES": -95}
    assert shop.check() == []


def test_yen_and_dinars_have_their_own_digits(shop: Shop) -> None:
    yen = shop.invoicing.posted(total="1000", customer="C", currency="JPY", rate="6.123456", rateUnits=1000)
    dinars = shop.invoicing.posted(total="10.125", customer="C", currency="KWD", rate="3")

    shop.receivables.pay("999", currency="JPY", rate="6.2", rateUnits=1000)
    shop.receivables.pay("10.124", currency="KWD", rate="3")

    assert open_of(shop, yen, dinars) == ["1", "0.001"]
    assert shop.check() == []
