"""Orders and goods: reserved when confirmed, changed along, freed at the end (INV-2, INV-3, INV-6, ORD-3)."""

from __future__ import annotations

from typing import Any

from huikuan.testing.shop import Shop
from modules.inventory.tests.reading import demands, figures, line, reservations, ship_order, shipments

TRACE = """query($id: ID!) { order(id: $id) { status
  trace { name quantity amount { amount } percent } lines { trace { name quantity } }
  reservations { nodes { ordered order { number } } } shipments { nodes { number } } } }"""


def trace(shop: Shop, order: Any) -> dict[str, tuple[str, str | None, str | None]]:
    """Name to quantity, amount and percent."""
    parts = shop.query(TRACE, id=order.id)["order"]["trace"]
    return {it["name"]: (it["quantity"], it["amount"] and it["amount"]["amount"], it["percent"]) for it in parts}


def test_confirming_reserves(shop: Shop) -> None:
    shop.inventory.receive("A1", "10")
    order = shop.orders.confirmed(lines=[line("A1", "4")])
    assert figures(shop) == [("4", "4", "0", "0", "RESERVED")]
    assert shop.inventory.stock("A1")["available"] == "6"
    assert trace(shop, order) == {
        "ordered": ("4", "40.00", "100"),
        "reserved": ("4", "40.00", "100"),
        "shipped": ("0", "0.00", "0"),
    }
    assert shop.query(TRACE, id=order.id)["order"]["reservations"]["nodes"] == [
        {"ordered": "4", "order": {"number": order.number}}
    ]
    assert not shop.check()


def test_two_lines_of_one_product_are_counted_together(shop: Shop) -> None:
    shop.inventory.receive("A1", "5")
    order = shop.orders.draft(lines=[line("A1", "3"), line("A1", "3")])
    answer = shop.orders.confirm(order)
    assert answer.refused("INVENTORY_SHORT")
    refusal = answer.payload["refusals"][0]
    assert refusal["message"] == "A1: 6 needed, 5 available."
    assert refusal["data"] == {"items": [{"sku": "A1", "needed": "6", "available": "5", "earliest": None}]}
    assert reservations(shop) == [] and shop.inventory.stock("A1")["reserved"] == "0"


def test_the_refusal_says_when_the_goods_would_be_there(shop: Shop) -> None:
    shop.inventory.receive("A1", "2")
    given: dict[str, Any] = {"warehouse": {"code": "MAIN"}, "product": {"sku": "A1"}}
    shop.mutate("supplyExpect", reference="PO-1", **given, quantity="10", eta="2026-01-20")["supply"]
    refusal = shop.orders.confirm(shop.orders.draft(lines=[line("A1", "5")])).payload["refusals"][0]
    assert refusal["data"]["items"][0]["earliest"] == "2026-01-20"
    assert refusal["advice"] == "A1: all by 2026-01-20"


PREVIEW = """query($id: ID!) { orderConfirmPreview(id: $id) { passes
  promise { date products { product { sku } quantity date schedule { quantity on } } } } }"""


def promise(shop: Shop, order: Any) -> Any:
    """When an order could be delivered."""
    return shop.query(PREVIEW, id=order.id)["orderConfirmPreview"]["promise"]


def expect(shop: Shop, sku: str, quantity: str, eta: str) -> None:
    """Goods are on their way."""
    given: dict[str, Any] = {"warehouse": {"code": "MAIN"}, "product": {"sku": sku}}
    shop.mutate("supplyExpect", reference=f"{sku}-{eta}", **given, quantity=quantity, eta=eta)["supply"]


def test_the_preview_promises_the_day_on_which_everything_could_be_there(shop: Shop) -> None:
    today = str(shop.clock.now().date())
    shop.inventory.receive("A1", "200")
    shop.inventory.receive("B2", "5")
    order = shop.orders.draft(lines=[line("A1", "300"), line("B2", "5"), line("A1", "50")])
    assert promise(shop, order)["date"] is None, "not all goods are in sight"
    expect(shop, "A1", "100", "2026-01-20")
    expect(shop, "A1", "80", "2026-01-23")
    found = promise(shop, order)
    assert found["date"] == "2026-01-23"
    by_sku = {it["product"]["sku"]: (it["quantity"], it["date"], it["schedule"]) for it in found["products"]}
    parts = [("200", today), ("100", "2026-01-20"), ("50", "2026-01-23")]
    assert by_sku == {
        "A1": ("350", "2026-01-23", [{"quantity": quantity, "on": on} for quantity, on in parts]),
        "B2": ("5", today, [{"quantity": "5", "on": today}]),
    }
    assert reservations(shop) == [], "asking takes nothing"


def test_who_waits_already_is_promised_first_and_whoever_waits_keeps_its_place(shop: Shop) -> None:
    shop.set("inventory.short_stock", "BACKORDER")
    shop.inventory.receive("A1", "2")
    expect(shop, "A1", "3", "2026-01-20")
    expect(shop, "A1", "9", "2026-01-25")
    first = shop.orders.confirmed(lines=[line("A1", "5")])
    later = shop.orders.draft(lines=[line("A1", "1")])
    assert promise(shop, first)["date"] == "2026-01-20"
    assert promise(shop, later)["date"] == "2026-01-25"
    shop.orders.confirm(later)["order"]
    assert (promise(shop, first)["date"], promise(shop, later)["date"]) == ("2026-01-20", "2026-01-25")


