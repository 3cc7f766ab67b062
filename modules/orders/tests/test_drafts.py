"""Writing, pricing and changing drafts (ORD-1, ORD-10, CUS-2)."""

from __future__ import annotations

from decimal import Decimal

from huikuan.testing.shop import Shop
from huikuan_orders.testing import line
from modules.orders.tests.reading import amounts, configure, events, read


def test_an_order_has_a_number_its_roles_and_exact_totals(shop: Shop) -> None:
    shop.products.tax_rate("STD", "20")
    shop.products.create("A1", price="9.99", taxRate={"code": "STD"})
    shop.customers.net(30)
    shop.customers.create("HEAD", paymentTerms={"code": "N30"})
    shop.customers.create("SHOP", billTo={"code": "HEAD"})
    found = shop.mutate(
        "orderCreate",
        input={
            "customer": {"code": "SHOP"},
            "lines": [line("A1", "3"), {"quantity": "1", "description": "Freight", "unitPrice": "5.005"}],
        },
    )["order"]
    order = read(shop, found["id"])
    assert order["number"] == "SO-000001" and order["status"] == "DRAFT" and order["kind"] == "SALE"
    assert [order[role]["code"] for role in ("customer", "billTo", "shipTo", "payer")] == [
        "SHOP",
        "HEAD",
        "SHOP",
        "HEAD",
    ]
    assert order["paymentTerms"] == "N30" and order["currency"] == "EUR" and order["orderedOn"] == "2026-01-05"
    assert amounts(order) == ("34.98", "5.99", "40.97")
    assert [item["gross"]["amount"] for item in order["lines"]] == ["35.96", "5.01"]
    assert shop.orders.draft().number == "SO-000002"
    assert events(shop) == ["ORDER_CREATED", "ORDER_CREATED"]
    assert not shop.check()


def test_the_same_reference_is_the_same_order(shop: Shop) -> None:
    """ORD-10: idempotent on the external reference."""
    shop.products.create("A1", price="10")
    shop.customers.create("C-1")
    content = {"customer": {"code": "C-1"}, "reference": "shop-9931", "lines": [line("A1", "5")]}
    first = shop.mutate("orderCreate", input=content)["order"]
    assert shop.mutate("orderCreate", input=content)["order"]["id"] == first["id"]
    other = shop.mutate("orderCreate", input={**content, "lines": [line("A1", "6")]})
    assert other.refused("ORDERS_REFERENCE_TAKEN")
    assert other.payload["refusals"][0]["data"]["number"] == first["number"]
    assert shop.query("{ orders { totalCount } }")["orders"]["totalCount"] == 1
    assert shop.query('{ order(reference: "shop-9931") { number } }')["order"]["number"] == "SO-000001"


def test_a_price_is_looked_up_unless_it_was_agreed(shop: Shop) -> None:
    shop.products.create("A1", price="10")
    shop.mutate("priceSet", product={"sku": "A1"}, currency="EUR", unitPrice="8", minQuantity="10")
    shop.mutate("priceSet", product={"sku": "A1"}, currency="CNY", unitPrice="70")
    shop.customers.create("C-1", discountPercent="5")
    lines = [line("A1", "1"), line("A1", "10"), line("A1", "1", unitPrice="7"), line("A1", "1", discountPercent="50")]
    order = read(shop, shop.orders.draft(customer="C-1", lines=lines))
    assert [(item["unitPrice"], item["listPrice"], item["discountPercent"]) for item in order["lines"]] == [
        ("10", "10", "5"),
        ("8", "8", "5"),
        ("7", "10", "0"),
        ("10", "10", "50"),
    ]
    assert amounts(order)[2] == "97.50"
    assert read(shop, shop.orders.draft(customer="C-1", currency="CNY", lines=[line("A1")]))["total"] == {
        "amount": "66.50",
        "currency": "CNY",
    }
    refused = shop.mutate("orderCreate", input={"customer": {"code": "C-1"}, "currency": "JPY", "lines": [line("A1")]})
    assert refused.refused("ORDERS_PRICE_MISSING")
    assert refused.payload["refusals"][0]["field"] == "lines.0.unitPrice"


def test_impossible_lines_are_bad_input(shop: Shop) -> None:
    shop.products.create("A1", price="10")
    shop.customers.create("C-1")
    for wrong, field in (
        ({"quantity": "0"}, "lines.0.quantity"),
        ({"quantity": "0.0000001"}, "lines.0.quantity"),
        ({"quantity": "1000000000000"}, "lines.0.quantity"),
        ({"unitPrice": "-1"}, "lines.0.unitPrice"),
        ({"discountPercent": "101"}, "lines.0.discountPercent"),
        ({"sku": "NO-SUCH"}, "lines.0.sku"),
        ({"sku": None}, "lines.0"),
    ):
        given = {"customer": {"code": "C-1"}, "lines": [{"sku": "A1", "quantity": "1", **wrong}]}
        errors = shop.mutate("orderCreate", input=given).errors
        assert errors and errors[0]["extensions"].get("field") == field, wrong
    assert shop.query("{ orders { totalCount } }")["orders"]["totalCount"] == 0


