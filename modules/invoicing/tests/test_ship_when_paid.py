"""Goods leave only when their invoice is paid, where that was agreed (ORD-5; erpnext#34872, #35079)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from huikuan.catalog import ModuleCatalog
from huikuan.testing.shop import Answer, Shop, need
from huikuan_invoicing.models import Invoice
from modules.invoicing.tests.clerk.hooks import Book

MODULES = ("orders", "inventory", "invoicing")


def opened(app_with: Callable[..., Shop], *modules: str) -> Shop:
    """A tenant with these modules and ten pieces of A1."""
    shop = app_with(*modules)
    shop.customers.create("C", currency="EUR")
    shop.inventory.receive("A1", "10")
    return shop


@pytest.fixture
def store(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    """A tenant that ships, invoices and knows what is paid."""
    need(installed_modules, "receivables", *MODULES)
    return opened(app_with, "receivables", *MODULES)


@pytest.fixture
def unpaid(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    """A tenant that ships and invoices; nobody tells what is paid."""
    need(installed_modules, *MODULES)
    return opened(app_with, *MODULES)


def agreed(shop: Shop, quantity: str = "4") -> Any:
    """A confirmed order whose goods wait for payment."""
    line = {"sku": "A1", "quantity": quantity, "unitPrice": Decimal(10)}
    order = shop.orders.draft(customer="C", lines=[line])
    more: dict[str, Any] = {"method": "MANUAL", "shipWhenPaid": True}
    shop.mutate("billingPolicySet", order={"id": order.id}, **more)["billingPolicy"]
    shop.orders.confirm(order)["order"]
    return order


def billed(shop: Shop, order: Any, quantity: str | None = None) -> Any:
    """A posted invoice of the order, or of so much of it."""
    more: dict[str, Any] = {} if quantity is None else {"lines": [{"position": 1, "quantity": quantity}]}
    draft = shop.mutate("invoiceFromOrder", order={"id": order.id}, **more)["invoice"]
    shop.mutate("invoicePost", id=draft["id"])["invoice"]
    return {"invoice": {"id": draft["id"]}}


def planned(shop: Shop, order: Any, quantity: str | None = None) -> str:
    """A planned shipment of the order, or of so much of it."""
    if quantity is None:
        found: str = shop.mutate("shipmentCreateForOrder", order={"id": order.id})["shipment"]["id"]
        return found
    [reservation] = shop.query("{ reservations { nodes { id } } }")["reservations"]["nodes"]
    lines = [{"reservation": {"id": reservation["id"]}, "quantity": quantity}]
    part: str = shop.mutate("shipmentCreate", lines=lines)["shipment"]["id"]
    return part


def ship(shop: Shop, id: str) -> Answer:
    return shop.mutate("shipmentShip", id=id)


@pytest.mark.parametrize("approvable", [True, False])
def test_goods_wait_until_the_invoice_is_paid(store: Shop, approvable: bool) -> None:
    assert store.set("invoicing.shipping_approvable", str(approvable).lower()).done
    order = agreed(store)
    id = planned(store, order)
    invoice = billed(store, order)
    store.receivables.pay("39.99", settle=[invoice])
    answer = ship(store, id)
    assert answer.refused("INVOICING_NOT_PAID")
    [refusal] = answer.payload["refusals"]
    assert "0.01 EUR of INV-000001" in refusal["advice"], "names the invoice and what is open"
    assert (refusal["hold"] is not None) is approvable
    store.receivables.pay("0.01", settle=[invoice])
    assert ship(store, id)["shipment"], "the payment lets them go"
    assert store.query("{ holds { nodes { status } } }")["holds"]["nodes"] == (
        [{"status": "SUPERSEDED"}] if approvable else []
    )
    assert not store.check()


def test_a_payment_that_bounced_shuts_the_door_again(store: Shop) -> None:
    order = agreed(store)
    id = planned(store, order)
    payment = store.receivables.pay("40", settle=[billed(store, order)])
    store.mutate("paymentBounce", id=payment, reason="no funds")
    assert ship(store, id).refused("INVOICING_NOT_PAID")


def test_what_is_not_invoiced_is_not_paid(store: Shop) -> None:
    order = agreed(store)
    first = planned(store, order, "3")
    answer = ship(store, first)
    assert answer.refused("INVOICING_NOT_PAID")
    assert "invoiceFromOrder" in answer.payload["refusals"][0]["advice"]
    store.receivables.pay("30", settle=[billed(store, order, "3")])
    assert ship(store, first)["shipment"]
    rest = planned(store, order, "1")
    assert ship(store, rest).refused("INVOICING_NOT_PAID"), "three were paid for, and three have left"
    store.receivables.pay("10", settle=[billed(store, order)])
    assert ship(store, rest)["shipment"]
    assert not store.check()


def test_what_was_credited_is_not_waited_for(store: Shop) -> None:
    order = agreed(store)
    invoice = billed(store, order)
    id = planned(store, order)
    line = {"position": 1, "quantity": "1"}
    given: dict[str, Any] = {"reason": "a discount", "lines": [line], "aftermath": "IGNORE"}
    note = store.mutate("invoiceCredit", id=invoice["invoice"]["id"], **given)["invoice"]
    assert note["status"] == "POSTED"
    store.receivables.pay("30", settle=[invoice])
    assert ship(store, id)["shipment"]


def test_the_setting_is_for_orders_that_say_nothing(store: Shop) -> None:
    assert store.set("invoicing.ship_when_paid", "true").done
    order = store.orders.confirmed(customer="C", lines=[{"sku": "A1", "quantity": "1"}])
    id = planned(store, order)
    assert ship(store, id).refused("INVOICING_NOT_PAID")
    store.mutate("billingPolicySet", order={"id": order.id}, method="MANUAL")["billingPolicy"]
    assert ship(store, id)["shipment"]


def test_goods_do_not_wait_for_an_invoice_that_they_make(store: Shop) -> None:
    order = store.orders.draft(customer="C", lines=[{"sku": "A1", "quantity": "1"}])
    more: dict[str, Any] = {"method": "SHIPMENT", "shipWhenPaid": True}
    assert store.mutate("billingPolicySet", order={"id": order.id}, **more).failed("BAD_USER_INPUT")
    assert store.set("invoicing.ship_when_paid", "true").done and store.set("invoicing.method", "shipment").done
    store.orders.confirm(order)["order"]
    answer = ship(store, planned(store, order))
    assert "billingPolicySet" in answer.payload["refusals"][0]["advice"]


def test_without_receivables_somebody_with_the_right_lets_them_go(unpaid: Shop) -> None:
    """Nobody tells what is paid: goods wait until a person who knows says so."""
    order = agreed(unpaid)
    billed(unpaid, order)
    answer = ship(unpaid, planned(unpaid, order))
    assert answer.refused("INVOICING_NOT_PAID")
    hold = answer.payload["refusals"][0]["hold"]["id"]
    clerk = unpaid.acting_with("invoicing.read", "inventory.ship")
    assert clerk.mutate("holdRelease", id=hold, reason="please").failed("FORBIDDEN")
    unpaid.mutate("holdRelease", id=hold, reason="the bank rang")
    assert unpaid.query("{ shipments { nodes { state } } }")["shipments"]["nodes"] == [{"state": "SHIPPED"}]
    assert not unpaid.check()


def test_whoever_knows_of_payments_is_asked(
    app_with: Callable[..., Shop], book: Book, office_catalog: ModuleCatalog
) -> None:
    need(office_catalog, *MODULES)
    shop = app_with("clerk", *MODULES, catalog=office_catalog)
    shop.customers.create("C", currency="EUR")
    shop.inventory.receive("A1", "10")
    order = agreed(shop)
    invoice = billed(shop, order)
    id = planned(shop, order)
    assert ship(shop, id).refused("INVOICING_NOT_PAID")
    with shop.reading() as ctx:
        [found] = ctx.scalars(select(Invoice.id))
    book.paid[found] = Decimal(40)
    assert invoice and ship(shop, id)["shipment"]
