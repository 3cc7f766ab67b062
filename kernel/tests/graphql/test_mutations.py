"""Mutations: arguments, payloads, refusals, replays, errors."""

from __future__ import annotations

from typing import Any

import pytest

from huikuan.graphql.ids import encode_id
from huikuan.ids import new_id
from huikuan.testing.shop import Shop
from kernel.tests.graphql.shop.models import Customer

CREATE = """mutation($input: OrderCreateInput!, $own: String) { orderCreate(input: $input, idempotencyKey: $own) {
    order { id number status orderedOn extra total { amount } lines { sku quantity } customer { code } }
    warnings { code level } refusals { code message level field advice data module hold { id } } } }"""


@pytest.fixture(scope="module")
def buyer(shop: Shop) -> Any:
    with shop.writing() as ctx:
        return ctx.add(Customer(code="BUYER", name="Buyer"))


def given(number: str, amount: str = "12.30", **more: Any) -> dict[str, Any]:
    lines = [{"sku": "A", "quantity": "1.5"}, {"sku": "B", "quantity": 2, "position": 2}]
    return {
        "customer": {"code": "BUYER"},
        "lines": lines,
        "number": number,
        "total": {"amount": amount, "currency": "CNY"},
        **more,
    }


def send(shop: Shop, input: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    return shop.execute(CREATE, input=input, own=key or str(new_id()))


def test_a_command_is_a_mutation(shop: Shop, buyer: Any) -> None:
    payload = send(shop, given("M-1", orderedOn="2026-05-01", extra={"a": [1]}))["data"]["orderCreate"]
    assert payload["refusals"] == []
    assert payload["warnings"] == [{"code": "SHOP_ODD", "level": "WARN"}]
    assert payload["order"]["total"] == {"amount": "12.30"}
    assert payload["order"]["status"] == "DRAFT"
    assert payload["order"]["orderedOn"] == "2026-05-01"
    assert payload["order"]["extra"] == {"a": [1]}
    assert payload["order"]["customer"] == {"code": "BUYER"}
    assert [line["sku"] for line in payload["order"]["lines"]] == ["A", "B"]


def test_a_refusal_is_data(shop: Shop, buyer: Any) -> None:
    payload = send(shop, given("M-2", "20000"))["data"]["orderCreate"]
    assert payload["order"] is None
    (refusal,) = payload["refusals"]
    assert refusal["code"] == "SHOP_TOO_LARGE"
    assert refusal["field"] == "input.total"
    assert refusal["advice"] == "Split it."
    assert refusal["data"] == {"limit": {"amount": "10000", "currency": "CNY"}}
    assert refusal["module"] == "shop"
    assert shop.query('{ order(number: "M-2") { id } }')["order"] is None


def test_a_repeat_answers_what_stands_there(shop: Shop, buyer: Any) -> None:
    first = send(shop, given("M-3"), key="key-3")
    again = send(shop, given("M-3"), key="key-3")
    assert again["data"] == first["data"]
    assert "idempotency" not in first["extensions"]
    assert again["extensions"]["idempotency"] == {"replayed": ["orderCreate"]}
    (error,) = send(shop, given("M-3b"), key="key-3")["errors"]
    assert error["extensions"] == {"code": "CONFLICT", "reason": "KEY_REUSED"}
    for key in (None, "", "x" * 256):
        (error,) = shop.execute(CREATE, input=given("M-3c"), own=key)["errors"]
        assert error["extensions"]["field"] == "idempotencyKey"


def test_the_header_is_the_key_of_a_single_mutation(shop: Shop, buyer: Any) -> None:
    document = "mutation($input: OrderCreateInput!) { orderCreate(input: $input) { order { id } } }"
    first = shop.execute(document, key="header-4", input=given("M-4"))
    assert shop.execute(document, key="header-4", input=given("M-4"))["data"] == first["data"]
    twice = """mutation($a: OrderCreateInput!, $b: OrderCreateInput!) {
        a: orderCreate(input: $a) { order { id } } b: orderCreate(input: $b) { order { id } } }"""
    response = shop.execute(twice, key="header-5", a=given("M-5"), b=given("M-6"))
    assert {error["extensions"]["field"] for error in response["errors"]} == {"idempotencyKey"}


def test_objects_are_named_by_id_or_key(shop: Shop, buyer: Any) -> None:
    id = send(shop, given("M-7", reference="ref-7"))["data"]["orderCreate"]["order"]["id"]
    send(shop, given("M-8"))
    document = """mutation($orders: [OrderRef!]!) { orderSum(orders: $orders) {
        sum { total { amount } customer { code } } } }"""
    orders: list[Any] = [{"id": id}, {"reference": "ref-7"}, {"number": "M-8"}]
    data = shop.execute(document, orders=orders)["data"]
    assert data["orderSum"]["sum"] == {"total": {"amount": "36.90"}, "customer": {"code": "BUYER"}}
    for orders, code in (
        ([{"number": "nowhere"}], "NOT_FOUND"),
        ([{"id": encode_id("Order", new_id())}], "NOT_FOUND"),
        ([{"id": encode_id("Customer", buyer.id)}], "BAD_USER_INPUT"),
        ([{"id": id, "number": "M-8"}], "BAD_USER_INPUT"),
        ([{}], "BAD_USER_INPUT"),
    ):
        (error,) = shop.execute(document, orders=orders)["errors"]
        assert error["extensions"]["code"] == code, error


def test_what_follows_a_mutation_sees_its_effect(shop: Shop, buyer: Any) -> None:
    first = send(shop, given("M-9"))["data"]["orderCreate"]["order"]["id"]
    second = send(shop, given("M-10"))["data"]["orderCreate"]["order"]["id"]
    document = """mutation($a: ID!, $b: ID!) { a: orderConfirm(id: $a) { order { status } }
        b: orderConfirm(id: $b) { order { status } } }"""
    data = shop.execute(document, a=first, b=second)["data"]
    assert data == {"a": {"order": {"status": "CONFIRMED"}}, "b": {"order": {"status": "CONFIRMED"}}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"total": {"amount": "1.005", "currency": "CNY"}}, "input.total"),
        ({"number": "a\0b"}, "input.number"),
        ({"extra": {"a": 1.5}}, "input.extra"),
    ],
    ids=["digits", "nul", "float"],
)
def test_wrong_input_names_the_field(shop: Shop, buyer: Any, change: dict[str, Any], field: str) -> None:
    (error,) = send(shop, {**given("M-x"), **change})["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["field"] == field


@pytest.mark.parametrize(
    "change",
    [{"total": {"amount": 1.5, "currency": "CNY"}}, {"total": {"amount": "1", "currency": "ABC"}}, {"lines": [{}]}],
    ids=["float", "currency", "line"],
)
def test_values_of_the_wrong_kind_are_refused(shop: Shop, buyer: Any, change: dict[str, Any]) -> None:
    response = send(shop, {**given("M-y"), **change})
    assert "data" not in response
    assert response["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_an_unexpected_failure_is_masked(shop: Shop, buyer: Any) -> None:
    id = send(shop, given("M-11"))["data"]["orderCreate"]["order"]["id"]
    response = shop.execute("mutation($id: ID!) { orderBreak(id: $id) { number } }", id=id)
    assert response["errors"][0]["message"] == "Internal error."
    assert "SELECT" not in str(response)


def test_the_permission_of_the_command_counts(shop: Shop, buyer: Any) -> None:
    (error,) = send(shop.acting_with("shop.read"), given("M-12"))["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN", "permission": "shop.write"}
    response = send(shop.acting_with("shop.write"), given("M-13"))
    assert response["data"]["orderCreate"]["order"] is None
    assert response["errors"][0]["path"] == ["orderCreate", "order"]


def test_many_results(shop: Shop) -> None:
    data = shop.execute('mutation { customersImport(codes: ["X-1", "X-2"]) { customers { code } } }')["data"]
    assert data["customersImport"]["customers"] == [{"code": "X-1"}, {"code": "X-2"}]


def test_at_most_ten_mutations(shop: Shop) -> None:
    fields = " ".join(
        f'm{place}: customersImport(codes: ["Y-{place}"]) {{ customers {{ id }} }}' for place in range(11)
    )
    (error,) = shop.execute(f"mutation {{ {fields} }}")["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert shop.query('{ customer(code: "Y-0") { id } }')["customer"] is None


def test_commands_run_from_python_with_the_same_arguments(shop: Shop, buyer: Any) -> None:
    made = shop.run(
        "order_create",
        input={
            "customer": {"code": "BUYER"},
            "lines": [{"sku": "A", "quantity": "1"}],
            "number": "M-20",
            "total": {"amount": "2", "currency": "CNY"},
        },
    )
    assert shop.run("order_confirm", id=made.values["order"]).done
    assert shop.query('{ order(number: "M-20") { status } }')["order"]["status"] == "CONFIRMED"


def test_a_hold_is_seen_by_whoever_is_held_and_released_by_somebody_else(shop: Shop, buyer: Any) -> None:
    id = send(shop, given("M-30"))["data"]["orderCreate"]["order"]["id"]
    document = """mutation($id: ID!) { orderApprove(id: $id) {
        order { status } refusals { code level hold { id status subjectType } } } }"""
    held = shop.acting_with("shop.write", "shop.read").execute(document, id=id)
    assert "errors" not in held
    assert held["data"]["orderApprove"]["order"] is None
    (refusal,) = held["data"]["orderApprove"]["refusals"]
    assert refusal["level"] == "APPROVE"
    assert refusal["hold"]["status"] == "OPEN"
    release = """mutation($id: ID!) { holdRelease(id: $id, reason: "by phone") {
        hold { status } subject { __typename id ... on Order { number status } } refusals { code } } }"""
    done = shop.execute(release, id=refusal["hold"]["id"])["data"]["holdRelease"]
    assert done == {
        "hold": {"status": "RELEASED"},
        "subject": {"__typename": "Order", "id": id, "number": "M-30", "status": "CONFIRMED"},
        "refusals": [],
    }