def test_a_draft_changes_line_by_line_and_keeps_what_is_left_out(shop: Shop) -> None:
    shop.products.create("A1", price="10")
    lines = [line("A1", str(n)) for n in (1, 2, 3)]
    order = shop.orders.draft(lines=lines, notes="call first")
    shop.mutate(
        "orderChange",
        id=order.id,
        input={
            "update": [{"position": 2, "quantity": "20", "discountPercent": "10"}],
            "remove": [1],
            "add": [{"quantity": "1", "description": "Freight", "unitPrice": "4"}],
        },
    )["order"]
    changed = read(shop, order)
    assert [(item["position"], item["quantity"], item["gross"]["amount"]) for item in changed["lines"]] == [
        (2, "20", "180.00"),
        (3, "3", "30.00"),
        (4, "1", "4.00"),
    ]
    assert changed["version"] == 2 and changed["notes"] == "call first" and changed["total"]["amount"] == "214.00"
    shop.mutate("orderChange", id=order.id, input={"lines": [line("A1", "1")], "notes": ""})["order"]
    changed = read(shop, order)
    assert (len(changed["lines"]), changed["total"]["amount"], changed["notes"]) == (1, "10.00", "")
    assert shop.mutate("orderChange", id=order.id, input={"remove": [7]}).refused("ORDERS_LINE_UNKNOWN")
    assert shop.mutate("orderChange", id=order.id, input={"remove": [1], "lines": []}).failed("BAD_USER_INPUT")
    assert events(shop) == ["ORDER_CREATED", "ORDER_CHANGED", "ORDER_CHANGED"]
    assert not shop.check()


def test_a_confirmed_order_does_not_change_as_a_draft_does(shop: Shop) -> None:
    order = shop.orders.confirmed()
    answer = shop.mutate("orderChange", id=order.id, input={"notes": "too late"})
    assert answer.refused("ORDERS_WRONG_STATE")
    assert answer.payload["refusals"][0]["data"]["allowed"] == ["AMEND", "CANCEL", "HOLD", "CLOSE"]


def test_an_order_is_copied_at_todays_prices_or_its_own(shop: Shop) -> None:
    """ORD-10: reorder from history."""
    shop.products.create("A1", price="10")
    order = shop.orders.draft(lines=[line("A1", "2")])
    shop.pass_time(days=1)
    shop.mutate("priceSet", product={"sku": "A1"}, currency="EUR", unitPrice="12")
    anew = shop.mutate("orderCopy", order={"number": order.number})["order"]
    same = shop.mutate("orderCopy", order={"id": order.id}, keepPrices=True, reference="again")["order"]
    again = shop.mutate("orderCopy", order={"id": order.id}, keepPrices=True, reference="again")["order"]
    assert read(shop, anew["id"])["total"]["amount"] == "24.00"
    assert read(shop, same["id"])["total"]["amount"] == "20.00"
    assert read(shop, anew["id"])["origin"] == {"number": order.number}
    assert again["id"] == same["id"]


def test_a_return_has_negative_quantities_only(shop: Shop) -> None:
    """ORD-14: linked to the order it takes back."""
    shop.products.create("A1", price="10")
    order = shop.orders.confirmed(lines=[line("A1", "3")])
    back = shop.orders.draft(kind="RETURN", lines=[line("A1", "-2")], origin={"id": order.id})
    assert read(shop, back)["total"]["amount"] == "-20.00"
    assert shop.orders.confirm(back)["order"]["status"] == "CONFIRMED"
    mixed = shop.mutate(
        "orderCreate",
        input={"customer": {"code": order.customer}, "kind": "RETURN", "lines": [line("A1", "-1"), line("A1", "1")]},
    )
    assert mixed.refused("ORDERS_RETURN_QUANTITY")


def test_a_sale_may_have_a_deduction_but_not_come_to_less_than_nothing(shop: Shop) -> None:
    shop.products.create("A1", price="10")
    deduction = {"quantity": "-1", "description": "Voucher", "unitPrice": "15"}
    order = shop.orders.draft(lines=[line("A1", "1"), deduction])
    assert shop.orders.confirm(order).refused("ORDERS_NEGATIVE_TOTAL")
    shop.mutate("orderChange", id=order.id, input={"update": [{"position": 1, "quantity": "2"}]})["order"]
    assert shop.orders.confirm(order)["order"]["status"] == "CONFIRMED"
    assert read(shop, order)["total"]["amount"] == "5.00"


