"""Instalments raise their own invoices, and only when they are owed (CON-5; pain points 5 and 6)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.testing.shop import Answer, Shop, need
from huikuan_contracts.models import ContractInstalment
from huikuan_contracts.testing import part
from modules.contracts.tests import payer
from modules.contracts.tests.payer import errors, hooks
from modules.contracts.tests.reading import at_once, events, instalments, plan, reach

INVOICES = """query($id: ID!) { contract(id: $id) { instalments { id sequence invoice {
  id number status dueOn total { amount } tax { amount } billingKey } } } }"""
THREE = [
    part("Deposit", "2026-01-10", percent="30", kind="DEPOSIT"),
    part("Built", None, percent="60", trigger="MILESTONE", days=14),
    part("Retention", None, kind="RETENTION", days=90),
]


@pytest.fixture
def catalog(installed_modules: ModuleCatalog) -> ModuleCatalog:
    """The installed modules and somebody who pays."""
    parts = {"hooks": hooks, "errors": errors}
    return ModuleCatalog([*installed_modules, InstalledModule(payer.module, "0.1.0", payer.__name__, parts)])


@pytest.fixture
def paid(monkeypatch: pytest.MonkeyPatch) -> dict[UUID, Decimal]:
    """What was paid by invoice."""
    fresh: dict[UUID, Decimal] = {}
    monkeypatch.setattr(hooks, "paid", fresh)
    return fresh


@pytest.fixture
def office(app_with: Callable[..., Shop], catalog: ModuleCatalog, paid: dict[UUID, Decimal]) -> Shop:
    """A tenant with contracts, invoicing and somebody who pays."""
    return app_with("payer", catalog=catalog)


def invoices(shop: Shop, contract: Any) -> list[dict[str, Any] | None]:
    """The invoice of each instalment, or None."""
    return [it["invoice"] for it in shop.query(INVOICES, id=contract.id)["contract"]["instalments"]]


def bill(shop: Shop, contract: Any, sequence: int) -> Answer:
    """Ask for the invoice of an instalment."""
    return shop.mutate("contractInstalmentInvoice", id=instalments(shop, contract)[sequence - 1]["id"])


def raised(shop: Shop, contract: Any) -> list[bool]:
    return [invoice is not None for invoice in invoices(shop, contract)]


def refusals(shop: Shop, contract: Any) -> list[dict[str, Any] | None]:
    """Why each instalment has no invoice, if that was refused."""
    document = "query($id: ID!) { contract(id: $id) { instalments { invoiceRefusal { on code message } } } }"
    return [it["invoiceRefusal"] for it in shop.query(document, id=contract.id)["contract"]["instalments"]]


class TestRaising:
    def test_each_raises_its_own_when_it_is_owed(self, office: Shop) -> None:
        contract = office.contracts.signed(instalments=THREE, taxCode="STD", taxPercent="19")
        found = [raised(office, contract)]
        for happens in (
            lambda: None,
            lambda: office.pass_time(days=5),
            lambda: reach(office, contract, 2)["contractInstalment"],
            lambda: office.mutate("contractAccept", id=contract.id)["contract"],
            lambda: office.pass_time(days=90),
        ):
            happens()
            office.work()
            office.work()
            found.append(raised(office, contract))
        assert [sum(row) for row in found] == [0, 0, 1, 2, 2, 3]
        rows = [it for it in invoices(office, contract) if it is not None]
        assert [(it["total"]["amount"], it["tax"]["amount"], it["dueOn"]) for it in rows] == [
            ("300.00", "47.90", "2026-01-10"),
            ("600.00", "95.80", "2026-01-24"),
            ("100.00", "15.97", "2026-04-10"),
        ]
        assert {it["status"] for it in rows} == {"POSTED"}
        assert len(events(office, "CONTRACT_INSTALMENT_INVOICED")) == 3
        assert not office.check()

    def test_nothing_is_owed_before_its_milestone(self, office: Shop) -> None:
        contract = office.contracts.written(instalments=THREE)
        assert bill(office, contract, 1).refused("CONTRACTS_NOT_SIGNED")
        office.contracts.sign(contract)["contract"]
        assert bill(office, contract, 2).refused("CONTRACTS_NOT_DUE")
        assert bill(office, contract, 3).refused("CONTRACTS_NOT_DUE")
        assert office.query("{ invoices { totalCount } }")["invoices"]["totalCount"] == 0

    def test_asked_by_many_it_is_one_invoice(self, office: Shop) -> None:
        contract = office.contracts.signed(instalments=THREE)
        id = instalments(office, contract)[0]["id"]
        answers = at_once([lambda: office.mutate("contractInstalmentInvoice", id=id).codes] * 4, 4)
        assert answers == [[]] * 4
        office.pass_time(days=5)
        office.work()
        assert office.query("{ invoices { totalCount } }")["invoices"]["totalCount"] == 1

    def test_days_ahead(self, office: Shop) -> None:
        assert office.set("contracts.invoice_days_ahead", "5").done
        contract = office.contracts.signed(instalments=THREE)
        office.work()
        assert raised(office, contract) == [True, False, False]
        found = invoices(office, contract)[0]
        assert found is not None and found["dueOn"] == "2026-01-10"

    def test_a_cancelled_contract_raises_none(self, office: Shop) -> None:
        contract = office.contracts.signed(instalments=THREE)
        office.mutate("contractCancel", id=contract.id, reason="no")["contract"]
        office.pass_time(days=30)
        office.work()
        assert raised(office, contract) == [False, False, False]
        assert bill(office, contract, 1).refused("CONTRACTS_CANCELLED")

    def test_billed_by_its_orders_it_raises_none(self, office: Shop) -> None:
        contract = office.contracts.signed(instalments=THREE, billedBy="ORDERS")
        office.pass_time(days=30)
        office.work()
        assert bill(office, contract, 1).refused("CONTRACTS_BILLED_BY_ORDERS")
        assert raised(office, contract) == [False, False, False]


class TestRefused:
    def test_it_is_told_once_for_each_reason_and_tried_once_a_day(
        self, office: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reasons = ["audit"]
        monkeypatch.setattr(hooks, "stopped", reasons)
        contract = office.contracts.signed(instalments=[part("All", "2026-01-05")])
        found = []
        for hours, reason in ((0, "audit"), (6, "move"), (18, "move"), (24, "move"), (6, None), (18, None)):
            reasons[:] = [reason] if reason is not None else []
            office.pass_time(hours=hours)
            office.work()
            [refusal] = refusals(office, contract)
            told = len(events(office, "CONTRACT_INSTALMENT_NOT_INVOICED"))
            found.append((refusal and (refusal["on"][-2:], refusal["message"]), told))
        assert found == [
            (("05", "audit"), 1),
            (("05", "audit"), 1),
            (("06", "move"), 2),
            (("07", "move"), 2),
            (("07", "move"), 2),
            (None, 2),
        ]
        assert raised(office, contract) == [True]
        assert not office.check()

    def test_what_nobody_owes_is_no_refusal(self, office: Shop) -> None:
        contract = office.contracts.signed(instalments=THREE, billedBy="ORDERS")
        reach(office, contract, 2)["contractInstalment"]
        office.work()
        assert refusals(office, contract) == [None, None, None]
        assert events(office, "CONTRACT_INSTALMENT_NOT_INVOICED") == []


class TestPaying:
    def test_what_is_paid_came_in(self, office: Shop, paid: dict[UUID, Decimal]) -> None:
        contract = office.contracts.signed(instalments=THREE)
        bill(office, contract, 1)["contractInstalment"]
        id = _invoice_id(office, 1)
        paid[id] = Decimal(100)
        office.pass_time(days=6)
        assert plan(office, contract)[0] == ("300.00", "2026-01-10", "OVERDUE")
        paid[id] = Decimal(300)
        assert plan(office, contract)[0][2] == "RECEIVED"
        office.work()
        assert instalments(office, contract)[0]["receivedOn"] == "2026-01-11"
        assert not office.check()

    def test_what_was_credited_nobody_has_to_pay(self, office: Shop, paid: dict[UUID, Decimal]) -> None:
        contract = office.contracts.signed(instalments=[part("All", "2026-01-05", amount="100")])
        bill(office, contract, 1)["contractInstalment"]
        [invoice] = invoices(office, contract)
        assert invoice is not None
        line = {"position": 1, "quantity": "0.4"}
        office.mutate("invoiceCredit", id=invoice["id"], reason="less", lines=[line])["invoice"]
        paid[_invoice_id(office, 1)] = Decimal(60)
        assert plan(office, contract)[0][2] == "RECEIVED"

    def test_wholly_credited_it_is_invoiced_anew_by_hand(self, office: Shop) -> None:
        contract = office.contracts.signed(instalments=[part("All", "2026-01-05")])
        office.work()
        [first] = invoices(office, contract)
        assert first is not None
        office.mutate("invoiceCredit", id=first["id"], reason="wrong")["invoice"]
        office.pass_time(days=1)
        office.work()
        assert plan(office, contract)[0][2] == "OVERDUE"
        assert raised(office, contract) == [False], "not by itself"
        office.contracts.amend(contract, update=[{"sequence": 1, "amount": "900"}])["contract"]
        bill(office, contract, 1)["contractInstalment"]
        [second] = invoices(office, contract)
        assert second is not None and second["billingKey"].endswith(":2")
        assert not office.check()

    def test_a_discarded_draft_may_be_raised_again(self, office: Shop) -> None:
        assert office.set("invoicing.auto_post", "false").done
        contract = office.contracts.signed(instalments=[part("All", "2026-01-05")])
        office.work()
        [draft] = invoices(office, contract)
        assert draft is not None and draft["status"] == "DRAFT"
        office.mutate("invoiceDiscard", id=draft["id"])
        office.work()
        assert raised(office, contract) == [False]
        bill(office, contract, 1)["contractInstalment"]
        assert raised(office, contract) == [True]
        assert not office.check()

    def test_an_invoiced_instalment_keeps_its_amount(self, office: Shop) -> None:
        contract = office.contracts.signed(instalments=[part("All", "2026-01-05", amount="500"), part("Rest")])
        office.work()
        change = {"update": [{"sequence": 1, "amount": "400"}]}
        assert office.contracts.amend(contract, **change).refused("CONTRACTS_INSTALMENT_FIXED")
        assert office.contracts.amend(contract, drop=[1]).refused("CONTRACTS_INSTALMENT_FIXED")


def test_orders_of_a_contract_that_its_plan_bills_are_not_invoiced_besides(
    app_with: Callable[..., Shop], installed_modules: ModuleCatalog
) -> None:
    need(installed_modules, "orders")
    shop = app_with("contracts", "orders", "invoicing")
    codes = []
    for billed_by in ("PLAN", "ORDERS"):
        contract = shop.contracts.signed(billedBy=billed_by)
        order = shop.orders.confirmed(customer=contract.customer, total="60")
        shop.mutate("contractOrderAttach", id=contract.id, order={"id": order.id})["callOff"]
        invoice = shop.mutate("invoiceFromOrder", order={"id": order.id})["invoice"]
        codes.append(shop.mutate("invoicePost", id=invoice["id"]).codes)
    assert codes == [["CONTRACTS_BILLED_BY_PLAN"], []]
    assert not shop.check()


def _invoice_id(shop: Shop, sequence: int) -> UUID:
    with shop.reading() as ctx:
        found = ctx.scalar(select(ContractInstalment.invoice_id).where(ContractInstalment.sequence == sequence))
    assert found is not None
    return found
