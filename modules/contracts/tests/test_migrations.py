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


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_contracts_from_before(shop: Shop, migrated_from: MigratedFrom, revision: str) -> None:
    contract = shop.contracts.example()
    before = read(shop, contract)
    later = migrated_from(shop, contracts=revision)
    assert read(later, contract) == before
    asked = "query($id: ID!) { contract(id: $id) { instalments { percent blocksSupply } } }"
    found = later.query(asked, id=contract.id)["contract"]["instalments"]
    unknown = {"percent": None, "blocksSupply": False}
    assert (found == [unknown] * len(before["instalments"])) is (revision == "0001")
    later.contracts.amend(contract, drop=[3], add=[part("More", "2026-09-01")])["contract"]
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
