"""Confirming: every check is asked, all reasons come back, the worst wins (ORD-3, ORD-4, CUS-8, ORD-15)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from huikuan.testing.shop import Shop
from huikuan_orders.testing import line
from modules.orders.tests.reading import configure, events, preview, read
from modules.orders.tests.warehouse.hooks import Book


def test_a_confirmed_order_is_frozen_with_who_and_when(shop: Shop) -> None:
    order = shop.orders.confirmed(total="120")
    found = read(shop, order)
    assert (found["status"], found["version"], found["originalTotal"]["amount"]) == ("CONFIRMED", 2, "120.00")
    assert found["transitions"] == [
        {
            "version": 2,
            "action": "CONFIRM",
            "source": "DRAFT",
            "target": "CONFIRMED",
            "actorName": "tester",
            "reason": None,
        }
    ]
    assert events(shop) == ["ORDER_CREATED", "ORDER_CONFIRMED"]
    assert not shop.check()


def test_confirming_again_changes_nothing(shop: Shop) -> None:
    order = shop.orders.confirmed()
    assert shop.orders.confirm(order)["order"]["version"] == 2
    assert events(shop) == ["ORDER_CREATED", "ORDER_CONFIRMED"]


def test_of_many_confirmations_at_once_one_counts(shop: Shop) -> None:
    order = shop.orders.draft()
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: shop.orders.confirm(order), range(10)))
    for answer in answers:
        assert answer.failed("CONFLICT") or answer["order"]["version"] == 2
    assert events(shop) == ["ORDER_CREATED", "ORDER_CONFIRMED"]
    assert len(read(shop, order)["transitions"]) == 1


def test_all_reasons_come_back_and_nothing_is_written(shop: Shop) -> None:
    product = shop.products.create("A1", price="10")
    customer = shop.customers.create("C-1")
    order = shop.orders.draft(customer="C-1", lines=[line("A1")], validUntil="2026-01-20")
    shop.mutate("customerHold", id=customer.id, reason="unpaid invoices")["customer"]
    shop.mutate("productDeactivate", id=product.id)
    shop.pass_time(days=16)
    answer = shop.orders.confirm(order)
    assert answer.refused("ORDERS_CUSTOMER_ON_HOLD", "ORDERS_QUOTE_EXPIRED", "ORDERS_PRODUCT_INACTIVE")
    assert all(item["advice"] for item in answer.payload["refusals"])
    assert read(shop, order)["version"] == 1 and not read(shop, order)["transitions"]
    assert events(shop) == ["ORDER_CREATED"]
    assert shop.mutate("customerUnhold", id=customer.id).codes == []


def test_a_hold_on_the_customer_leaves_confirmed_orders_alone(shop: Shop) -> None:
    """CUS-8: no new order confirms, already confirmed orders continue; who gets the invoice counts too."""
    head = shop.customers.create("HEAD")
    shop.customers.create("SHOP", billTo={"code": "HEAD"})
    before, after = shop.orders.confirmed(customer="SHOP"), shop.orders.draft(customer="SHOP")
    shop.mutate("customerHold", id=head.id, reason="dispute")["customer"]
    assert shop.orders.confirm(after).refused("ORDERS_CUSTOMER_ON_HOLD")
    lower = {"reason": "less", "update": [{"position": 1, "unitPrice": "90"}]}
    assert shop.mutate("orderAmend", id=before.id, input=lower)["order"]["version"] == 3
    higher = {"reason": "more", "update": [{"position": 1, "quantity": "2"}]}
    assert shop.mutate("orderAmend", id=before.id, input=higher).refused("ORDERS_CUSTOMER_ON_HOLD")


def test_an_empty_order_is_neither_quoted_nor_confirmed(shop: Shop) -> None:
    order = shop.orders.draft(lines=[])
    assert shop.orders.confirm(order).refused("ORDERS_EMPTY")
    assert shop.mutate("orderQuote", id=order.id).refused("ORDERS_EMPTY")


def test_a_small_order_waits_for_approval_and_the_approval_is_for_this_order_as_it_is(shop: Shop) -> None:
    configure(shop, "orders.minimum_value", "100")
    order = shop.orders.draft(total="60")
    answer = shop.orders.confirm(order)
    assert answer.refused("ORDERS_BELOW_MINIMUM")
    refusal = answer.payload["refusals"][0]
    assert refusal["level"] == "APPROVE" and refusal["advice"] == "Add goods for 40.00 EUR."
    found = preview(shop, order)
    assert not found["passes"]
    assert found["refusals"][0]["needed"] == {"amount": "40.00", "currency": "EUR"}
    released = shop.mutate("holdRelease", id=refusal["hold"]["id"], reason="a new customer")
    assert released.codes == [], released.payload
    assert read(shop, order)["status"] == "CONFIRMED"
    assert read(shop, order)["holds"] == [{"code": "ORDERS_BELOW_MINIMUM", "status": "RELEASED"}]


def test_a_change_asks_for_the_approval_anew(shop: Shop) -> None:
    configure(shop, "orders.minimum_value", "100")
    configure(shop, "orders.price_floor_percent", "10")
    shop.products.create("A1", price="50")
    order = shop.orders.draft(lines=[line("A1", unitPrice="40")])
    answer = shop.orders.confirm(order)
    assert answer.refused("ORDERS_BELOW_MINIMUM", "ORDERS_PRICE_BELOW_FLOOR")
    holds = {item["code"]: item["hold"]["id"] for item in answer.payload["refusals"]}
    first = shop.mutate("holdRelease", id=holds["ORDERS_BELOW_MINIMUM"], reason="fine")
    assert first.codes == ["ORDERS_PRICE_BELOW_FLOOR"], "what else stands in the way"
    assert preview(shop, order)["warnings"] == [{"code": "ORDERS_BELOW_MINIMUM"}]
    shop.mutate("orderChange", id=order.id, input={"update": [{"position": 1, "unitPrice": "45"}]})["order"]
    assert shop.orders.confirm(order).refused("ORDERS_BELOW_MINIMUM"), "approved was another price"


def test_releasing_needs_the_permission_of_the_code(shop: Shop) -> None:
    configure(shop, "orders.minimum_value", "100")
    order = shop.orders.draft(total="60")
    hold = shop.orders.confirm(order).payload["refusals"][0]["hold"]["id"]
    clerk = shop.acting_with("orders.read", "orders.confirm", "kernel.holds")
    assert clerk.mutate("holdRelease", id=hold, reason="please").failed("FORBIDDEN")
    manager = shop.acting_with("orders.read", "orders.confirm", "orders.release", "kernel.holds")
    assert manager.mutate("holdRelease", id=hold, reason="fine").codes == []
    assert read(shop, order)["status"] == "CONFIRMED"


def test_a_price_far_below_the_list_names_its_lines(shop: Shop) -> None:
    configure(shop, "orders.price_floor_percent", "20")
    shop.products.create("A1", price="100")
    lines = [line("A1", unitPrice="80"), line("A1", "3", unitPrice="79.99"), line("A1", discountPercent="21")]
    order = shop.orders.draft(lines=lines)
    refusal = preview(shop, order)["refusals"][0]
    assert refusal["code"] == "ORDERS_PRICE_BELOW_FLOOR" and refusal["level"] == "APPROVE"
    assert refusal["advice"] == "line 2: at least 80 EUR; line 3: at least 80 EUR"
    assert refusal["needed"]["amount"] == "1.03"


def test_a_preview_writes_nothing_and_says_what_a_confirmation_says(depot: Shop, book: Book) -> None:
    depot.products.create("A1", price="1")
    for quantity, codes in (("5", []), ("6", []), ("11", ["WAREHOUSE_SHORT"]), ("101", ["WAREHOUSE_FULL"] * 1)):
        order = depot.orders.draft(lines=[line("A1", quantity)])
        found = preview(depot, order)
        assert found["passes"] is (not codes)
        assert not depot.query("{ holds { nodes { id } } }")["holds"]["nodes"] or quantity == "101"
        answer = depot.orders.confirm(order)
        assert sorted(answer.codes) == sorted(item["code"] for item in found["refusals"])
        assert answer.warnings == [item["code"] for item in found["warnings"]]
    confirmed = depot.orders.confirmed()
    assert [item["code"] for item in preview(depot, confirmed)["refusals"]] == ["ORDERS_WRONG_STATE"]


def test_the_worst_verdict_wins(depot: Shop, book: Book) -> None:
    """ORD-4: warn passes and tells, approve holds, block refuses whatever else is approved."""
    depot.products.create("A1", price="1")
    warned = depot.orders.confirm(depot.orders.draft(lines=[line("A1", "6")]))
    assert warned["order"]["status"] == "CONFIRMED" and warned.warnings == ["WAREHOUSE_SHORT"]
    held = depot.orders.draft(lines=[line("A1", "11")])
    refusal = depot.orders.confirm(held).payload["refusals"][0]
    assert (refusal["code"], refusal["level"], refusal["data"]) == ("WAREHOUSE_SHORT", "APPROVE", {"here": "10"})
    assert depot.mutate("holdRelease", id=refusal["hold"]["id"], reason="buy more").codes == []
    assert read(depot, held)["status"] == "CONFIRMED"
    blocked = depot.orders.draft(lines=[line("A1", "101")])
    answer = depot.orders.confirm(blocked)
    assert answer.refused("WAREHOUSE_FULL", "WAREHOUSE_SHORT")
    hold = next(item["hold"] for item in answer.payload["refusals"] if item["hold"])
    assert depot.mutate("holdRelease", id=hold["id"], reason="buy more").codes == ["WAREHOUSE_FULL"]
    assert read(depot, blocked)["status"] == "DRAFT"
    assert [what for what, _, _ in book.told] == ["confirm", "confirm"]


def test_a_quote_has_a_validity_and_can_be_revised(shop: Shop) -> None:
    """ORD-15."""
    order = shop.orders.draft()
    assert shop.mutate("orderQuote", id=order.id)["order"]["validUntil"] == "2026-02-04"
    assert shop.mutate("orderChange", id=order.id, input={"notes": "x"}).refused("ORDERS_WRONG_STATE")
    shop.pass_time(days=30)
    shop.work()
    assert shop.orders.status(order) == "QUOTED", "its last day"
    shop.pass_time(days=1)
    shop.work()
    assert shop.orders.status(order) == "EXPIRED"
    assert shop.orders.confirm(order).refused("ORDERS_WRONG_STATE")
    assert shop.mutate("orderRevise", id=order.id, reason="he called")["order"]["status"] == "DRAFT"
    assert shop.mutate("orderQuote", id=order.id)["order"]["validUntil"] == "2026-03-07"
    assert shop.orders.confirm(order)["order"]["status"] == "CONFIRMED"
    assert events(shop)[1:] == [
        "ORDER_QUOTED",
        "ORDER_EXPIRED",
        "ORDER_REVISED",
        "ORDER_QUOTED",
        "ORDER_CONFIRMED",
    ]
    assert [item["action"] for item in read(shop, order)["transitions"]] == [
        "QUOTE",
        "EXPIRE",
        "REVISE",
        "QUOTE",
        "CONFIRM",
    ]
    assert not shop.check()


def test_an_expired_draft_frees_nothing_else(shop: Shop) -> None:
    ending, lasting = shop.orders.draft(validUntil="2026-01-06"), shop.orders.draft()
    done = shop.orders.confirmed(validUntil="2026-01-06")
    shop.pass_time(days=2)
    shop.work()
    assert [shop.orders.status(order) for order in (ending, lasting, done)] == ["EXPIRED", "DRAFT", "CONFIRMED"]


def test_orders_before_quote_warns_or_refuses_an_offer(depot: Shop) -> None:
    many = depot.orders.draft(lines=[line(quantity="11", description="Bolts", unitPrice="1")])
    quoted = depot.mutate("orderQuote", id=many.id)
    assert quoted["order"]["id"] == many.id and quoted.warnings == ["WAREHOUSE_SHORT"]
    too_many = depot.orders.draft(lines=[line(quantity="101", description="Bolts", unitPrice="1")])
    assert depot.mutate("orderQuote", id=too_many.id).refused("WAREHOUSE_FULL")
    assert depot.orders.status(too_many) == "DRAFT"