def test_nothing_is_promised_where_nothing_is_to_be_delivered(shop: Shop) -> None:
    shop.inventory.warehouse()
    shop.products.create("FREIGHT", kind="SERVICE", price="5")
    assert promise(shop, shop.orders.draft(lines=[line("FREIGHT", "1")])) is None
    shop.inventory.receive("A1", "2")
    order = shop.orders.confirmed(lines=[line("A1", "2")])
    ship_order(shop, order)
    assert promise(shop, order) is None


def test_who_may_not_read_stock_gets_the_rest_of_the_preview(shop: Shop) -> None:
    shop.inventory.receive("A1", "2")
    order = shop.orders.draft(lines=[line("A1", "2")])
    found = shop.acting_with("orders.read").execute(PREVIEW, id=order.id)
    assert found["data"] == {"orderConfirmPreview": {"passes": True, "promise": None}}
    assert [error["extensions"]["code"] for error in found["errors"]] == ["FORBIDDEN"]


def test_what_is_short_may_be_approved_or_wait(shop: Shop) -> None:
    shop.inventory.receive("A1", "2")
    shop.set("inventory.short_stock", "APPROVE")
    order = shop.orders.draft(lines=[line("A1", "5")])
    refusal = shop.orders.confirm(order).payload["refusals"][0]
    assert (refusal["code"], refusal["level"]) == ("INVENTORY_SHORT", "APPROVE")
    shop.mutate("holdRelease", id=refusal["hold"]["id"], reason="the customer waits")
    assert shop.orders.status(order) == "CONFIRMED"
    assert figures(shop) == [("5", "2", "0", "0", "PARTIALLY_RESERVED")]

    shop.set("inventory.short_stock", "BACKORDER")
    answer = shop.orders.confirm(shop.orders.draft(lines=[line("A1", "1")]))
    assert answer["order"]["status"] == "CONFIRMED" and answer.warnings == ["INVENTORY_SHORT"]
    assert figures(shop)[1] == ("1", "0", "0", "0", "DRAFT")
    assert [row["quantity"] for row in demands(shop)] == ["3", "1"], "production is asked for what is short"
    assert not shop.check()


def test_a_warehouse_without_backorders_refuses_whatever_the_setting_says(shop: Shop) -> None:
    shop.inventory.warehouse(backorders=False)
    shop.inventory.receive("A1", "2")
    shop.set("inventory.short_stock", "BACKORDER")
    assert shop.orders.confirm(shop.orders.draft(lines=[line("A1", "3")])).refused("INVENTORY_SHORT")


def test_services_free_text_and_returns_want_no_goods(shop: Shop) -> None:
    shop.inventory.receive("A1", "1")
    shop.products.create("FREIGHT", price="5", kind="SERVICE")
    text = line(None, "2", description="engraving", unitPrice="3")
    shop.orders.confirmed(lines=[line("FREIGHT", "1"), text])
    shop.orders.confirmed(kind="RETURN", lines=[line("A1", "-1", unitPrice="10")])
    assert reservations(shop) == []


def test_until_there_is_a_warehouse_orders_confirm_without_goods_and_are_adopted_later(shop: Shop) -> None:
    order = shop.orders.confirmed()
    assert reservations(shop) == []
    shop.inventory.receive("ORDERS-USUAL", "5")
    shop.mutate("inventoryAdoptOrders")
    shop.work()
    assert figures(shop) == [("1", "1", "0", "0", "RESERVED")]
    ship_order(shop, order)
    assert shop.orders.status(order) == "DONE"
    assert not shop.check()


def test_a_change_order_reserves_the_increase_and_frees_the_decrease(shop: Shop) -> None:
    shop.inventory.receive("A1", "10")
    order = shop.orders.confirmed(lines=[line("A1", "4")])

    def amend(quantity: str) -> Any:
        change = {"reason": "other quantity", "update": [{"position": 1, "quantity": quantity}]}
        return shop.mutate("orderAmend", id=order.id, input=change)

    assert amend("7")["order"]["version"] == 3
    assert figures(shop) == [("7", "7", "0", "0", "RESERVED")]
    assert amend("11").refused("INVENTORY_SHORT"), "4 more are needed, 3 are available"
    assert amend("2")["order"]["version"] == 4
    assert figures(shop) == [("2", "2", "0", "0", "RESERVED")]
    removed = {"reason": "not wanted", "remove": [1], "add": [line("A1", "5")]}
    shop.mutate("orderAmend", id=order.id, input=removed)["order"]
    assert figures(shop) == [("0", "0", "0", "0", "CANCELLED"), ("5", "5", "0", "0", "RESERVED")]
    assert not shop.check()


