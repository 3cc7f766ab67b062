"""What stood in the tables before a migration is there afterwards, and new rules hold for it too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.exc import IntegrityError

from huikuan.catalog import ModuleCatalog
from huikuan.testing.corruption import Corrupt
from huikuan.testing.migrated import MigratedFrom
from huikuan.testing.shop import Shop, need
from huikuan_contracts.testing import part
from modules.contracts.tests.reading import read


def test_contracts_from_before_plans_of_orders(shop: Shop, migrated_from: MigratedFrom) -> None:
    contract = shop.contracts.example()
    before = read(shop, contract)
    later = migrated_from(shop, contracts="0001")
    assert read(later, contract) == before
    later.contracts.amend(contract, add=[part("More", "2026-09-01", amount="0.01")])
    asked = "query($id: ID!) { contract(id: $id) { planOf { id } instalments { percent blocksSupply } } }"
    assert later.query(asked.replace("planOf { id } ", ""), id=contract.id)["contract"]["instalments"] == [
        {"percent": None, "blocksSupply": False}
    ] * len(before["instalments"])
    assert not later.check()


def test_orders_get_plans_beside_contracts_from_before(
    app_with: Callable[..., Shop], installed_modules: ModuleCatalog, migrated_from: MigratedFrom, corrupt: Corrupt
) -> None:
    need(installed_modules, "orders")
    shop = app_with("contracts", "orders")
    shop.products.create("A", price="10")
    frame = shop.contracts.frame("1000", A="40")
    given = {"reference": "1", "lines": [{"sku": "A", "quantity": "5"}]}
    shop.mutate("contractCallOff", id=frame.id, input=given)["callOff"]
    order = shop.orders.draft(customer=frame.customer, lines=[{"sku": "A", "quantity": "20"}])
    before = read(shop, frame)
    later = migrated_from(shop, contracts="0001")
    assert read(later, frame) == before
    later.mutate("contractCallOff", id=frame.id, input={**given, "reference": "2"})["callOff"]
    later.contracts.plan(order, {"name": "All"})["contract"]
    later.orders.confirm(order)["order"]
    assert not later.check()
    with pytest.raises(IntegrityError):  # one plan for each order
        one = "SELECT order_id FROM contracts_contract WHERE order_id IS NOT NULL"
        corrupt(later, f"UPDATE contracts_contract SET order_id = ({one})")
