"""Change orders: the original stays, the order is original plus changes (ORD-7)."""

from __future__ import annotations

from decimal import Decimal

from huikuan.testing.shop import Shop
from huikuan_orders.testing import line
from modules.orders.tests.reading import configure, events, read
from modules.orders.tests.test_ending import ship
from modules.orders.tests.warehouse.hooks import Book


def amend(**what: object) -> dict[str, object]:
    return {"reason": "customer called", **what}


def test_an_order_is_its_original_plus_its_changes(shop: Shop) -> None:
    shop.products.create("A1", price="10")
    order = shop.orders.confirmed(lines=[line("A1", "2"), line("A1", "3"), line("A1", "1")])
    more = amend(update=[{"position": 1, "quantity": "5"}], add=[line("A1", "1")])
    shop.mutate("orderAmend", id=order.id, input=more)["order"]
    less = amend(remove=[2], update=[{"position": 4, "discountPercent": "50"}])
    shop.mutate("orderAmend", id=order.id, input=less)["order"]
    found = read(shop, order)
    assert (found["originalTotal"]["amount"], found["total"]["amount"], found["version"]) == ("60.00", "65.00", 4)
    assert [(change["sequence"], change["total"]["amount"]) for change in found["changes"]] == [
        (1, "40.00"),
        (2, "-35.00"),
    ]
    assert [(item["quantity"], item["originalQuantity"]) for item in found["lines"]] == [
        ("5", "2"),
        ("0", "3"),
        ("1", None),
        ("1", "0"),
    ]
    assert [(item["line"]["position"], item["kind"]) for item in found["changes"][1]["lines"]] == [
        (2, "REMOVED"),
        (4, "CHANGED"),
    ]
    assert found["transitions"][-1]["reason"] == "customer called"
    assert events(shop)[-2:] == ["ORDER_AMENDED", "ORDER_AMENDED"]
    assert not shop.check()


def test_orders_after_change_sees_both_and_before_change_the_increase(depot: Shop, book: Book) -> None:
    depot.products.create("A1", price="1")
    order = depot.orders.confirmed(lines=[line("A1", "4")])
    for quantity in ("10", "7"):
        depot.mutate("orderAmend", id=order.id, input=amend(update=[{"position": 1, "quantity": quantity}]))["order"]
    refused = depot.mutate("orderAmend", id=order.id, input=amend(update=[{"position": 1, "quantity": "101"}]))
    assert refused.refused("WAREHOUSE_FULL")
    assert [increase.amount for increase in book.increases] == [Decimal(6), Decimal(0), Decimal(94)]
    assert book.told[1:] == [("change", "4.00 EUR to 10.00 EUR", 3), ("change", "10.00 EUR to 7.00 EUR", 4)]
    assert read(depot, order)["total"]["amount"] == "7.00" and not depot.check()


def test_an_order_does_not_shrink_below_what_was_shipped(depot: Shop, book: Book) -> None:
    depot.products.create("A1", price="1")
    order = depot.orders.confirmed(lines=[line("A1", "5")])
    ship(depot, book, order, "3")
    for less in (amend(remove=[1]), amend(update=[{"position": 1, "quantity": "2"}])):
        answer = depot.mutate("orderAmend", id=order.id, input=less)
        assert answer.refused("ORDERS_FULFILLED")
        assert answer.payload["refusals"][0]["advice"] == "line 1: at least 3"
    enough = amend(update=[{"position": 1, "quantity": "3"}])
    assert depot.mutate("orderAmend", id=order.id, input=enough)["order"]["version"] == 3


def test_an_approval_of_a_change_carries_it_out(shop: Shop) -> None:
    """What was agreed is not asked again: only the new low price waits."""
    shop.products.create("A1", price="100")
    order = shop.orders.confirmed(lines=[line("A1", unitPrice="50"), line("A1")])
    configure(shop, "orders.price_floor_percent", "10")
    unrelated = amend(update=[{"position": 2, "quantity": "2"}])
    assert shop.mutate("orderAmend", id=order.id, input=unrelated).codes == []
    cheaper = shop.mutate("orderAmend", id=order.id, input=amend(update=[{"position": 2, "unitPrice": "80"}]))
    assert cheaper.refused("ORDERS_PRICE_BELOW_FLOOR")
    hold = cheaper.payload["refusals"][0]["hold"]["id"]
    assert shop.mutate("holdRelease", id=hold, reason="fine").codes == []
    assert read(shop, order)["total"]["amount"] == "210.00" and not shop.check()


def test_a_change_order_says_why_and_what(shop: Shop) -> None:
    order = shop.orders.confirmed()
    assert shop.mutate("orderAmend", id=order.id, input={"reason": "x"}).failed("BAD_USER_INPUT")
    assert shop.mutate("orderAmend", id=order.id, input={"reason": " ", "remove": [1]}).failed("BAD_USER_INPUT")
    draft = shop.orders.draft()
    assert shop.mutate("orderAmend", id=draft.id, input=amend(remove=[1])).refused("ORDERS_WRONG_STATE")


def test_orders_price_line_may_not_change_what_was_ordered(depot: Shop) -> None:
    """Rules of prices are asked where no price was agreed, and what they answer is checked."""
    for sku in ("A1", "BROKEN", "NEGATIVE"):
        depot.products.create(sku, price="10")
    order = depot.orders.draft(lines=[line("A1", "0.5"), line("A1", "0.5", unitPrice="10"), line("A1", "2")])
    found = read(depot, order)["lines"]
    assert [(item["unitPrice"], item["gross"]["amount"]) for item in found] == [
        ("20", "10.00"),
        ("10", "5.00"),
        ("10", "20.00"),
    ]
    assert found[0]["description"] == "Product A1 (small quantity)"
    for sku in ("BROKEN", "NEGATIVE"):
        answer = depot.mutate("orderCreate", input={"customer": {"code": order.customer}, "lines": [line(sku)]})
        assert answer.refused("ORDERS_PRICE_INVALID")
