"""Advance-payment terms (CON-7): deposits by formula, what waits for them, and the final invoice that deducts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from huikuan.catalog import ModuleCatalog
from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Answer, Shop, need
from huikuan_contracts.testing import part

PLAN = """query($id: ID!) { order(id: $id) {
  contract { id instalments { id sequence state received { amount } receivedOn
  invoice { id number kind status dueOn total { amount } lines { taxCode gross { amount } } } } }
  invoices { id number kind status total { amount } } } }"""
TERMS = """{ contractAdvanceTerms { nodes { code name
  lines { position name percent amount { amount } days blocksSupply blocksShipping } } } }"""
SUPPLY = {"name": "Material", "percent": "30", "blocksSupply": True}
DOOR = {"name": "Before delivery", "amount": {"amount": "20", "currency": "EUR"}, "days": 10, "blocksShipping": True}


@pytest.fixture
def firm(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    """A tenant that does it all: 12 pieces of A at 10 and 20 percent tax, and a term of two deposits."""
    modules = ("orders", "inventory", "invoicing", "receivables")
    need(installed_modules, *modules)
    shop = app_with("contracts", *modules)
    shop.set("inventory.short_stock", "BACKORDER")
    shop.products.tax_rate("STD", "20")
    shop.products.create("A", price="10", taxRate={"code": "STD"})
    shop.customers.create("C", currency="EUR")
    shop.inventory.receive("A", "12")
    shop.contracts.advance_term(SUPPLY, DOOR, code="TWO")
    return shop


def sold(shop: Shop, quantity: str = "20", *more: dict[str, Any]) -> Any:
    """A confirmed order of so many, 12.00 each with tax, under the term; what happens by itself has happened."""
    order = shop.orders.draft(customer="C", lines=[{"sku": "A", "quantity": quantity}])
    shop.contracts.plan(order, *more, advance="TWO")["contract"]
    shop.orders.confirm(order)["order"]
    shop.work()
    return order


def state(shop: Shop, order: Any) -> dict[str, Any]:
    """The order's plan and invoices."""
    found: dict[str, Any] = shop.query(PLAN, id=order.id)["order"]
    return found


def stands(shop: Shop, order: Any) -> list[tuple[str, str]]:
    """State of each instalment, and what came in on it."""
    return [(it["state"], it["received"]["amount"]) for it in state(shop, order)["contract"]["instalments"]]


def deposit(shop: Shop, order: Any, sequence: int) -> dict[str, Any]:
    """The invoice of an instalment."""
    found: dict[str, Any] = state(shop, order)["contract"]["instalments"][sequence - 1]["invoice"]
    return found


def pay(shop: Shop, amount: str, invoice: dict[str, Any]) -> str:
    """A payment of an invoice comes in, and what waits for it goes on."""
    found: str = shop.receivables.pay(amount, settle=[{"invoice": {"id": invoice["id"]}}])
    shop.work()
    return found


def supply(shop: Shop) -> tuple[str, list[str]]:
    """How much is set aside, and what production is asked for."""
    [row] = shop.query("{ reservations { nodes { reserved } } }")["reservations"]["nodes"]
    demands = shop.query("{ demands { nodes { kind quantity state } } }")["demands"]["nodes"]
    return row["reserved"], [it["quantity"] for it in demands if it["kind"] == "PRODUCTION"]


def ship(shop: Shop, order: Any) -> Answer:
    """Plan a shipment of all that is reserved, and let it leave."""
    [*planned] = shop.query("{ shipments { nodes { id state } } }")["shipments"]["nodes"]
    waiting = [it["id"] for it in planned if it["state"] == "PLANNED"]
    if not waiting:
        waiting = [shop.mutate("shipmentCreateForOrder", order={"id": order.id})["shipment"]["id"]]
    return shop.mutate("shipmentShip", id=waiting[0])


class TestTerms:
    def test_they_are_set_by_their_code(self, firm: Shop) -> None:
        firm.contracts.advance_term(SUPPLY, DOOR, code="TWO")
        firm.contracts.advance_term(code="HALF")
        two, half = firm.query(TERMS)["contractAdvanceTerms"]["nodes"]
        assert [(it["percent"], it["amount"], it["days"]) for it in two["lines"]] == [
            ("30", None, 0),
            (None, {"amount": "20.00"}, 10),
        ]
        assert [(it["blocksSupply"], it["blocksShipping"]) for it in two["lines"]] == [(True, False), (False, True)]
        assert half["code"] == "HALF" and len(half["lines"]) == 1
        firm.contracts.advance_term({"name": "Other", "percent": "1"}, code="TWO")
        assert [it["name"] for it in firm.query(TERMS)["contractAdvanceTerms"]["nodes"][0]["lines"]] == ["Other"]

    @pytest.mark.parametrize(
        "lines",
        [
            [],
            [{"name": "a"}],
            [{"name": " ", "percent": "1"}],
            [{"name": "a", "percent": "1", "amount": {"amount": "1", "currency": "EUR"}}],
            [{"name": "a", "percent": "101"}],
            [{"name": "a", "amount": {"amount": "0", "currency": "EUR"}}],
            [{"name": "a", "percent": "1", "days": -1}],
            [{"name": "a", "percent": "60"}, {"name": "b", "percent": "41"}],
        ],
    )
    def test_what_makes_no_sense_is_refused(self, firm: Shop, lines: list[Any]) -> None:
        answer = firm.mutate("contractAdvanceTermSet", input={"code": "BAD", "name": "Bad", "lines": lines})
        assert answer.failed("BAD_USER_INPUT")

    def test_amounts_are_for_orders_in_their_currency(self, firm: Shop) -> None:
        order = firm.orders.draft(
            customer="C", currency="USD", lines=[{"description": "x", "quantity": "1", "unitPrice": "90"}]
        )
        assert firm.contracts.plan(order, advance="TWO").failed("BAD_USER_INPUT")


