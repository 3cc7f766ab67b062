"""The ledger: every movement is a line, every balance is the sum of its lines (INV-1)."""

from __future__ import annotations

from typing import Any

import pytest

from huikuan.testing.shop import Shop
from modules.inventory.tests.reading import figures, moves, reservations


def test_goods_come_in_and_are_counted(store: Shop) -> None:
    store.inventory.receive("A1", "10")
    store.inventory.receive("A1", "2.5")
    place: dict[str, Any] = {"warehouse": {"code": "MAIN"}, "product": {"sku": "A1"}}
    store.mutate("stockAdjust", **place, quantity="-1.5", reason="broken")["stockItem"]
    assert store.mutate("stockCount", **place, counted="9", reason="yearly count")["stockItem"]["onHand"] == "9"
    assert moves(store) == [
        ("RECEIPT", "10", "10"),
        ("RECEIPT", "2.5", "12.5"),
        ("ADJUSTMENT", "-1.5", "11"),
        ("COUNT", "-2", "9"),
    ]
    assert not store.check()


def test_a_count_that_agrees_moves_nothing(store: Shop) -> None:
    store.inventory.receive("A1", "3")
    store.mutate("stockCount", warehouse={"code": "MAIN"}, product={"sku": "A1"}, counted="3")["stockItem"]
    assert len(moves(store)) == 1


def test_a_repeat_with_the_same_key_receives_once(store: Shop) -> None:
    store.inventory.receive("A1", "1")
    given: dict[str, Any] = {"warehouse": {"code": "MAIN"}, "product": {"sku": "A1"}, "quantity": "5"}
    for _ in range(3):
        store.mutate("stockReceive", key="delivery-77", **given)["stockItem"]
    assert store.inventory.stock("A1")["onHand"] == "6"


def test_goods_move_between_warehouses_as_far_as_they_are_available(store: Shop) -> None:
    store.inventory.receive("A1", "10")
    store.inventory.warehouse("SOUTH")
    store.inventory.reserve("cart", "A1", "4")["reservation"]
    given: dict[str, Any] = {"product": {"sku": "A1"}, "source": {"code": "MAIN"}, "target": {"code": "SOUTH"}}
    assert store.mutate("stockTransfer", **given, quantity="7").refused("INVENTORY_SHORT")
    assert len(moves(store)) == 1, "nothing of a refused transfer stays"
    items = store.mutate("stockTransfer", **given, quantity="6")["stockItems"]
    assert [(item["onHand"], item["reserved"]) for item in items] == [("4", "4"), ("6", "0")]
    assert not store.check()


def test_services_have_no_stock(store: Shop) -> None:
    store.inventory.warehouse()
    store.products.create("FREIGHT", kind="SERVICE")
    given: dict[str, Any] = {"warehouse": {"code": "MAIN"}, "product": {"sku": "FREIGHT"}, "quantity": "1"}
    assert store.mutate("stockReceive", **given).refused("INVENTORY_NO_STOCK_KEPT")


@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_what_comes_in_is_more_than_nothing(store: Shop, quantity: str) -> None:
    store.inventory.receive("A1", "1")
    given: dict[str, Any] = {"warehouse": {"code": "MAIN"}, "product": {"sku": "A1"}, "quantity": quantity}
    assert store.mutate("stockReceive", **given).failed("BAD_USER_INPUT")


def test_a_warehouse_out_of_use_takes_no_goods(store: Shop) -> None:
    store.inventory.receive("A1", "1")
    found = store.query('{ warehouse(code: "MAIN") { id } }')["warehouse"]
    store.mutate("warehouseChange", id=found["id"], active=False)["warehouse"]
    given: dict[str, Any] = {"warehouse": {"code": "MAIN"}, "product": {"sku": "A1"}, "quantity": "1"}
    assert store.mutate("stockReceive", **given).refused("INVENTORY_WAREHOUSE_INACTIVE")


def test_one_warehouse_at_most_serves_orders(store: Shop) -> None:
    for code in ("MAIN", "SOUTH"):
        store.inventory.warehouse(code)
    assert store.mutate("warehouseCreate", code="MAIN", name="MAIN")["warehouse"]["main"] is True
    assert store.mutate("warehouseCreate", code="MAIN", name="Other").refused("INVENTORY_WAREHOUSE_TAKEN")
    store.mutate("warehouseCreate", code="NORTH", name="North", main=True)["warehouse"]
    nodes = store.query("{ warehouses { nodes { code main } } }")["warehouses"]["nodes"]
    assert [(node["code"], node["main"]) for node in nodes] == [("MAIN", False), ("SOUTH", False), ("NORTH", True)]


def test_goods_that_are_gone_are_taken_from_the_last_reservation(store: Shop) -> None:
    """A count is a fact: what is not there cannot stay reserved."""
    store.inventory.receive("A1", "10")
    for reference in ("first", "second", "third"):
        store.inventory.reserve(reference, "A1", "3")["reservation"]
    store.mutate("stockCount", warehouse={"code": "MAIN"}, product={"sku": "A1"}, counted="5")["stockItem"]
    assert [row["reserved"] for row in reservations(store)] == ["3", "2", "0"]
    assert not store.check()
    store.inventory.receive("A1", "2")
    assert [row["reserved"] for row in reservations(store)] == ["3", "3", "1"], "goods that arrive go to who waits"
    assert figures(store)[2] == ("3", "1", "0", "0", "PARTIALLY_RESERVED")
    assert not store.check()


def test_the_ledger_cannot_be_rewritten(store: Shop) -> None:
    from_id = "{ stockMoves { nodes { id } } }"
    store.inventory.receive("A1", "10")
    assert len(store.query(from_id)["stockMoves"]["nodes"]) == 1
    mutations = store.scope.composition.schema.core.mutation_type
    assert mutations is not None
    assert not [name for name in mutations.fields if name.startswith("stockMove")]
