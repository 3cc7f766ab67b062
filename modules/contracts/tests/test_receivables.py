"""Money that settles an instalment's invoice: by a receipt, or out of a prepayment (CON-3, CON-4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from huikuan.catalog import ModuleCatalog
from huikuan.testing.shop import Shop, need
from huikuan_contracts.testing import part
from modules.contracts.tests.reading import events, instalments

INVOICE = "query($id: ID!) { contract(id: $id) { instalments { invoice { id } } } }"


@pytest.fixture
def ledger(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    """A tenant with contracts, invoicing and receivables, and a customer ``C``."""
    need(installed_modules, "invoicing", "receivables")
    found = app_with("contracts", "invoicing", "receivables")
    found.customers.create("C", currency="EUR")
    return found


def billed(shop: Shop) -> tuple[Any, str, str]:
    """A signed contract of one instalment, its id, and that of its invoice."""
    contract = shop.contracts.signed(customer="C", instalments=[part("All", "2026-02-01")])
    id = instalments(shop, contract)[0]["id"]
    shop.mutate("contractInstalmentInvoice", id=id)["contractInstalment"]
    [row] = shop.query(INVOICE, id=contract.id)["contract"]["instalments"]
    return contract, id, row["invoice"]["id"]


def stands(shop: Shop, contract: Any) -> tuple[str, str, str | None]:
    """State, what came in, and when all of it had."""
    [found] = instalments(shop, contract)
    return found["state"], found["received"]["amount"], found["receivedOn"]


@pytest.mark.parametrize("take_back", ["allocationUndo", "paymentBounce"])
def test_a_receipt_counts_at_once_until_it_is_taken_back(ledger: Shop, take_back: str) -> None:
    contract, _, invoice = billed(ledger)
    ledger.pass_time(days=9)
    shares = [{"invoice": {"id": invoice}}]
    payment = ledger.receivables.pay("1000", settle=shares, receivedOn="2026-01-08")
    assert stands(ledger, contract) == ("RECEIVED", "1000.00", "2026-01-08")
    assert events(ledger, "CONTRACT_INSTALMENT_RECEIVED") == ["CONTRACT_INSTALMENT_RECEIVED"]
    query = "query($id: ID!) { payment(id: $id) { allocations { id } } }"
    [allocation] = ledger.query(query, id=payment)["payment"]["allocations"]
    id = payment if take_back == "paymentBounce" else allocation["id"]
    ledger.mutate(take_back, id=id, reason="wrong")
    assert stands(ledger, contract) == ("OPEN", "0.00", None)
    assert not ledger.check()


def test_drawing_on_a_prepayment(ledger: Shop) -> None:
    contract, id, _ = billed(ledger)
    assert ledger.mutate("contractInstalmentSettle", id=id).refused("CONTRACTS_NOTHING_UNAPPLIED")
    ledger.receivables.pay("400", settle=[])
    ledger.mutate("contractInstalmentSettle", id=id)["contractInstalment"]
    assert stands(ledger, contract)[:2] == ("PARTLY", "400.00")
    later = ledger.receivables.pay("700", settle=[])
    for _ in range(2):
        ledger.mutate("contractInstalmentSettle", id=id)["contractInstalment"]
    assert stands(ledger, contract)[:2] == ("RECEIVED", "1000.00")
    found = ledger.query("query($id: ID!) { payment(id: $id) { unapplied { amount } } }", id=later)
    assert found["payment"]["unapplied"]["amount"] == "100.00"
    assert not ledger.check()


def test_without_an_invoice_there_is_nothing_to_settle(ledger: Shop) -> None:
    contract = ledger.contracts.signed(customer="C", instalments=[part("All", "2026-02-01")])
    ledger.receivables.pay("400", settle=[])
    id = instalments(ledger, contract)[0]["id"]
    assert ledger.mutate("contractInstalmentSettle", id=id).refused("CONTRACTS_NOT_DUE")