class TestDeposits:
    def test_each_has_its_invoice_and_the_final_one_deducts_them(self, firm: Shop) -> None:
        order = sold(firm)
        first = deposit(firm, order, 1)
        assert (first["kind"], first["status"], first["total"], first["dueOn"]) == (
            "DEPOSIT",
            "POSTED",
            {"amount": "72.00"},
            "2026-01-05",
        )
        assert first["lines"] == [{"taxCode": "STD", "gross": {"amount": "72.00"}}]
        assert deposit(firm, order, 2) is None, "its day has not come"
        firm.pass_time(days=10)
        firm.work()
        assert deposit(firm, order, 2)["total"] == {"amount": "20.00"}
        draft = firm.mutate("invoiceFromOrder", order={"id": order.id})["invoice"]
        final = firm.mutate("invoicePost", id=draft["id"])["invoice"]
        assert final and [it["total"]["amount"] for it in state(firm, order)["invoices"]] == [
            "72.00",
            "20.00",
            "148.00",
        ]
        assert not firm.check()

    def test_what_is_paid_comes_in_where_it_belongs(self, firm: Shop) -> None:
        rest = [part("On delivery", "2026-02-01", percent="50"), part("Rest", "2026-03-01")]
        order = sold(firm, "20", *rest)
        draft = firm.mutate("invoiceFromOrder", order={"id": order.id})["invoice"]
        firm.mutate("invoicePost", id=draft["id"])["invoice"]
        pay(firm, "72", deposit(firm, order, 1))
        assert stands(firm, order) == [("RECEIVED", "72.00"), ("OPEN", "0.00"), ("OPEN", "0.00"), ("OPEN", "0.00")]
        pay(firm, "141", draft)
        assert stands(firm, order)[1:] == [("RECEIVED", "20.00"), ("RECEIVED", "120.00"), ("PARTLY", "1.00")]
        found = state(firm, order)["contract"]["instalments"]
        assert [it["receivedOn"] for it in found] == ["2026-01-05", "2026-01-05", "2026-01-05", None]
        pay(firm, "27", draft)
        firm.pass_time(days=40)
        firm.work()
        assert [it[0] for it in stands(firm, order)] == ["RECEIVED"] * 4
        assert deposit(firm, order, 2) is None, "what came in already is not asked for"
        assert not firm.check()

    def test_an_order_that_is_invoiced_at_once_is_not_asked_twice(self, firm: Shop) -> None:
        assert firm.set("invoicing.method", "order").done
        order = sold(firm)
        [invoice] = state(firm, order)["invoices"]
        assert (invoice["kind"], invoice["total"]["amount"]) == ("INVOICE", "240.00")
        first = state(firm, order)["contract"]["instalments"][0]
        assert firm.mutate("contractInstalmentInvoice", id=first["id"]).refused("INVOICING_DEPOSIT_TOO_LARGE")
        pay(firm, "72", invoice)
        assert stands(firm, order) == [("RECEIVED", "72.00"), ("OPEN", "0.00")], "its payment is the deposit's"
        assert supply(firm) == ("12", ["8"])

    def test_by_hand_no_other_instalment_raises_one(self, firm: Shop) -> None:
        order = sold(firm, "20", part("Rest", "2026-01-05"))
        rest = state(firm, order)["contract"]["instalments"][2]
        assert firm.mutate("contractInstalmentInvoice", id=rest["id"]).refused("CONTRACTS_BILLED_BY_ORDERS")

    def test_an_amount_that_is_asked_for_stays(self, firm: Shop) -> None:
        order = sold(firm)
        plan = type("Plan", (), {"id": state(firm, order)["contract"]["id"]})
        assert firm.contracts.amend(plan, update=[{"sequence": 1, "amount": "50"}]).refused(
            "CONTRACTS_INSTALMENT_FIXED"
        )

    def test_cancelled_after_its_deposit_is_credited(self, firm: Shop) -> None:
        order = sold(firm)
        cancel = {"id": order.id, "reason": "no"}
        assert firm.mutate("orderCancel", **cancel).refused("INVOICING_ORDER_INVOICED")
        firm.mutate("invoiceCredit", id=deposit(firm, order, 1)["id"], reason="no")["invoice"]
        assert firm.mutate("orderCancel", **cancel)["order"]
        firm.pass_time(days=20)
        firm.work()
        assert {it[0] for it in stands(firm, order)} == {"DROPPED"}
        assert len(state(firm, order)["invoices"]) == 2, "the second one is never asked for"
        assert not firm.check()


