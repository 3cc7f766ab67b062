"""Dunning levels that stop orders and shipments, and how they lift (COL-10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huikuan.catalog import ModuleCatalog
from huikuan.testing.shop import Shop, need
from modules.inventory.tests.reading import plan, reservations
from modules.receivables.tests.chasing import blocked, company, dun, item, level, pay


@pytest.fixture
def shop(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    need(installed_modules, "orders", "inventory")
    found = app_with("receivables", "orders", "inventory")
    found.customers.create("C1", currency="EUR")
    found.inventory.receive("A1", "100")
    company(found, level(1, "Stop", blocksOrders=True, blocksShipping=True), level(90, "Lawyer"))
    return found


def order(shop: Shop) -> object:
    return shop.orders.draft(customer="C1", lines=[{"sku": "A1", "quantity": "1", "unitPrice": "10"}])


def test_no_order_and_no_shipment_until_it_is_paid(shop: Shop) -> None:
    invoice = shop.invoicing.posted(total="100", customer="C1")
    earlier = order(shop)
    shop.orders.confirm(earlier)["order"]
    shipment = plan(shop, (reservations(shop)[0]["id"], None))["shipment"]["id"]
    shop.pass_time(days=2)
    assert len(dun(shop)) == 1
    assert blocked(shop, "C1") == ["ORDERS", "SHIPPING"]

    later = order(shop)
    assert shop.orders.confirm(later).refused("RECEIVABLES_DUNNING_BLOCK")
    assert shop.mutate("shipmentShip", id=shipment).refused("RECEIVABLES_DUNNING_BLOCK")

    payment = pay(shop, "100", "C1", "bank-1")
    assert blocked(shop, "C1") == []
    shop.mutate("paymentBounce", id=payment, reason="no funds")["payment"]
    assert blocked(shop, "C1") == ["ORDERS", "SHIPPING"], "what was taken back stops again"
    assert shop.mutate("shipmentShip", id=shipment).refused("RECEIVABLES_DUNNING_BLOCK")

    dispute = shop.mutate("disputeOpen", item=item(shop, invoice), reason="QUALITY")["dispute"]["id"]
    assert blocked(shop, "C1") == [], "what is disputed stops nothing"
    shop.mutate("disputeSettle", id=dispute, outcome="REJECTED", reason="All was well.")["dispute"]
    assert blocked(shop, "C1") == ["ORDERS", "SHIPPING"]

    pay(shop, "100", "C1", "bank-2")
    assert shop.orders.confirm(later)["order"]["status"] == "CONFIRMED"
    assert shop.mutate("shipmentShip", id=shipment)["shipment"]["state"] == "SHIPPED"
    assert not shop.check()


def test_somebody_with_the_right_lets_an_order_pass(shop: Shop) -> None:
    shop.invoicing.posted(total="100", customer="C1")
    shop.pass_time(days=2)
    dun(shop)
    waiting = order(shop)
    hold = shop.orders.confirm(waiting).payload["refusals"][0]["hold"]["id"]
    clerk = shop.acting_with("receivables.read", "receivables.collect", "orders.confirm")
    assert clerk.mutate("holdRelease", id=hold, reason="please").failed("FORBIDDEN")
    shop.mutate("holdRelease", id=hold, reason="The CFO agreed by phone.")
    assert shop.orders.status(waiting) == "CONFIRMED"


def test_others_are_not_stopped(shop: Shop) -> None:
    shop.customers.create("C2", currency="EUR")
    shop.invoicing.posted(total="100", customer="C2")
    shop.pass_time(days=2)
    dun(shop)
    assert blocked(shop, "C2") == ["ORDERS", "SHIPPING"]
    assert shop.orders.confirm(order(shop))["order"]["status"] == "CONFIRMED"


def test_a_level_without_blocks_lifts_those_of_the_level_before(shop: Shop) -> None:
    shop.invoicing.posted(total="100", customer="C1")
    shop.pass_time(days=2)
    dun(shop)
    shop.pass_time(days=100)
    dun(shop)
    assert blocked(shop, "C1") == []
