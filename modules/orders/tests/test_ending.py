"""Holding, closing, reopening, cancelling and completing orders (ORD-2, ORD-13)."""

from __future__ import annotations

from decimal import Decimal

from huikuan.testing.shop import Shop
from huikuan_orders.api import fulfilled, open_orders, order_by_id, order_complete
from huikuan_orders.testing import BuiltOrder, line
from modules.orders.tests.reading import events, read
from modules.orders.tests.warehouse.hooks import Book


def ship(shop: Shop, book: Book, order: BuiltOrder, quantity: str) -> None:
    """Some of the first line leaves the warehouse."""
    with shop.reading() as ctx:
        found = next(item for item in open_orders(ctx) if item.number == order.number)
        book.shipped[found.id, found.lines[0].id] = Decimal(quantity)


def test_an_order_on_hold_waits(shop: Shop) -> None:
    order = shop.orders.draft()
    assert shop.mutate("orderHold", id=order.id, reason=" ").failed("BAD_USER_INPUT")
    shop.mutate("orderHold", id=order.id, reason="drawing missing")["order"]
    assert read(shop, order)["holdReason"] == "drawing missing"
    assert read(shop, order)["allowedTransitions"] == ["CHANGE", "CANCEL", "UNHOLD"]
    answer = shop.orders.confirm(order)
    assert answer.refused("ORDERS_WRONG_STATE") and "on hold" in answer.payload["refusals"][0]["message"]
    shop.mutate("orderUnhold", id=order.id)["order"]
    shop.mutate("orderUnhold", id=order.id)["order"]
    assert shop.orders.confirm(order)["order"]["holdReason"] is None
    assert events(shop) == ["ORDER_CREATED", "ORDER_HELD", "ORDER_RELEASED", "ORDER_CONFIRMED"]


def test_orders_after_close_and_orders_after_reopen(depot: Shop, book: Book) -> None:
    """Reopening asks every check of a confirmation anew (ORD-13)."""
    customer = depot.customers.create("C-1")
    order = depot.orders.confirmed(customer="C-1")
    assert depot.mutate("orderReopen", id=order.id)["order"]["version"] == 2, "it is open"
    depot.mutate("orderClose", id=order.id, reason="rest not wanted")["order"]
    assert read(depot, order)["closeReason"] == "rest not wanted"
    assert read(depot, order)["allowedTransitions"] == ["REOPEN"]
    assert depot.mutate("orderCancel", id=order.id, reason="x").refused("ORDERS_WRONG_STATE")
    with depot.reading() as ctx:
        assert open_orders(ctx) == []
    depot.mutate("customerHold", id=customer.id, reason="unpaid")["customer"]
    assert depot.mutate("orderReopen", id=order.id).refused("ORDERS_CUSTOMER_ON_HOLD")
    depot.mutate("customerUnhold", id=customer.id)
    assert depot.mutate("orderReopen", id=order.id)["order"]["closedAt"] is None
    assert book.told[1:] == [("close", "CONFIRMED closed", 3), ("reopen", "binding", 4)]
    assert events(depot)[2:] == ["ORDER_CLOSED", "ORDER_REOPENED"]
    assert not depot.check()


def test_orders_after_cancel_is_told_of_confirmed_orders_only(depot: Shop, book: Book) -> None:
    draft, confirmed = depot.orders.draft(), depot.orders.confirmed()
    for order in (draft, confirmed):
        assert depot.mutate("orderCancel", id=order.id, reason="not wanted")["order"]["status"] == "CANCELLED"
        assert depot.mutate("orderCancel", id=order.id, reason="again")["order"]["version"] < 4
    assert book.told[1:] == [("cancel", "CONFIRMED", 2)]
    assert read(depot, draft)["allowedTransitions"] == []


def test_what_was_shipped_cannot_be_cancelled(depot: Shop, book: Book) -> None:
    depot.products.create("A1", price="10")
    order = depot.orders.confirmed(lines=[line("A1", "4")])
    ship(depot, book, order, "1")
    answer = depot.mutate("orderCancel", id=order.id, reason="not wanted")
    assert answer.refused("ORDERS_FULFILLED")
    assert answer.payload["refusals"][0]["advice"].startswith("Close it")
    document = (
        "query($id: ID!) { order(id: $id) { trace { name quantity percent } lines { trace { name quantity } } } }"
    )
    found = depot.query(document, id=order.id)["order"]
    assert found["trace"] == [
        {"name": "ordered", "quantity": "4", "percent": "100"},
        {"name": "shipped", "quantity": "1", "percent": "25"},
    ]
    assert found["lines"][0]["trace"] == [{"name": "ordered", "quantity": "4"}, {"name": "shipped", "quantity": "1"}]
    assert depot.mutate("orderClose", id=order.id, reason="rest not wanted").codes == []


def test_whoever_fulfils_the_last_line_completes_the_order(depot: Shop, book: Book) -> None:
    order = depot.orders.confirmed()
    with depot.reading() as ctx:
        found = open_orders(ctx)[0]
    result = depot.run(order_complete, id=found.id)
    assert result.done and depot.orders.status(order) == "DONE"
    assert depot.run(order_complete, id=found.id).done, "a repeat is harmless"
    assert book.told[-1] == ("close", "DONE", 3)
    assert depot.mutate("orderCancel", id=order.id, reason="x").refused("ORDERS_WRONG_STATE")
    with depot.reading() as ctx:
        seen = order_by_id(ctx, found.id)
        assert seen.status.name == "DONE" and not seen.binding
        assert fulfilled(ctx, found.id) == {}
    assert events(depot)[-1] == "ORDER_DONE"


def test_a_draft_is_not_closed(shop: Shop) -> None:
    order = shop.orders.draft()
    for what in ("orderClose", "orderReopen"):
        assert shop.mutate(what, id=order.id, reason="x").refused("ORDERS_WRONG_STATE")


def test_orders_after_reopen_and_close_stand_or_fall_with_the_command(depot: Shop, book: Book) -> None:
    order = depot.orders.confirmed()
    assert depot.mutate("orderClose", id=order.id, reason="").failed("BAD_USER_INPUT")
    assert len(book.told) == 1 and depot.orders.status(order) == "CONFIRMED"