class TestSupply:
    """``blocksSupply``: nothing is set aside and production is not asked before the money is there."""

    def test_it_waits_until_the_deposit_is_paid(self, firm: Shop) -> None:
        order = sold(firm)
        assert supply(firm) == ("0", [])
        firm.inventory.receive("A", "1")
        assert supply(firm) == ("0", []), "goods that arrive are for others"
        pay(firm, "71.99", deposit(firm, order, 1))
        assert supply(firm) == ("0", [])
        pay(firm, "0.01", deposit(firm, order, 1))
        assert supply(firm) == ("13", ["7"]), "the payment alone lets it go on"
        firm.work()
        assert supply(firm) == ("13", ["7"]) and not firm.check()

    def test_others_get_the_goods_meanwhile(self, firm: Shop) -> None:
        sold(firm)
        firm.orders.confirmed(customer="C", lines=[{"sku": "A", "quantity": "5"}])
        rows = firm.query("{ reservations { nodes { ordered reserved } } }")["reservations"]["nodes"]
        assert [(it["ordered"], it["reserved"]) for it in rows] == [("20", "0"), ("5", "5")]

    def test_a_credit_of_the_deposit_is_no_payment(self, firm: Shop) -> None:
        order = sold(firm)
        firm.mutate("invoiceCredit", id=deposit(firm, order, 1)["id"], reason="wrong")["invoice"]
        firm.work()
        assert supply(firm) == ("0", [])

    def test_an_amendment_lets_it_go_on(self, firm: Shop) -> None:
        order = sold(firm)
        plan = type("Plan", (), {"id": state(firm, order)["contract"]["id"]})
        firm.contracts.amend(plan, update=[{"sequence": 1, "blocksSupply": False}])["contract"]
        firm.work()
        assert supply(firm) == ("12", ["8"]) and not firm.check()

    def test_orders_of_a_contract_wait_for_its_instalments(self, firm: Shop) -> None:
        first = part("Material", "2026-01-05", percent="30", kind="DEPOSIT", blocksSupply=True)
        contract = firm.contracts.signed(customer="C", instalments=[first, part("Rest", "2026-03-01")])
        order = firm.orders.draft(customer="C", lines=[{"sku": "A", "quantity": "20"}])
        firm.mutate("contractOrderAttach", id=contract.id, order={"id": order.id})["callOff"]
        firm.orders.confirm(order)["order"]
        firm.work()
        assert supply(firm) == ("0", [])
        pay(firm, "300", deposit(firm, order, 1))
        assert supply(firm) == ("12", ["8"]) and not firm.check()


class TestShipping:
    """``blocksShipping``: goods wait at the door."""

    def test_they_leave_when_the_deposit_is_paid(self, firm: Shop) -> None:
        order = sold(firm, "10")
        pay(firm, "36", deposit(firm, order, 1))
        answer = ship(firm, order)
        assert answer.refused("CONTRACTS_DEPOSIT_MISSING")
        firm.pass_time(days=10)
        firm.work()
        payment = pay(firm, "20", deposit(firm, order, 2))
        firm.mutate("paymentBounce", id=payment, reason="no funds")
        assert ship(firm, order).refused("CONTRACTS_DEPOSIT_MISSING"), "a payment that bounced is none"
        pay(firm, "20", deposit(firm, order, 2))
        assert ship(firm, order)["shipment"]
        assert not firm.check()


def test_the_deposit_of_another_order_is_found(firm: Shop, corrupt: Corrupt) -> None:
    first, second = sold(firm), sold(firm)
    number = deposit(firm, second, 1)["number"]
    assert deposit(firm, first, 1)["number"] != number and not firm.check()
    part_of_first = "UPDATE contracts_contract_instalment SET invoice_id = NULL WHERE contract_id = ("
    corrupt(firm, f"{part_of_first}SELECT id FROM contracts_contract WHERE number = 'K-000002')")
    corrupt(
        firm,
        "UPDATE contracts_contract_instalment SET invoice_id = "
        f"(SELECT id FROM invoicing_invoice WHERE number = '{number}') WHERE sequence = 1 AND contract_id = "
        "(SELECT id FROM contracts_contract WHERE number = 'K-000001')",
    )
    assert {found.name for found in firm.check()} == {"contracts.invoices"}
