"""Reading objects: one, many, by key, across relations, without a statement per row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from huikuan.db.prepared import PreparedRead
from huikuan.graphql.ids import encode_id
from huikuan.money import Money
from huikuan.testing.shop import Shop
from kernel.tests.graphql.shop.models import Customer, Line, Note, Order, Shipment
from kernel.tests.graphql.shop.types import CALLS


@pytest.fixture(scope="module")
def orders(shop: Shop) -> list[Any]:
    """Five orders of two customers, each with two lines, the third with three shipments."""
    with shop.writing() as ctx:
        buyers = [
            ctx.add(Customer(code="C-1", name="One", limit=Money(Decimal("100.5"), "CNY"))),
            ctx.add(Customer(code="C-2", name="Two")),
        ]
        found = []
        for place in range(5):
            order = ctx.add(Order(number=f"SO-{place}", customer_id=buyers[place % 2].id, total=Decimal(place * 10)))
            for position in (2, 1):
                ctx.add(Line(order_id=order.id, position=position, sku=f"S{place}{position}", quantity=Decimal("1.5")))
            found.append(order)
        for place in range(3):
            ctx.add(Shipment(order_id=found[2].id, number=f"SH-{place}"))
    return found


@contextmanager
def counted(shop: Shop) -> Iterator[list[str]]:
    """The statements sent meanwhile, by SQLAlchemy and as prepared reads."""
    seen: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    def fetch(read: PreparedRead, *arguments: Any) -> Any:
        seen.append(read.text)
        return original(read, *arguments)

    original = PreparedRead.fetch
    event.listen(shop.kernel.database.engine, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PreparedRead, "fetch", fetch)
        yield seen
    event.remove(shop.kernel.database.engine, "before_cursor_execute", note)


def test_one_object_by_id_or_by_a_key(shop: Shop, orders: list[Any]) -> None:
    id = encode_id("Order", orders[1].id)
    for arguments in (f'id: "{id}"', 'number: "SO-1"'):
        data = shop.query(f"{{ order({arguments}) {{ id number total {{ amount currency }} net status createdAt }} }}")
        assert data["order"]["id"] == id
        assert data["order"]["total"] == {"amount": "10.00", "currency": "CNY"}
        assert data["order"]["net"] == "10"
        assert data["order"]["status"] == "DRAFT"
        assert data["order"]["createdAt"].endswith("Z")


def test_absent_and_foreign_objects_are_null_alike(shop: Shop, orders: list[Any]) -> None:
    other = shop.other_tenant("shop", slug=f"other-{shop.dialect[:3]}-nodes")
    with other.writing() as ctx:
        foreign = ctx.add(Customer(code="FOREIGN", name="Foreign"))
    for id in (encode_id("Customer", foreign.id), encode_id("Customer", orders[0].id)):
        assert shop.query("query($id: ID) { customer(id: $id) { name } }", id=id) == {"customer": None}
        assert shop.query("query($id: ID!) { node(id: $id) { id } }", id=id) == {"node": None}
    assert shop.query('{ customer(code: "FOREIGN") { name } }') == {"customer": None}
    assert other.query("{ orders { totalCount nodes { id } } }") == {"orders": {"totalCount": 0, "nodes": []}}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [('id: "x", number: "y"', "exactly one"), ("", "exactly one"), ('id: "nonsense"', "not the id of an Order")],
    ids=["two", "none", "malformed"],
)
def test_wrong_ways_to_name_an_object(shop: Shop, arguments: str, word: str) -> None:
    call = f"order({arguments})" if arguments else "order"
    (error,) = shop.execute(f"{{ {call} {{ id }} }}")["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert word in error["message"]


def test_the_id_of_another_type_is_refused(shop: Shop, orders: list[Any]) -> None:
    id = encode_id("Customer", orders[0].id)
    (error,) = shop.execute(f'{{ order(id: "{id}") {{ id }} }}')["errors"]
    assert "is not the id of an Order" in error["message"]


def test_relations_cost_statements_by_selection_not_by_row(shop: Shop, orders: list[Any]) -> None:
    document = """{ orders(orderBy: [NUMBER_ASC]) { nodes { number customer { name limit { amount } }
        lines { sku quantity order { number } } progress { percent customer { code } steps { name customer { code } } }
        shipments(first: 2) { totalCount nodes { number } pageInfo { hasNextPage } } } } }"""
    shop.query(document)
    CALLS.clear()
    with counted(shop) as statements:
        nodes = shop.query(document)["orders"]["nodes"]
    assert [node["number"] for node in nodes] == [f"SO-{place}" for place in range(5)]
    assert nodes[0]["customer"] == {"name": "One", "limit": {"amount": "100.50"}}
    assert nodes[1]["customer"] == {"name": "Two", "limit": None}
    assert nodes[3]["lines"][0] == {"sku": "S31", "quantity": "1.5", "order": {"number": "SO-3"}}
    assert nodes[2]["progress"]["steps"] == [{"name": "packed", "customer": {"code": "C-1"}}]
    assert [item["number"] for item in nodes[2]["shipments"]["nodes"]] == ["SH-0", "SH-1"]
    assert nodes[2]["shipments"]["totalCount"] == 3
    assert nodes[2]["shipments"]["pageInfo"] == {"hasNextPage": True}
    assert nodes[0]["shipments"] == {"totalCount": 0, "nodes": [], "pageInfo": {"hasNextPage": False}}
    assert CALLS == [("progress", 5)]
    reads = [text for text in statements if "SELECT" in text and "shop_" in text]
    assert len(reads) == 6, reads  # what is referred to is joined; two come by references of progress


def test_arguments_of_batch_fields_are_apart_by_alias(shop: Shop, orders: list[Any]) -> None:
    data = shop.query(
        '{ order(number: "SO-1") { a: progress(percent: 1) { percent } b: progress { percent orderId } note } }'
    )
    assert data["order"]["a"]["percent"] == 1
    assert data["order"]["b"] == {"percent": 50, "orderId": encode_id("Order", orders[1].id)}
    assert data["order"]["note"] == "first"


def test_node_and_nodes(shop: Shop, orders: list[Any]) -> None:
    ids = [encode_id("Order", orders[0].id), encode_id("Customer", orders[0].customer_id)]
    data = shop.query(
        "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Order { number } ... on Customer { code } } }",
        ids=ids,
    )
    assert data["nodes"] == [
        {"__typename": "Order", "id": ids[0], "number": "SO-0"},
        {"__typename": "Customer", "id": ids[1], "code": "C-1"},
    ]


def test_queries_of_modules(shop: Shop, orders: list[Any]) -> None:
    id = encode_id("Order", orders[4].id)
    data = shop.query(
        "query($id: ID!) { orderPreview(id: $id) { percent shipped { amount } customer { code } } }", id=id
    )
    assert data["orderPreview"] == {"percent": 10, "shipped": {"amount": "40.00"}, "customer": {"code": "C-1"}}
    assert shop.query("{ biggestOrder { number lines { sku } } }")["biggestOrder"]["number"] == "SO-4"
    said = shop.query(
        """{ echo(amount: {amount: "1.50", currency: "CNY"}, decimals: ["1.10", 2], order: {number: "SO-0"},
                  event: HOLD_PLACED) }"""
    )
    assert said["echo"] == f"1.50 CNY ['1.10', '2'] {orders[0].id} HOLD_PLACED"


def test_without_the_permission_a_type_is_forbidden(shop: Shop, orders: list[Any]) -> None:
    clerk = shop.acting_with("shop.read")
    response = clerk.execute('{ order(number: "SO-0") { number shipments { totalCount } } }')
    assert [error["extensions"]["code"] for error in response["errors"]] == ["FORBIDDEN"]
    assert response["data"] == {"order": None}
    stranger = shop.acting_with()
    for document in ("{ orders { nodes { id } } }", '{ order(number: "SO-0") { id } }', "{ biggestOrder { id } }"):
        (error,) = stranger.execute(document)["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
    assert "errors" in clerk.execute('{ order(number: "SO-0") { secret } }')
    reader = shop.acting_with("shop.read", "shop.secret")
    assert reader.query('{ order(number: "SO-0") { secret } }')["order"]["secret"] == "hidden"


def test_an_unexpected_error_says_nothing_and_is_logged_once(
    shop: Shop, orders: list[Any], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    response = shop.execute("{ orders { nodes { number broken } } }")
    assert [node["broken"] for node in response["data"]["orders"]["nodes"]] == [None] * 5
    references = {error["extensions"]["reference"] for error in response["errors"]}
    assert len(references) == 1
    assert "passwd" not in str(response)
    assert response["errors"][0]["extensions"]["code"] == "MODULE_FAILED"
    assert "failed in Order.broken" in response["errors"][0]["message"]
    logged = capsys.readouterr().out + caplog.text  # another test may have turned the log over to logging
    assert logged.count(references.pop()) == 1
    assert "passwd" in logged


def test_a_field_may_lead_to_objects_of_any_type(shop: Shop, orders: list[Any]) -> None:
    with shop.writing() as ctx:
        ids = {"Order": orders[0].id, "Customer": orders[0].customer_id, "Line": orders[0].id, "X": orders[0].id}
        for name, id in ids.items():
            ctx.add(Note(subject_type=name, subject_id=id, text=f"about {name}"))
    document = """{ notes(orderBy: [TEXT_ASC]) { nodes { subjectId
        subject { __typename ... on Order { number } ... on Customer { code } } } } }"""
    found = shop.query(document)["notes"]["nodes"]
    assert [item["subject"] for item in found] == [
        {"__typename": "Customer", "code": "C-1"},
        None,
        {"__typename": "Order", "number": "SO-0"},
        None,
    ]
    assert found[2]["subjectId"] == encode_id("Order", orders[0].id)


def test_a_plain_list_ends_at_a_thousand(shop: Shop, orders: list[Any]) -> None:
    with shop.writing() as ctx:
        long = ctx.add(Order(number="LONG", customer_id=orders[0].customer_id))
        ctx.add_all(
            Line(order_id=long.id, position=position, sku=f"L{position}", quantity=Decimal(1))
            for position in range(1, 2_200)
        )
    document = """query($in: [String!]) { orders(filter: {number: {in: $in}}, orderBy: [NUMBER_ASC]) {
        nodes { number lines { position } } } }"""
    for numbers in (["LONG"], ["LONG", "SO-3"]):
        nodes = shop.query(document, **{"in": numbers})["orders"]["nodes"]
        assert [line["position"] for line in nodes[0]["lines"]] == list(range(1, 1_001))
        assert all(len(node["lines"]) == 2 for node in nodes[1:])
