"""Reservations by hand, scarce goods, promises, warnings (INV-2, INV-4, INV-5, INV-7, INV-8, INV-11)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.testing.shop import Shop
from huikuan_inventory.promising import promises, sources_of, together
from huikuan_inventory.snapshots import Promise
from modules.inventory.tests.reading import figures, line, reservations, warnings

PLACE: dict[str, Any] = {"warehouse": {"code": "MAIN"}, "product": {"sku": "A1"}}
TODAY = date(2026, 1, 5)


def expect(shop: Shop, reference: str, quantity: str, eta: str) -> str:
    found: str = shop.mutate("supplyExpect", reference=reference, **PLACE, quantity=quantity, eta=eta)["supply"]["id"]
    return found


def test_a_reservation_by_hand_is_all_or_nothing(store: Shop) -> None:
    store.inventory.receive("A1", "5")
    assert store.inventory.reserve("cart-1", "A1", "6").refused("INVENTORY_SHORT")
    first = store.inventory.reserve("cart-1", "A1", "4")["reservation"]
    assert store.inventory.reserve("cart-1", "A1", "4")["reservation"]["id"] == first["id"], "a repeat is harmless"
    assert store.inventory.reserve("cart-1", "A1", "3").refused("INVENTORY_REFERENCE_TAKEN")
    assert store.inventory.reserve("cart-2", "A1", "2").refused("INVENTORY_SHORT")
    store.mutate("stockRelease", id=first["id"])["reservation"]
    assert store.mutate("stockRelease", id=first["id"]).codes == []
    assert figures(store) == [("4", "0", "0", "4", "CANCELLED")]
    assert not store.check()


def test_a_reservation_by_hand_expires_and_who_waits_gets_its_goods(store: Shop) -> None:
    store.inventory.receive("A1", "5")
    store.inventory.reserve("cart", "A1", "5", minutes=30)["reservation"]
    store.inventory.reserve("waits", "A1", "3", minutes=0, backorder=True)["reservation"]
    store.pass_time(minutes=29)
    store.work()
    assert figures(store)[0] == ("5", "5", "0", "0", "RESERVED")
    store.pass_time(minutes=10)
    store.work()
    assert figures(store) == [("5", "0", "0", "5", "CANCELLED"), ("3", "3", "0", "0", "RESERVED")]
    store.pass_time(days=300)
    store.work()
    assert figures(store)[1] == ("3", "3", "0", "0", "RESERVED"), "0 minutes: never"
    assert not store.check()


def test_an_order_frees_its_goods_itself(shop: Shop) -> None:
    shop.inventory.receive("A1", "5")
    shop.orders.confirmed(lines=[line("A1", "1")])
    assert shop.mutate("stockRelease", id=reservations(shop)[0]["id"]).refused("INVENTORY_WRONG_STATE")


def test_scarce_goods_go_by_priority_then_promised_day_then_age(store: Shop) -> None:
    store.set("inventory.allocate_on_arrival", "false")
    store.inventory.receive("A1", "1")
    ids = {}
    for name in ("young", "early", "urgent"):
        ids[name] = store.inventory.reserve(name, "A1", "2", backorder=True, minutes=0)["reservation"]["id"]
        store.pass_time(minutes=1)
    store.mutate("reservationChange", id=ids["early"], promisedOn="2026-01-07")["reservation"]
    store.mutate("reservationChange", id=ids["urgent"], priority=5)["reservation"]
    store.inventory.receive("A1", "4")
    assert [row["reserved"] for row in reservations(store)] == ["1", "0", "0"], "nobody has handed them out"
    got = store.mutate("backordersAllocate", warehouse={"code": "MAIN"})["reservations"]
    assert {row["reference"]: row["reserved"] for row in got} == {"early": "2", "urgent": "2"}
    assert [row["reserved"] for row in reservations(store)] == ["1", "2", "2"]
    assert not store.check()


def test_a_warehouse_by_hand_reserves_only_when_somebody_hands_out(shop: Shop) -> None:
    shop.inventory.warehouse(method="MANUAL")
    shop.inventory.receive("A1", "5")
    shop.orders.confirmed(lines=[line("A1", "9")])
    assert figures(shop) == [("9", "0", "0", "0", "DRAFT")]
    shop.inventory.receive("A1", "1")
    assert figures(shop) == [("9", "0", "0", "0", "DRAFT")]
    shop.mutate("backordersAllocate", warehouse={"code": "MAIN"}, product={"sku": "A1"})
    assert figures(shop) == [("9", "6", "0", "0", "PARTIALLY_RESERVED")]
    assert not shop.check()


def test_350_asked_come_on_three_days(store: Shop) -> None:
    """INV-5: 350 asked, 200 now, 100 in two days, 50 in five; or all at once on the last day."""
    store.inventory.receive("A1", "200")
    expect(store, "PO-1", "100", "2026-01-07")
    expect(store, "PO-2", "80", "2026-01-10")
    document = """query($quantity: Decimal!) {
      stockPromise(warehouse: {code: "MAIN"}, product: {sku: "A1"}, quantity: $quantity) { quantity on } }"""
    split = [("200", "2026-01-05"), ("100", "2026-01-07"), ("50", "2026-01-10")]

    def asked(quantity: str) -> list[tuple[str, str]]:
        return [(it["quantity"], it["on"]) for it in store.query(document, quantity=quantity)["stockPromise"]]

    assert asked("350") == split
    row = store.inventory.reserve("big", "A1", "350", backorder=True, minutes=0)["reservation"]
    assert row["reserved"] == "200"
    assert [(it["quantity"], it["on"]) for it in reservations(store)[0]["schedule"]] == split
    assert asked("40") == [("30", "2026-01-10"), ("10", None)], "who asks later is served later"
    store.set("inventory.split_delivery", "false")
    assert asked("30") == [("30", "2026-01-10")]
    assert reservations(store)[0]["schedule"] == [{"quantity": "350", "on": "2026-01-10"}]


def test_expected_goods_arrive_late_in_parts_or_never(store: Shop) -> None:
    store.inventory.receive("A1", "1")
    supply = expect(store, "PO-1", "10", "2026-01-08")
    assert expect(store, "PO-1", "10", "2026-01-08") == supply, "a repeat is harmless"
    store.inventory.reserve("waits", "A1", "5", backorder=True, minutes=0)["reservation"]
    assert store.inventory.stock("A1")["incoming"] == "10"
    store.mutate("supplyReceive", id=supply, quantity="3")["supply"]
    assert figures(store) == [("5", "4", "0", "0", "PARTIALLY_RESERVED")]
    assert store.mutate("supplyReceive", id=supply, quantity="8").failed("BAD_USER_INPUT")
    store.mutate("supplyChange", id=supply, eta="2026-02-01")["supply"]
    assert reservations(store)[0]["schedule"][-1] == {"quantity": "1", "on": "2026-02-01"}
    assert store.mutate("supplyCancel", id=supply)["supply"]["state"] == "CANCELLED"
    assert reservations(store)[0]["schedule"][-1] == {"quantity": "1", "on": None}
    assert store.mutate("supplyReceive", id=supply).refused("INVENTORY_WRONG_STATE")
    assert store.inventory.stock("A1")["forecast"] == "-1", "4 here, 5 open"
    assert not store.check()


def test_warnings_name_who_waits_and_the_money_held_up(shop: Shop) -> None:
    """INV-11: low stock and delays with the affected orders and the cash at stake."""
    shop.set("inventory.short_stock", "BACKORDER")
    shop.inventory.receive("A1", "3")
    shop.mutate("stockThreshold", **PLACE, threshold="2")["stockItem"]
    assert warnings(shop) == []
    shop.orders.confirmed(lines=[line("A1", "5")], promisedOn="2026-01-06")
    row = reservations(shop)[0]
    low, short = warnings(shop)
    assert (low["kind"], low["available"]) == ("LOW", "0")
    assert (short["kind"], short["short"], short["reservations"]) == ("SHORT", "2", [{"id": row["id"]}])
    assert short["heldUp"] == [{"amount": "20.00", "currency": "EUR"}]
    expect(shop, "PO-1", "10", "2026-01-09")
    kinds = {found["kind"]: found for found in warnings(shop)}
    assert kinds.keys() == {"LOW", "LATE"}
    assert (kinds["LATE"]["lateUntil"], kinds["LATE"]["heldUp"][0]["amount"]) == ("2026-01-09", "20.00")


@pytest.mark.parametrize("split", [True, False])
def test_the_promised_day_is_kept_with_the_reservation(shop: Shop, split: bool) -> None:
    shop.set("inventory.short_stock", "BACKORDER")
    shop.set("inventory.split_delivery", str(split).lower())
    shop.inventory.receive("A1", "3")
    expect(shop, "PO-1", "10", "2026-01-09")
    shop.orders.confirmed(lines=[line("A1", "2"), line("A1", "2"), line("A1", "1", promisedOn="2026-01-08")])
    assert [row["promisedOn"] for row in reservations(shop)] == ["2026-01-05", "2026-01-09", "2026-01-08"]


quantities = st.decimals(min_value=0, max_value=1000, places=2, allow_nan=False).map(Decimal)
days = st.dates(min_value=date(2025, 12, 20), max_value=date(2026, 3, 1))


@given(quantities, st.lists(st.tuples(days, quantities), max_size=6), st.lists(quantities, min_size=1, max_size=5))
def test_promises_add_up_and_nothing_is_promised_twice(
    available: Decimal, expected: list[tuple[date, Decimal]], wanted: list[Decimal]
) -> None:
    sources = sources_of(TODAY, available, expected)
    given_out: dict[date, Decimal] = {}
    for quantity in wanted:
        parts = promises(sources, quantity)
        assert sum(part.quantity for part in parts) == quantity
        known = [part.on for part in parts if part.on is not None]
        assert known == sorted(known) and all(day >= TODAY for day in known)
        assert sum(part.quantity for part in together(parts)) == quantity
        for part in parts:
            if part.on is not None:
                given_out[part.on] = given_out.get(part.on, Decimal(0)) + part.quantity
    for day in given_out:
        there = available + sum((quantity for eta, quantity in expected if TODAY <= eta <= day), Decimal(0))
        assert sum(quantity for on, quantity in given_out.items() if on <= day) <= there


def test_all_at_once_waits_for_what_nobody_knows() -> None:
    parts = [Promise(quantity=Decimal(2), on=TODAY), Promise(quantity=Decimal(1), on=None)]
    assert together(parts) == [Promise(quantity=Decimal(3), on=None)]
    assert together([]) == []
