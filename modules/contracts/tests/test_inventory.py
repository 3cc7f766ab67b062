"""Goods wait at the door until the deposit of their contract has come in (CON-7; pain point 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from huikuan.catalog import ModuleCatalog
from huikuan.testing.shop import Answer, Shop, need
from huikuan_contracts.testing import part
from modules.contracts.tests.cashier.hooks import Book


@pytest.fixture
def store(app_with: Callable[..., Shop], book: Book, cashier_catalog: ModuleCatalog) -> Shop:
    """A tenant with contracts, orders, goods and a cashier."""
    need(cashier_catalog, "inventory", "orders")
    shop = app_with("cashier", "inventory", "orders", catalog=cashier_catalog)
    shop.products.create("A", price="10")
    shop.inventory.receive("A", "50")
    return shop


def shipment(shop: Shop, contract: Any, reference: str = "1") -> str:
    """A planned shipment of an order that was called off."""
    given = {"reference": reference, "lines": [{"sku": "A", "quantity": "5"}]}
    shop.mutate("contractCallOff", id=contract.id, input=given)["callOff"]
    calls = shop.query("query($id: ID!) { contract(id: $id) { callOffs { order { id } } } }", id=contract.id)
    order = {"id": calls["contract"]["callOffs"][-1]["order"]["id"]}
    shop.mutate("orderConfirm", **order)["order"]
    id: str = shop.mutate("shipmentCreateForOrder", order=order)["shipment"]["id"]
    return id


def ship(shop: Shop, id: str) -> Answer:
    return shop.mutate("shipmentShip", id=id)


@pytest.mark.parametrize("approvable", [True, False], ids=["approvable", "not"])
def test_goods_wait_for_the_deposit(store: Shop, book: Book, approvable: bool) -> None:
    assert store.set("contracts.shipping_approvable", str(approvable).lower()).done
    parts = [part("Deposit", percent="30", kind="DEPOSIT", blocksShipping=True), part("Rest")]
    contract = store.contracts.signed(instalments=parts)
    planned = shipment(store, contract)
    answer = ship(store, planned)
    assert answer.refused("CONTRACTS_DEPOSIT_MISSING")
    assert (answer.payload["refusals"][0]["hold"] is not None) is approvable
    book.receive(1, "299.99")
    assert ship(store, planned).refused("CONTRACTS_DEPOSIT_MISSING")
    book.receive(1, "0.01")
    assert ship(store, planned)["shipment"]
    assert not store.check()


def test_somebody_with_the_right_lets_them_go(store: Shop) -> None:
    contract = store.contracts.signed(instalments=[part("Deposit", amount="1", blocksShipping=True)])
    planned = shipment(store, contract)
    hold = ship(store, planned).payload["refusals"][0]["hold"]["id"]
    clerk = store.acting_with("contracts.read", "inventory.ship")
    assert clerk.mutate("holdRelease", id=hold, reason="please").failed("FORBIDDEN")
    store.mutate("holdRelease", id=hold, reason="a good customer")
    states = store.query("{ shipments { nodes { state } } }")["shipments"]["nodes"]
    assert states == [{"state": "SHIPPED"}]


def test_goods_without_such_a_contract_leave(store: Shop) -> None:
    contract = store.contracts.signed(instalments=[part("Later", amount="1")])
    assert ship(store, shipment(store, contract))["shipment"]
    blocking = store.contracts.signed(instalments=[part("Deposit", amount="1", blocksShipping=True)])
    planned = shipment(store, blocking)
    store.contracts.amend(blocking, update=[{"sequence": 1, "blocksShipping": False}])["contract"]
    assert ship(store, planned)["shipment"]
