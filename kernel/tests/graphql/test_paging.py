"""Lists: pages forward and backward, in any order, with nulls, filtered."""

from __future__ import annotations

import base64
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from huikuan.graphql.ids import encode_id
from huikuan.testing.shop import Shop
from kernel.tests.graphql.shop.models import Customer, Order, OrderStatus, Shipment

COUNT = 23


@pytest.fixture(scope="module")
def orders(shop: Shop) -> list[Any]:
    """Orders with equal totals, missing dates, and two states."""
    with shop.writing() as ctx:
        buyers = [ctx.add(Customer(code=f"P-{place}", name=f"Name {place}")) for place in range(2)]
        found = [
            ctx.add(
                Order(
                    number=f"P-{place:02}",
                    reference=f"Ref_{place}%" if place % 3 else None,
                    customer_id=buyers[place % 2].id,
                    total=Decimal(place // 4),
                    currency="CNY" if place % 2 else "JPY",
                    ordered_on=date(2026, 1, 1 + place % 5) if place % 4 else None,
                    status=OrderStatus.CONFIRMED if place % 2 else OrderStatus.DRAFT,
                    urgent=place % 7 == 0,
                )
            )
            for place in range(COUNT)
        ]
        for order in found[:3]:
            for place in range(4):
                ctx.add(
                    Shipment(order_id=order.id, number=f"{order.number}-{place}", weight=place if place % 2 else None)
                )
    return found


LIST = """query(
    $first: Int, $after: String, $last: Int, $before: String, $order: [OrderOrderBy!], $filter: OrderFilter
) {
    orders(first: $first, after: $after, last: $last, before: $before, orderBy: $order, filter: $filter) {
        nodes { number } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }"""


def listed(shop: Shop, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = shop.query(LIST, **variables)["orders"]
    return found


def numbers(page: dict[str, Any]) -> list[str]:
    return [node["number"] for node in page["nodes"]]


ORDERS: list[list[str]] = [
    [],
    ["NUMBER_DESC"],
    ["TOTAL_ASC", "NUMBER_DESC"],
    ["ORDERED_ON_ASC", "TOTAL_DESC"],
    ["ORDERED_ON_DESC"],
    ["REFERENCE_DESC", "ORDERED_ON_ASC"],
    ["STATUS_ASC", "CREATED_AT_DESC"],
    ["URGENT_DESC", "UPDATED_AT_ASC", "REFERENCE_ASC"],
]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(order) or "default")
def test_pages_add_up_to_the_whole_in_both_directions(shop: Shop, orders: list[Any], order: list[str]) -> None:
    whole = numbers(listed(shop, first=1000, order=order))
    assert sorted(whole) == sorted(item.number for item in orders)
    forward, cursor = [], None
    while True:
        page = listed(shop, first=4, after=cursor, order=order)
        forward += numbers(page)
        assert page["totalCount"] == COUNT
        if not page["pageInfo"]["hasNextPage"]:
            break
        cursor = page["pageInfo"]["endCursor"]
    assert forward == whole
    backward: list[str] = []
    cursor = None
    while True:
        page = listed(shop, last=5, before=cursor, order=order)
        backward = numbers(page) + backward
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        cursor = page["pageInfo"]["startCursor"]
    assert backward == whole


def test_nulls_are_last_going_up_and_first_going_down(shop: Shop, orders: list[Any]) -> None:
    up = shop.query("{ orders(first: 1000, orderBy: [ORDERED_ON_ASC]) { nodes { orderedOn } } }")["orders"]["nodes"]
    dates = [node["orderedOn"] for node in up]
    assert dates[-6:] == [None] * 6
    assert dates[:-6] == sorted(dates[:-6])
    down = shop.query("{ orders(orderBy: [ORDERED_ON_DESC]) { nodes { orderedOn } } }")["orders"]["nodes"]
    assert [node["orderedOn"] for node in down[:6]] == [None] * 6


def test_a_cursor_stands_between_two_rows(shop: Shop, orders: list[Any]) -> None:
    edges = shop.query("{ orders(first: 6, orderBy: [NUMBER_ASC]) { edges { cursor node { number } } } }")["orders"][
        "edges"
    ]
    page = listed(shop, after=edges[1]["cursor"], before=edges[4]["cursor"], order=["NUMBER_ASC"])
    assert numbers(page) == ["P-02", "P-03"]
    assert page["pageInfo"]["hasPreviousPage"] is True


def test_changed_and_foreign_cursors_are_refused(shop: Shop, orders: list[Any]) -> None:
    good = listed(shop, first=1, order=["NUMBER_ASC"])["pageInfo"]["endCursor"]
    raw = bytearray(base64.urlsafe_b64decode(good + "=" * (-len(good) % 4)))
    raw[-3] ^= 1
    changed = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    for cursor, order in (
        (changed, ["NUMBER_ASC"]),
        (good, ["NUMBER_DESC"]),
        (good, []),
        (good + "A", ["NUMBER_ASC"]),
        ("é", []),
        ("", []),
        ("x" * 5000, []),
    ):
        (error,) = shop.execute(LIST, after=cursor, order=order)["errors"]
        assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "after"}, cursor


