"""Shipments and returns, the gate at the door, the queue to production and logistics (INV-6, INV-9, ORD-9)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from huikuan.core.models import OutboxEvent
from huikuan.errors import Level
from huikuan.graphql.ids import decode_id
from huikuan.testing.shop import Shop
from modules.inventory.tests.gate.hooks import Book
from modules.inventory.tests.reading import demands, figures, moves, plan, reservations, shipments


def reserved(shop: Shop, reference: str, quantity: str, **more: Any) -> str:
    found: str = shop.inventory.reserve(reference, "A1", quantity, minutes=0, **more)["reservation"]["id"]
    return found


def ship(shop: Shop, *lines: tuple[str, str | None]) -> str:
    planned = plan(shop, *lines)["shipment"]["id"]
    found: str = shop.mutate("shipmentShip", id=planned)["shipment"]["id"]
    return found


def test_goods_are_shipped_in_parts(store: Shop) -> None:
    store.inventory.receive("A1", "10")
    row = reserved(store, "R", "6")
    planned = plan(store, (row, "2"))["shipment"]
    assert planned["number"] == "SH-000001" and planned["state"] == "PLANNED"
    assert figures(store) == [("6", "6", "0", "0", "RESERVED")], "planned goods are still here"
    assert store.mutate("shipmentShip", id=planned["id"], tracking="T-1")["shipment"]["tracking"] == "T-1"
    assert store.mutate("shipmentShip", id=planned["id"])["shipment"]["state"] == "SHIPPED", "a repeat is harmless"
    assert figures(store) == [("6", "4", "2", "0", "PARTIALLY_SHIPPED")]
    ship(store, (row, None))
    assert figures(store) == [("6", "0", "6", "0", "SHIPPED")]
    assert moves(store) == [("RECEIPT", "10", "10"), ("SHIPMENT", "-2", "8"), ("SHIPMENT", "-4", "4")]
    assert not store.check()


def test_no_unit_is_in_two_shipments(store: Shop) -> None:
    store.inventory.receive("A1", "10")
    row = reserved(store, "R", "6")
    first = plan(store, (row, "5"))["shipment"]["id"]
    assert plan(store, (row, "2")).refused("INVENTORY_NOT_RESERVED")
    assert plan(store, (row, "0")).failed("BAD_USER_INPUT")
    plan(store, (row, "1"))["shipment"]
    assert plan(store, (row, None)).refused("INVENTORY_NOTHING_TO_SHIP")
    store.mutate("shipmentCancel", id=first, reason="wrong carrier")["shipment"]
    assert store.mutate("shipmentShip", id=first).refused("INVENTORY_WRONG_STATE")
    plan(store, (row, "5"))["shipment"]
    assert [found["state"] for found in shipments(store)] == ["CANCELLED", "PLANNED", "PLANNED"]


def test_a_shipment_is_for_one_subject(store: Shop) -> None:
    store.inventory.receive("A1", "10")
    rows = [reserved(store, name, "2") for name in ("one", "two")]
    assert plan(store, *((row, None) for row in rows)).refused("INVENTORY_SUBJECTS_DIFFER")
    assert plan(store, (rows[0], "1"), (rows[0], "1")).failed("BAD_USER_INPUT")


def test_a_shipment_whose_goods_were_lost_does_not_leave(store: Shop) -> None:
    store.inventory.receive("A1", "5")
    planned = plan(store, (reserved(store, "R", "5"), None))["shipment"]["id"]
    store.mutate("stockCount", warehouse={"code": "MAIN"}, product={"sku": "A1"}, counted="4")["stockItem"]
    assert store.mutate("shipmentShip", id=planned).refused("INVENTORY_NOT_RESERVED")
    assert not store.check()


def test_the_rest_is_given_up_only_when_no_shipment_is_planned_any_more(store: Shop) -> None:
    store.inventory.receive("A1", "5")
    row = reserved(store, "R", "8", backorder=True)
    store.mutate("reservationChange", id=row, remainder="CANCEL")["reservation"]
    first, second = (plan(store, (row, quantity))["shipment"]["id"] for quantity in ("2", "3"))
    store.mutate("shipmentShip", id=first)["shipment"]
    assert figures(store) == [("8", "3", "2", "0", "PARTIALLY_SHIPPED")]
    store.mutate("shipmentShip", id=second)["shipment"]
    assert figures(store) == [("8", "0", "5", "3", "SHIPPED")]
    assert [row["state"] for row in demands(store)] == ["WITHDRAWN"]
    assert not store.check()


def test_goods_come_back_line_by_line_and_never_more_than_left(store: Shop) -> None:
    store.inventory.receive("A1", "5")
    row = reserved(store, "R", "5")
    shipment = {"id": ship(store, (row, "4"))}

    def back(quantity: str) -> Any:
        lines = [{"position": 1, "quantity": quantity}]
        return store.mutate("stockReturn", shipment=shipment, reason="broken", lines=lines)

    assert back("5").refused("INVENTORY_OVER_RETURN")
    back("1")["shipment"]
    assert back("4").refused("INVENTORY_OVER_RETURN")
    store.mutate("stockReturn", shipment=shipment, reason="rest")["shipment"]
    assert store.mutate("stockReturn", shipment=shipment, reason="rest").refused("INVENTORY_OVER_RETURN")
    assert reservations(store)[0]["returned"] == "4" and store.inventory.stock("A1")["onHand"] == "5"
    assert moves(store)[2:] == [("RETURN", "1", "2"), ("RETURN", "3", "5")]
    assert not store.check()


def test_what_has_not_left_does_not_come_back(store: Shop) -> None:
    store.inventory.receive("A1", "5")
    planned = plan(store, (reserved(store, "R", "5"), None))["shipment"]
    assert store.mutate("stockReturn", shipment={"id": planned["id"]}, reason="x").refused("INVENTORY_WRONG_STATE")


def test_inventory_before_ship_is_asked_at_the_door(gated: Shop, book: Book) -> None:
    """INV-9: with BLOCK nothing leaves, with APPROVE somebody lets it pass, WARN tells."""
    gated.inventory.receive("A1", "9")
    planned = [plan(gated, (reserved(gated, f"R{n}", "3"), None))["shipment"]["id"] for n in range(3)]
    book.level = Level.BLOCK
    assert gated.mutate("shipmentShip", id=planned[0]).refused("GATE_SHUT")
    assert gated.inventory.stock("A1")["onHand"] == "9" and not book.shipped
    book.level = Level.APPROVE
    refusal = gated.mutate("shipmentShip", id=planned[1]).payload["refusals"][0]
    assert gated.mutate("holdRelease", id=refusal["hold"]["id"], reason="the CFO agreed").codes == []
    book.level = Level.WARN
    answer = gated.mutate("shipmentShip", id=planned[2])
    assert answer.warnings == ["GATE_SHUT"] and answer["shipment"]["state"] == "SHIPPED"
    assert [found["state"] for found in shipments(gated)] == ["PLANNED", "SHIPPED", "SHIPPED"]
    assert len(book.shipped) == 2
    assert ("Manual", 1) in book.asked
    assert not gated.check()


def test_inventory_after_ship_and_inventory_after_return_tell_lines_and_quantities(gated: Shop, book: Book) -> None:
    gated.inventory.receive("A1", "5")
    shipment = ship(gated, (reserved(gated, "R", "5"), "4"))
    told = book.shipped[0]
    assert (told.state.name, told.subject_type, str(told.lines[0].quantity.normalize())) == ("SHIPPED", "Manual", "4")
    gated.mutate("stockReturn", shipment={"id": shipment}, reason="too big", lines=[{"position": 1, "quantity": "1.5"}])
    assert [(str(quantity.normalize()), reason) for quantity, reason in book.returned] == [("1.5", "too big")]


def test_inventory_allocation_order_comes_before_priority(gated: Shop, book: Book) -> None:
    gated.inventory.receive("A1", "1")
    rows = [reserved(gated, name, "2", backorder=True) for name in ("one", "two", "three")]
    gated.mutate("reservationChange", id=rows[1], priority=9)["reservation"]
    book.first.append(decode_id("Reservation", rows[2]))
    gated.inventory.receive("A1", "3")
    assert [row["reserved"] for row in reservations(gated)] == ["1", "1", "2"]


def test_each_demand_is_pulled_by_one_and_answered_once(store: Shop) -> None:
    store.inventory.receive("A1", "1")
    for number in range(3):
        reserved(store, f"R{number}", "2", backorder=True)
    pulled = store.mutate("demandPull", key="p1", kind="PRODUCTION", puller="plant", limit=2)["demands"]
    assert [row["quantity"] for row in pulled] == ["1", "2"]
    again = store.mutate("demandPull", key="p1", kind="PRODUCTION", puller="plant", limit=2)["demands"]
    assert [row["id"] for row in again] == [row["id"] for row in pulled], "a repeat with the same key"
    rest = store.mutate("demandPull", key="p2", kind="PRODUCTION", puller="plant")["demands"]
    assert len(rest) == 1 and not store.mutate("demandPull", kind="PRODUCTION", puller="plant")["demands"]
    for _ in range(2):
        store.mutate("demandAcknowledge", id=pulled[0]["id"], eta="2026-01-12")["demand"]
    store.mutate("demandReject", id=pulled[1]["id"], reason="no material")["demand"]
    assert store.mutate("demandAcknowledge", id=pulled[1]["id"]).refused("INVENTORY_WRONG_STATE")
    assert store.mutate("demandReject", id=rest[0]["id"], reason=" ").failed("BAD_USER_INPUT")
    assert [row["state"] for row in demands(store)] == ["ACKNOWLEDGED", "REJECTED", "PULLED"]
    assert reservations(store)[0]["schedule"][-1] == {"quantity": "1", "on": "2026-01-12"}, "the answer is a promise"
    assert store.inventory.stock("A1")["incoming"] == "1"


def test_events_tell_production_and_logistics(store: Shop) -> None:
    store.inventory.receive("A1", "1")
    plan(store, (reserved(store, "R", "2", backorder=True), None))
    store.work()
    with store.reading() as ctx:
        raised = ctx.scalars(
            select(OutboxEvent.payload).where(OutboxEvent.type == "DEMAND_RAISED").order_by(OutboxEvent.id)
        )
        assert [payload["kind"] for payload in raised] == ["PRODUCTION", "LOGISTICS"]