def test_cancelling_frees_the_goods_for_who_waits(shop: Shop) -> None:
    shop.set("inventory.short_stock", "BACKORDER")
    shop.inventory.receive("A1", "5")
    first = shop.orders.confirmed(lines=[line("A1", "5")])
    shop.orders.confirmed(lines=[line("A1", "3")])
    shop.mutate("shipmentCreateForOrder", order={"id": first.id})["shipment"]
    shop.mutate("orderCancel", id=first.id, reason="not wanted")["order"]
    assert figures(shop) == [("5", "0", "0", "5", "CANCELLED"), ("3", "3", "0", "0", "RESERVED")]
    assert [row["state"] for row in shipments(shop)] == ["CANCELLED"]
    assert [row["state"] for row in demands(shop)] == ["WITHDRAWN"]
    assert [row["state"] for row in demands(shop, "LOGISTICS")] == ["WITHDRAWN"]
    assert not shop.check()


def test_closing_frees_the_rest_and_reopening_takes_it_again(shop: Shop) -> None:
    shop.inventory.receive("A1", "5")
    order = shop.orders.confirmed(lines=[line("A1", "5")])
    shop.mutate("orderClose", id=order.id, reason="wait")["order"]
    assert figures(shop) == [("5", "0", "0", "5", "CANCELLED")]
    other = shop.orders.confirmed(lines=[line("A1", "1")])
    assert shop.mutate("orderReopen", id=order.id).refused("INVENTORY_SHORT"), "every check is asked anew"
    shop.mutate("orderCancel", id=other.id, reason="not wanted")["order"]
    shop.mutate("orderReopen", id=order.id)["order"]
    assert figures(shop)[0] == ("5", "5", "0", "0", "RESERVED")
    assert not shop.check()


def test_the_last_shipment_completes_the_order(shop: Shop) -> None:
    shop.set("inventory.short_stock", "BACKORDER")
    shop.products.create("B1", price="20")
    shop.inventory.receive("A1", "3")
    order = shop.orders.confirmed(
        lines=[line("A1", "5"), line("B1", "1"), line(None, "1", description="x", unitPrice="1")]
    )
    ship_order(shop, order)
    assert shop.orders.status(order) == "CONFIRMED"
    assert trace(shop, order)["shipped"] == ("3", "30.00", "42.86")
    assert shop.mutate("orderCancel", id=order.id, reason="x").refused("ORDERS_FULFILLED")
    shop.inventory.receive("A1", "9")
    shop.inventory.receive("B1", "1")
    ship_order(shop, order)
    assert shop.orders.status(order) == "DONE"
    assert figures(shop) == [("5", "0", "5", "0", "SHIPPED"), ("1", "0", "1", "0", "SHIPPED")]
    assert [demand["state"] for demand in demands(shop, "LOGISTICS")] == ["ACKNOWLEDGED", "ACKNOWLEDGED"]
    assert not shop.check()


def test_an_order_that_gives_up_the_rest_is_done_with_a_partial_shipment(shop: Shop) -> None:
    """INV-6: backorder or cancel the remainder, by the order's policy."""
    shop.set("inventory.short_stock", "BACKORDER")
    shop.inventory.receive("A1", "3")
    order = shop.orders.confirmed(lines=[line("A1", "5")])
    rows = shop.mutate("inventoryOrderChange", order={"id": order.id}, remainder="CANCEL")["reservations"]
    assert [row["remainder"] for row in rows] == ["CANCEL"]
    ship_order(shop, order)
    assert figures(shop) == [("5", "0", "3", "2", "SHIPPED")]
    assert shop.orders.status(order) == "DONE"
    assert not shop.check()


def test_an_order_on_hold_does_not_ship(shop: Shop) -> None:
    """INV-9: the gate at the door asks again."""
    shop.inventory.receive("A1", "3")
    order = shop.orders.confirmed(lines=[line("A1", "3")])
    planned = shop.mutate("shipmentCreateForOrder", order={"id": order.id})["shipment"]
    shop.mutate("orderHold", id=order.id, reason="drawing missing")["order"]
    assert shop.mutate("shipmentShip", id=planned["id"]).refused("INVENTORY_ORDER_STOPPED")
    assert shop.inventory.stock("A1")["onHand"] == "3"
    shop.mutate("orderUnhold", id=order.id)["order"]
    assert shop.mutate("shipmentShip", id=planned["id"])["shipment"]["state"] == "SHIPPED"
    assert shop.orders.status(order) == "DONE"


def test_what_was_missed_while_disabled_is_made_up_for(shop: Shop) -> None:
    shop.inventory.receive("A1", "10")
    gone = shop.orders.confirmed(lines=[line("A1", "4")])
    shop.disable("inventory")
    shop.mutate("orderCancel", id=gone.id, reason="not wanted")["order"]
    shop.orders.confirmed(lines=[line("A1", "6")])
    shop.enable("inventory")
    shop.work()
    assert figures(shop) == [("4", "0", "0", "4", "CANCELLED"), ("6", "6", "0", "0", "RESERVED")]
    assert not shop.check()
