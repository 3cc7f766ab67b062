"""The endpoint against bodies and headers that nobody should send, and what its statuses say."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from huikuan.errors import Forbidden, Unauthenticated
from huikuan.testing.shop import Shop
from kernel.tests.graphql.over_http import JSON, RESPONSE, Client


@pytest.fixture(scope="module")
def client(shop: Shop) -> Client:
    return Client(shop)


BODIES: dict[str, tuple[bytes, str]] = {
    "deep": (
        b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001,
        "nested deeper",
    ),
    "depth 65": (b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 65 + b"1" + b"}" * 66, "nested deeper"),
    "number": (b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 10_000 + b"}}", "number is too long"),
    "utf-8": (b'{"query": "\xff"}', "not UTF-8"),
    "utf-16": ('{"query": "{ __typename }"}'.encode("utf-16"), "not UTF-8"),
    "scalar": (b"42", "must be a JSON object"),
    "null": (b"null", "must be a JSON object"),
    "batch": (b'[{"query": "{ __typename }"}]', "Batches are not taken"),
    "nan": (b'{"query": "{ __typename }", "variables": {"a": NaN}}', "NaN is not JSON"),
    "surrogate": (b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}', "half a character"),
    "nul": (b'{"query": "{ __typename }", "variables": {"a": "\\u0000"}}', "NUL"),
    "empty": (b" ", "no body"),
    "no query": (b"{}", "query is missing"),
}


@pytest.mark.parametrize(("body", "word"), BODIES.values(), ids=BODIES)
def test_a_malformed_body_gets_one_clear_error(client: Client, body: bytes, word: str) -> None:
    answer = client.post(body)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert word in error["message"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "data" not in answer.json()


def test_depth_64_is_accepted(client: Client) -> None:
    variables = json.loads('{"a":' * 63 + "1" + "}" * 63)
    assert client.post({"query": "{ __typename }", "variables": variables}).json()["data"] == {"__typename": "Query"}


def test_emoji_escaped_as_surrogate_pairs_are_text(client: Client) -> None:
    body = b'{"query": "query($c: String) { customer(code: $c) { id } }", "variables": {"c": "\\ud83c\\udfc3"}}'
    assert client.post(body).json()["data"] == {"customer": None}


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-16", ""],
)
def test_only_json_is_taken(client: Client, content_type: str) -> None:
    assert client.post({"query": "{ __typename }"}, **{"content-type": content_type}).status_code == 415


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (f"{RESPONSE}, {JSON}", RESPONSE),
        (f"{JSON}, {RESPONSE};q=0.9", JSON),
        (f"{RESPONSE};q=0.5, */*;q=0.1", RESPONSE),
        ("text/html, application/*", JSON),
    ],
)
def test_the_client_chooses_the_media_type(client: Client, accept: str, answered: str) -> None:
    assert client.post({"query": "{ __typename }"}, accept=accept).headers["content-type"].startswith(answered)


@pytest.mark.parametrize("accept", ["text/html", f"{JSON};q=0"])
def test_what_cannot_be_answered_is_406(client: Client, accept: str) -> None:
    assert client.post({"query": "{ __typename }"}, accept=accept).status_code == 406


def test_other_methods_and_mutations_by_get_are_405(client: Client) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        answer = client.send(method, headers={"accept": JSON})
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    mutation = 'mutation { customersImport(codes: ["BY-GET"]) { customers { id } } }'
    answer = client.get(query=mutation)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert client.get(query='{ customer(code: "BY-GET") { id } }').json()["data"] == {"customer": None}


def test_several_operations_need_a_name(client: Client) -> None:
    document = "query A { a: __typename } query B { b: __typename }"
    assert client.post({"query": document}, accept=RESPONSE).status_code == 400
    assert client.post({"query": document, "operationName": "C"}, accept=RESPONSE).status_code == 400
    assert client.post({"query": document, "operationName": "B"}).json()["data"] == {"b": "Query"}


def test_a_field_error_is_200_in_both_media_types(client: Client) -> None:
    for accept in (JSON, RESPONSE):
        answer = client.post({"query": '{ order(id: "x") { id } }'}, accept=accept)
        assert answer.status_code == 200
        assert answer.json()["data"] == {"order": None}


@pytest.mark.parametrize(
    ("error", "status", "header"),
    [
        (Unauthenticated("Sign in first."), 401, ("www-authenticate", "Bearer")),
        (Forbidden("No."), 403, ("cache-control", "no-store")),
        (PoolTimeout("pool"), 503, ("retry-after", "1")),
        (RuntimeError("/etc/passwd"), 500, ("cache-control", "no-store")),
    ],
    ids=["unknown", "forbidden", "overloaded", "broken"],
)
def test_who_is_not_admitted_is_told_so(shop: Shop, error: Exception, status: int, header: tuple[str, str]) -> None:
    def admit(_request: Any) -> Any:
        raise error

    answer = Client(shop, admit).post({"query": "{ __typename }"})
    assert answer.status_code == status
    assert answer.headers[header[0]] == header[1]
    assert "passwd" not in answer.text
    assert "data" not in answer.json()


def test_a_stranger_is_refused_before_the_body_is_read(shop: Shop) -> None:
    def admit(_request: Any) -> Any:
        raise Unauthenticated("Sign in first.")

    assert Client(shop, admit).post(b"\xff not json").status_code == 401


def test_a_full_pool_is_503(shop: Shop) -> None:
    kernel, scope = shop.kernel, shop.scope
    client = Client(shop, lambda request: kernel.request(scope))
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(kernel.database.read(scope.tenant.id, shop.clock))
        answer = client.post({"query": "{ orders { totalCount } }"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["errors"][0]["extensions"]["code"] == "OVERLOADED"


def test_strangers_do_not_read_the_schema(shop: Shop) -> None:
    kernel = shop.kernel

    def anonymous(_request: Any) -> Any:
        return kernel.request(kernel.admit(None, request_id="r"))

    closed, opened = Client(shop, anonymous), Client(shop, anonymous, introspection=True)
    for document in (
        "{ __schema { types { name } } }",
        '{ ...F } fragment F on Query { __type(name: "Query") { name } }',
    ):
        assert closed.post({"query": document}).json()["errors"][0]["message"] == "Sign in to read the schema."
        assert opened.post({"query": document}).json()["data"]
    hint = closed.post({"query": "mutation { loginn }"}).json()["errors"][0]["message"]
    assert "Did you mean" not in hint
