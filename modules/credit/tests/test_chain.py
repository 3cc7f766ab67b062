"""From order to invoice no amount is counted twice, and none gets lost (CRE-1; decisions on disjoint parts)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from huikuan.testing.shop import Shop
from modules.credit.tests.reading import line

SHIPMENT = "query { shipments { nodes { id lines { position } } } }"


def ordered(shop: Shop, quantity: str = "10", price: str = "100", **more: Any) -> Any:
    """A confirmed order of goods that are here."""
    shop.inventory.receive("A", quantity, price=price)
    return shop.orders.confirmed(customer="C-1", lines=[line("A", quantity, unitPrice=price)], **more)


def ship(shop: Shop, quantity: str) -> str:
    """Ship so much of the only reservation."""
    rows = shop.query("query { reservations { nodes { id } } }")["reservations"]["nodes"]
    planned = shop.mutate("shipmentCreate", lines=[{"reservation": {"id": rows[0]["id"]}, "quantity": quantity}])
    shipped: str = shop.mutate("shipmentShip", id=planned["shipment"]["id"])["shipment"]["id"]
    return shipped


def invoice(shop: Shop, order: Any, quantity: str) -> str:
    """Invoice and post so much of the first line."""
    lines = [{"position": 1, "quantity": quantity}]
    draft = shop.mutate("invoiceFromOrder", order={"id": order.id}, lines=lines)["invoice"]
    posted: str = shop.mutate("invoicePost", id=draft["id"])["invoice"]["id"]
    return posted


def test_goods_move_from_ordered_to_shipped_to_invoiced(chain: Shop) -> None:
    order = ordered(chain)
    assert chain.credit.parts("C-1") == {"ordered": "1000.00"}
    ship(chain, "4")
    assert chain.credit.parts("C-1") == {"ordered": "600.00", "shipped": "400.00"}
    invoice(chain, order, "3")
    assert chain.credit.parts("C-1") == {"ordered": "600.00", "shipped": "100.00"}
    invoice(chain, order, "5")
    assert chain.credit.parts("C-1") == {"ordered": "200.00"}, "invoiced ahead of shipping counts as invoiced"
    assert chain.check() == []


def test_what_is_done_and_invoiced_owes_nothing_here(chain: Shop) -> None:
    order = ordered(chain)
    ship(chain, "10")
    assert chain.orders.status(order) == "DONE"
    assert chain.credit.parts("C-1") == {"shipped": "1000.00"}
    invoice(chain, order, "10")
    assert chain.credit.parts("C-1") == {}
    assert chain.check() == []


def test_deposits_are_part_of_their_order(chain: Shop) -> None:
    chain.inventory.receive("A", "10", price="100")
    order = chain.orders.draft(customer="C-1", lines=[line("A", "10", unitPrice="100")])
    chain.mutate("invoiceDeposit", order={"id": order.id}, percent="30")["invoice"]
    assert chain.credit.parts("C-1") == {}
    chain.orders.confirm(order)["order"]
    assert chain.credit.parts("C-1") == {"ordered": "700.00"}
    invoice(chain, order, "10")
    assert chain.credit.parts("C-1") == {}
    assert chain.check() == []


def test_what_comes_back_uninvoiced_is_owed_no_longer(chain: Shop) -> None:
    ordered(chain)
    shipment = ship(chain, "10")
    chain.mutate("stockReturn", shipment={"id": shipment}, reason="broken", lines=[{"position": 1, "quantity": "4"}])
    assert chain.credit.parts("C-1") == {"shipped": "600.00"}
    assert chain.check() == []


def test_a_credit_note_brings_the_debt_back_unless_it_is_given_up(chain: Shop) -> None:
    order = ordered(chain)
    first, second = invoice(chain, order, "4"), invoice(chain, order, "6")
    assert chain.credit.parts("C-1") == {}
    chain.mutate("invoiceCredit", id=first, reason="wrong address")["invoice"]
    assert chain.credit.parts("C-1") == {"ordered": "400.00"}
    chain.mutate("invoiceCredit", id=second, reason="gift", aftermath="IGNORE")["invoice"]
    assert chain.credit.parts("C-1") == {"ordered": "400.00"}
    assert chain.check() == []


def test_orders_that_are_invoiced_at_once(chain: Shop) -> None:
    chain.set("invoicing.method", "order")
    chain.set("inventory.short_stock", "BACKORDER")
    order = chain.orders.draft(customer="C-1", total="500")
    chain.orders.confirm(order)["order"]
    assert chain.credit.parts("C-1") == {}
    assert chain.check() == []


def test_the_gate_at_the_door_looks_at_all_that_is_owed(chain: Shop) -> None:
    rule = {"kind": "LIMIT_USED", "level": "BLOCK", "threshold": "100"}
    chain.mutate("creditRulesSet", checkpoint="SHIP", rules=[rule])["creditRules"]
    chain.credit.limit("C-1", "1000")
    ordered(chain)
    chain.credit.limit("C-1", "999")
    rows = chain.query("query { reservations { nodes { id } } }")["reservations"]["nodes"]
    planned = chain.mutate("shipmentCreate", lines=[{"reservation": {"id": rows[0]["id"]}}])["shipment"]
    assert chain.mutate("shipmentShip", id=planned["id"]).refused("CREDIT_OVER_LIMIT")
    chain.credit.limit("C-1", "1000")
    chain.mutate("shipmentShip", id=planned["id"])["shipment"]
    assert chain.credit.parts("C-1") == {"shipped": "1000.00"}
    assert chain.check() == []


def test_enabled_later_it_reads_the_history(chain: Shop) -> None:
    chain.disable("credit")
    order = ordered(chain)
    ship(chain, "4")
    invoice(chain, order, "1")
    gone = chain.orders.confirmed(customer="C-1", lines=[line(quantity="1", description="x", unitPrice="7")])
    chain.mutate("orderCancel", id=gone.id, reason="no")["order"]
    chain.enable("credit")
    refused = chain.orders.confirm(chain.orders.draft(customer="C-1", total="1", lines=None))
    assert "MODULE_PREPARING" in refused.codes
    chain.work()
    assert chain.credit.parts("C-1") == {"ordered": "600.00", "shipped": "300.00"}
    assert chain.check() == []


def test_a_module_that_was_away_is_made_up_for(chain: Shop) -> None:
    order = ordered(chain)
    ship(chain, "4")
    invoice(chain, order, "2")
    chain.disable("invoicing")
    chain.work()
    assert chain.check() == []
    assert "shipped (needs invoicing)" in chain.credit.standing("C-1")["exposure"]["missing"]
    chain.enable("invoicing")
    chain.work()
    assert chain.credit.parts("C-1") == {"ordered": "600.00", "shipped": "200.00"}
    assert chain.check() == []


def test_the_ledger_tells_what_was_owed_at_any_moment(chain: Shop) -> None:
    ordered(chain)
    before = chain.clock.now()
    chain.pass_time(days=1)
    ship(chain, "4")
    document = """query($at: DateTime!) {
      creditExposureAt(customer: {code: "C-1"}, at: $at, currency: "EUR") { name amount { amount } } }"""
    found = {
        part["name"]: Decimal(part["amount"]["amount"]) for part in chain.query(document, at=before)["creditExposureAt"]
    }
    assert (found["ordered"], found["shipped"]) == (Decimal(1000), Decimal(0))
