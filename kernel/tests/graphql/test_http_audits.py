"""The server audits of the GraphQL-over-HTTP specification, as the npm package graphql-http lists them.

Each case stands under the name that the package gives it; it sees the endpoint with introspection on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import httpx
import pytest

from huikuan.testing.shop import Shop
from kernel.tests.graphql.over_http import JSON, RESPONSE, Client

Check = Callable[[httpx.Response], bool]
NAME = {"query": "{ __typename }"}
TYPE = {"query": "query Type($name: String!) { __type(name: $name) { name } }", "variables": {"name": "sometype"}}
NAMED = {"query": "query Query { __typename }", "operationName": "Query"}
COERCION = {"query": "query CoerceFailure($id: ID!){ __typename }", "variables": {"id": None}}
UNKNOWN = {"query": "{ f8f31403dfe404bccbb0e835f2629c6a7 }"}
NO_JSON = b'{ "not a JSON'
BAD_MAPS: list[Any] = ["string", 0, False, ["array"]]
BAD_TEXTS: list[Any] = [{"obj": "ect"}, 0, False, ["array"]]


def status(*wanted: int | range) -> Check:
    return lambda answer: any(answer.status_code == item or answer.status_code in _range(item) for item in wanted)


def _range(item: int | range) -> range:
    return item if isinstance(item, range) else range(item, item + 1)


def media(name: str) -> Check:
    return lambda answer: name in answer.headers["content-type"] and answer.status_code == 200


def executed(answer: httpx.Response) -> bool:
    return answer.status_code == 200 and "errors" not in answer.json()


def no_data(answer: httpx.Response) -> bool:
    return "data" not in answer.json()


def bytes_are_utf8(answer: httpx.Response) -> bool:
    return answer.status_code == 200 and bool(answer.content.decode("utf-8"))


class Get(dict[str, str]):
    """Parameters of a URL instead of a body."""


Case = tuple[str, Any, str | None, Check]
FAILED = range(400, 600)


def cases() -> Iterable[Case]:
    yield "22EB", NAME, RESPONSE, media(RESPONSE)
    yield "4655", NAME, JSON, media(JSON)
    yield "47DE", NAME, "*/*", media(JSON)
    yield "80D8", NAME, None, media(JSON)
    yield "82A3", NAME, None, bytes_are_utf8
    yield "BF61", {"query": '{ __type(name: "Run🏃Swim🏊") { name } }'}, None, status(200)
    yield "78D5", NAME, None, status(200)
    yield "2C94", NAME, None, status(200)
    yield "5A70", Get(NAME), None, status(200)
    yield "9C48", Get(query="mutation { __typename }"), RESPONSE, status(405)
    yield "03D4", NAME, None, status(200)
    yield "A5BF", b"", None, status(400)
    yield "423L", {"notquery": "{ __typename }"}, RESPONSE, status(400)
    for place, text in enumerate(BAD_TEXTS):
        yield f"LKJ{place}", {"query": text}, None, status(400)
        yield f"6C0{place}", {"operationName": text, **NAME}, None, status(400)
    yield "34A2", NAME, RESPONSE, status(200)
    yield "13EE", NAME, JSON, executed
    yield "8161", NAMED, RESPONSE, status(200)
    yield "B8B3", NAMED, JSON, executed
    for place, parameter in enumerate(("variables", "operationName", "extensions")):
        yield f"94B{place}", {**NAME, parameter: None}, RESPONSE, executed
        yield f"022{place}", {**NAME, parameter: None}, JSON, executed
    for place, value in enumerate(BAD_MAPS):
        yield f"476{place}", {**NAME, "variables": value}, None, status(400)
        yield f"58B{place}", {**NAME, "extensions": value}, None, status(400)
    yield "2EA1", TYPE, RESPONSE, status(200)
    yield "28B9", TYPE, JSON, executed
    in_url = Get(query=str(TYPE["query"]), variables='{"name": "sometype"}')
    yield "D6D5", in_url, RESPONSE, executed
    yield "6A70", in_url, JSON, executed
    yield "428F", {**NAME, "extensions": {"some": "value"}}, RESPONSE, status(200)
    yield "1B7A", {**NAME, "extensions": {"some": "value"}}, JSON, executed
    yield "B6DC", NO_JSON, JSON, status(range(200, 300), FAILED)
    yield "BCF8", NO_JSON, JSON, status(400)
    yield "B7N8", NO_JSON, RESPONSE, status(400)
    yield "8764", {"qeury": "{ __typename }"}, None, status(FAILED)
    yield "3E3A", {"qeury": "{ __typename }"}, None, status(400)
    yield "572B", {"query": "{"}, JSON, status(200)
    yield "FDE2", UNKNOWN, JSON, status(200)
    yield "7B9B", COERCION, JSON, status(200)
    yield "865D", {"query": "{"}, RESPONSE, status(FAILED)
    yield "556A", {"query": "{"}, RESPONSE, status(400)
    yield "D586", {"query": "{"}, RESPONSE, no_data
    yield "51FE", UNKNOWN, RESPONSE, status(FAILED)
    yield "74FF", UNKNOWN, RESPONSE, status(400)
    yield "5E5B", UNKNOWN, RESPONSE, no_data
    yield "86EE", COERCION, RESPONSE, status(400)


@pytest.fixture(scope="module")
def client(shop: Shop) -> Client:
    return Client(shop)


@pytest.mark.parametrize(("body", "accept", "check"), [case[1:] for case in cases()], ids=[case[0] for case in cases()])
def test_audit(client: Client, body: Any, accept: str | None, check: Check) -> None:
    answer = client.get(accept or JSON, **body) if isinstance(body, Get) else client.post(body, accept=accept)
    assert check(answer), (answer.status_code, answer.text)


def test_audit_9abe_a_post_without_content_type(client: Client) -> None:
    assert 400 <= client.send(content=b'{"query": "{ __typename }"}').status_code < 500


def test_there_are_61_audits() -> None:
    assert len(list(cases())) + 1 == 61