@pytest.mark.parametrize(
    "arguments", ["first: 1001", "first: -1", "last: 1001", "first: 1, last: 1"], ids=["many", "less", "last", "both"]
)
def test_page_sizes_are_bounded(shop: Shop, arguments: str) -> None:
    (error,) = shop.execute(f"{{ orders({arguments}) {{ nodes {{ id }} }} }}")["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_nested_pages_are_cut_for_each_parent(shop: Shop, orders: list[Any]) -> None:
    document = """query($after: String) { orders(first: 4, orderBy: [NUMBER_ASC]) { nodes { number
        shipments(first: 2, after: $after, orderBy: [WEIGHT_DESC, NUMBER_ASC]) {
            nodes { number } totalCount pageInfo { hasNextPage endCursor } }
        lastOnes: shipments(last: 1, filter: {weight: {isNull: false}}) { nodes { number } totalCount } } } }"""
    nodes = shop.query(document)["orders"]["nodes"]
    assert [item["number"] for item in nodes[0]["shipments"]["nodes"]] == ["P-00-0", "P-00-2"]
    assert nodes[1]["shipments"]["totalCount"] == 4
    assert nodes[3]["shipments"] == {
        "nodes": [],
        "totalCount": 0,
        "pageInfo": {"hasNextPage": False, "endCursor": None},
    }
    assert nodes[2]["lastOnes"] == {"nodes": [{"number": "P-02-3"}], "totalCount": 2}
    more = shop.query(document, after=nodes[0]["shipments"]["pageInfo"]["endCursor"])["orders"]["nodes"]
    assert [item["number"] for item in more[0]["shipments"]["nodes"]] == ["P-00-3", "P-00-1"]


FILTERS: list[tuple[str, dict[str, Any], set[int]]] = [
    ("eq", {"number": {"eq": "P-03"}}, {3}),
    ("ne", {"number": {"ne": "P-03"}, "total": {"eq": "0"}}, {0, 1, 2}),
    ("in", {"number": {"in": ["P-01", "P-02", "nowhere"]}}, {1, 2}),
    ("in-nothing", {"number": {"in": []}}, set()),
    ("not-in", {"number": {"notIn": [f"P-{place:02}" for place in range(20)]}}, {20, 21, 22}),
    ("range", {"number": {"gte": "P-20", "lt": "P-22"}}, {20, 21}),
    ("contains", {"reference": {"contains": "REF_1%"}}, {1}),
    ("starts", {"reference": {"startsWith": "ref_2"}}, {2, 20, 22}),
    ("null", {"reference": {"isNull": True}, "number": {"lt": "P-10"}}, {0, 3, 6, 9}),
    ("money", {"total": {"gte": "5"}}, {20, 21, 22}),
    ("currency", {"total": {"gte": 5, "currency": "JPY"}}, {20, 22}),
    ("enum", {"status": {"in": ["CONFIRMED"]}, "number": {"lte": "P-05"}}, {1, 3, 5}),
    ("bool", {"urgent": {"eq": True}}, {0, 7, 14, 21}),
    ("date", {"orderedOn": {"gt": "2026-01-04"}}, {9, 14, 19}),
    ("or", {"or": [{"number": {"eq": "P-01"}}, {"number": {"eq": "P-02"}, "urgent": {"eq": True}}]}, {1}),
    ("and-not", {"and": [{"total": {"lt": "1"}}], "not": {"urgent": {"eq": True}}}, {1, 2, 3}),
    ("time", {"updatedAt": {"gt": "2100-01-01T00:00:00Z"}}, set()),
]


@pytest.mark.parametrize(("filter", "places"), [item[1:] for item in FILTERS], ids=[item[0] for item in FILTERS])
def test_filters(shop: Shop, orders: list[Any], filter: dict[str, Any], places: set[int]) -> None:
    assert set(numbers(listed(shop, filter=filter))) == {f"P-{place:02}" for place in places}


def test_filters_by_objects(shop: Shop, orders: list[Any]) -> None:
    customer = encode_id("Customer", orders[0].customer_id)
    assert listed(shop, filter={"customer": {"eq": customer}})["totalCount"] == 12
    ids = [encode_id("Order", order.id) for order in orders[:2]]
    assert numbers(listed(shop, filter={"id": {"in": ids}})) == ["P-00", "P-01"]
    (error,) = shop.execute(LIST, filter={"customer": {"eq": ids[0]}})["errors"]
    assert "not the id of a Customer" in error["message"]


@pytest.mark.parametrize(
    "filter",
    [
        {"number": {"eq": None}},
        {"number": {"in": ["x"] * 1001}},
        {"or": []},
        {"not": {}},
        {"total": {"eq": "1.00001"}},
        {"total": {"gt": "1" + "0" * 30}},
        {"number": {"eq": "a\0"}},
        {"reference": {"contains": "a\0"}},
        {"or": [{"number": {"eq": "x"}}] * 300},
    ],
    ids=["null", "many", "no-or", "no-not", "digits", "huge", "nul", "nul-text", "conditions"],
)
def test_filters_that_make_no_sense_are_refused(shop: Shop, filter: dict[str, Any]) -> None:
    (error,) = shop.execute(LIST, filter=filter)["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT", error
    assert error["extensions"]["field"].startswith("filter")