def test_taxes_are_rounded_where_the_tenant_says_and_orders_keep_it(shop: Shop) -> None:
    """BIL-10: per line or per document, frozen on the document."""
    shop.products.tax_rate("STD", "20")
    shop.products.create("A1", price="0.12", taxRate={"code": "STD"})
    by_line = shop.orders.draft(lines=[line("A1"), line("A1"), line("A1")])
    configure(shop, "orders.tax_per_document", "true")
    by_document = shop.orders.draft(lines=[line("A1"), line("A1"), line("A1")])
    assert amounts(read(shop, by_line)) == ("0.36", "0.06", "0.42")
    assert amounts(read(shop, by_document)) == ("0.36", "0.07", "0.43")
    shop.mutate("orderChange", id=by_line.id, input={"add": [line("A1")]})["order"]
    assert amounts(read(shop, by_line)) == ("0.48", "0.08", "0.56")
    assert not shop.check()


def test_an_archived_customer_orders_nothing_and_one_with_orders_stays(shop: Shop) -> None:
    customer = shop.customers.create("C-1")
    order = shop.orders.draft(customer="C-1")
    assert shop.mutate("customerArchive", id=customer.id).refused("ORDERS_CUSTOMER_HAS_ORDERS")
    shop.mutate("orderCancel", id=order.id, reason="changed his mind")["order"]
    assert not shop.mutate("customerArchive", id=customer.id).codes
    answer = shop.mutate("orderCreate", input={"customer": {"code": "C-1"}, "lines": []})
    assert answer.failed("BAD_USER_INPUT")


def test_an_order_comes_to_no_more_than_books_hold(shop: Shop) -> None:
    shop.customers.create("C-1")
    freight = {"description": "Freight", "quantity": "100000000000", "unitPrice": "101"}
    for lines in ([freight], [freight, freight | {"quantity": "-100000000000"}]):
        answer = shop.mutate("orderCreate", input={"customer": {"code": "C-1"}, "lines": lines})
        assert answer.failed("BAD_USER_INPUT") and "at most 10,000,000,000,000" in answer.errors[0]["message"]


def test_only_who_may_writes_and_reads(shop: Shop) -> None:
    order = shop.orders.draft()
    reader = shop.acting_with("orders.read", "customers.read", "products.read")
    assert reader.mutate("orderCancel", id=order.id, reason="no").failed("FORBIDDEN")
    assert reader.mutate("orderConfirm", id=order.id).failed("FORBIDDEN")
    stranger = shop.acting_with("customers.read")
    assert stranger.execute("{ orders { nodes { number } } }")["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_thousand_rows_are_answered_one_by_one(shop: Shop) -> None:
    shop.products.create("A1", price="10")
    shop.customers.create("C-1")
    good = {"reference": "r-1", "customer": "C-1", "lines": [line("A1", "2")]}
    past = {**good, "reference": "r-2", "past": True, "orderedOn": "2020-02-29", "lines": [line("A1", unitPrice="3")]}
    rows = [good, past, {**good, "reference": "r-3", "customer": "NOBODY"}, {**good, "reference": "r-4", "lines": []}]
    rows += [{**good, "reference": "r-5", "lines": [line("NO-SUCH")]}, good]
    select = "results { row reference status code field order { number status total { amount } } }"
    first = shop.mutate("ordersImport", orders=rows, select=select)["results"]
    assert [(item["status"], item["code"], item["field"]) for item in first] == [
        ("CREATED", None, None),
        ("CREATED", None, None),
        ("REFUSED", "BAD_USER_INPUT", "customer"),
        ("CREATED", None, None),
        ("REFUSED", "NOT_FOUND", "lines.0.sku"),
        ("UNCHANGED", None, None),
    ]
    assert first[1]["order"]["status"] == "DONE" and first[1]["order"]["total"]["amount"] == "3.00"
    second = shop.mutate("ordersImport", orders=rows, select=select)["results"]
    assert [item["status"] for item in second if item["status"] != "REFUSED"] == ["UNCHANGED"] * 4
    assert shop.mutate("ordersImport", orders=[good] * 1001).failed("BAD_USER_INPUT")
    assert shop.query("{ orders { totalCount } }")["orders"]["totalCount"] == 3
    assert Decimal(first[0]["order"]["total"]["amount"]) == 20
    assert not shop.check()


def test_orders_payment_terms_of_a_module_stay_on_the_order(depot: Shop) -> None:
    depot.products.create("A1", price="2")
    depot.customers.net(30)
    depot.customers.create("LATER", paymentTerms={"code": "N30"})
    found = {
        quantity: read(depot, depot.orders.draft(customer="LATER", lines=[line("A1", quantity)]))["paymentTerms"]
        for quantity in ("2", "3")
    }
    assert found == {"2": None, "3": "N30"}, "small orders are due at once"
