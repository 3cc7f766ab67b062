"""How answers and requests travel: media types, compression, HEAD, and what intermediaries may keep."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from huikuan.graphql.negotiation import accepts_gzip, gunzip, media_types
from huikuan.testing.shop import Shop
from kernel.tests.graphql.over_http import JSON, RESPONSE, Client

LARGE = {"query": "{ __schema { types { name description fields { name description } } } }"}
SMALL = {"query": "{ __typename }"}
BROKEN = {"query": "{"}
TOO_DEEP = {"query": "{ order(number: 1) " + "{ customer " * 20 + "{ id }" + " }" * 20 + " }"}


@pytest.fixture(scope="module")
def client(shop: Shop) -> Client:
    return Client(shop)


@pytest.mark.parametrize(
    ("accept", "executed", "refused"),
    [
        (None, JSON, RESPONSE),
        ("*/*", JSON, RESPONSE),
        ("text/html, application/*;q=0.8", JSON, RESPONSE),
        (JSON, JSON, JSON),
        (RESPONSE, RESPONSE, RESPONSE),
        (f"{RESPONSE}, {JSON}", RESPONSE, RESPONSE),
        (f"{JSON}, {RESPONSE}", JSON, JSON),
        (f"{RESPONSE};q=0.8, {JSON};q=0.9, */*;q=0.7", JSON, JSON),
        (f"{JSON}; charset=utf-8; q=0.5, {RESPONSE}; q=0.6", RESPONSE, RESPONSE),
        (f"{JSON};q=0, */*", RESPONSE, RESPONSE),
        ("APPLICATION/JSON", JSON, JSON),
    ],
)
def test_what_was_not_executed_is_answered_in_the_clear_type(accept: str | None, executed: str, refused: str) -> None:
    found = media_types(accept)
    assert found is not None
    assert (found.executed, found.refused) == (executed, refused)


@pytest.mark.parametrize("accept", ["text/html", f"{JSON};q=0", f"{RESPONSE};q=0, */*;q=0", "*/*;q=..", ","])
def test_who_takes_neither_type_gets_none(accept: str) -> None:
    assert media_types(accept) is None


def test_several_accept_headers_are_one_list(client: Client) -> None:
    answer = client.send(json=SMALL, headers=[("accept", "text/html"), ("accept", RESPONSE)])
    assert answer.headers["content-type"] == f"{RESPONSE}; charset=utf-8"


@pytest.mark.parametrize(
    ("body", "accept", "status"),
    [
        (BROKEN, JSON, 200),
        (BROKEN, RESPONSE, 400),
        (BROKEN, "*/*", 400),
        (TOO_DEEP, JSON, 400),
        (TOO_DEEP, RESPONSE, 400),
    ],
)
def test_application_json_says_200_only_of_what_is_no_graphql(
    client: Client, body: dict[str, str], accept: str, status: int
) -> None:
    answer = client.post(body, accept=accept)
    assert answer.status_code == status
    assert "data" not in answer.json()


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0, *", False),
        ("gzip; q=0", False),
        ("br", False),
        ("identity", False),
        ("", False),
        (None, False),
    ],
)
def test_only_who_accepts_gzip_gets_it(header: str | None, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


def test_a_large_answer_is_compressed_and_a_small_one_is_not(client: Client) -> None:
    plain = client.post(LARGE, **{"accept-encoding": "identity"})
    packed = client.post(LARGE, **{"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 3
    assert "content-encoding" not in client.post(SMALL, **{"accept-encoding": "gzip"}).headers


@pytest.mark.parametrize("body", [SMALL, BROKEN, LARGE])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_nobody_on_the_way_keeps_an_answer_or_mixes_two_up(client: Client, body: dict[str, str], encoding: str) -> None:
    headers = client.post(body, **{"accept-encoding": encoding}).headers
    assert headers["cache-control"] == "no-store"
    assert headers["vary"] == "Accept, Accept-Encoding"
    assert "etag" not in headers


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_head_answers_what_get_does_without_its_body(client: Client, encoding: str) -> None:
    headers = {"accept": JSON, "accept-encoding": encoding}
    get, head = (client.send(method, params=LARGE, headers=headers) for method in ("GET", "HEAD"))
    assert head.status_code == get.status_code == 200
    assert head.headers == get.headers
    assert int(head.headers["content-length"]) > 0
    assert head.content == b""


def test_a_mutation_by_head_is_405(client: Client) -> None:
    answer = client.send("HEAD", params={"query": "mutation { __typename }"}, headers={"accept": JSON})
    assert (answer.status_code, answer.content) == (405, b"")


def test_a_compressed_request_is_read(client: Client) -> None:
    body = gzip.compress(json.dumps(SMALL).encode())
    assert client.post(body, **{"content-encoding": "gzip"}).json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("body", "encoding", "status", "word"),
    [
        (gzip.compress(b" " * 2_000_000), "gzip", 413, "larger than 1,048,576 bytes"),
        (gzip.compress(b"{}")[:-4], "gzip", 400, "not whole"),
        (gzip.compress(b"{}") + b"x", "gzip", 400, "not whole"),
        (gzip.compress(b"{}") * 2, "gzip", 400, "not whole"),
        (b"{}", "gzip", 400, "not compressed"),
        (b"{}", "br", 415, "gzip"),
        (gzip.compress(gzip.compress(b"{}")), "gzip, gzip", 415, "gzip"),
    ],
    ids=["bomb", "cut", "trailing", "two", "plain", "brotli", "twice"],
)
def test_a_body_that_cannot_be_unpacked_is_refused(
    client: Client, body: bytes, encoding: str, status: int, word: str
) -> None:
    answer = client.post(body, **{"content-encoding": encoding})
    assert answer.status_code == status
    assert word in answer.json()["errors"][0]["message"]


def test_a_415_says_what_is_taken(client: Client) -> None:
    answer = client.post(b"{}", **{"content-encoding": "br"})
    assert (answer.headers["accept-encoding"], answer.headers["accept-post"]) == ("gzip", JSON)


def test_unpacking_stops_at_the_limit() -> None:
    packed = gzip.compress(b"x" * 1_000)
    assert gunzip(packed, 1_000) == b"x" * 1_000
    assert gunzip(packed, 999) is None


@pytest.mark.parametrize(
    "url",
    ["?query=%ff", "?query=%7B__typename%7D&variables=%ff", "?" + "a=1&" * 101 + "query=%7B__typename%7D"],
    ids=["query", "variables", "many"],
)
def test_a_url_that_is_no_utf_8_or_too_long_is_refused(client: Client, url: str) -> None:
    answer = client.get_url(url)
    assert answer.status_code == 400
    assert "UTF-8" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("variables", "word"),
    [('{"a": 1e999}', "too large"), ('{"a\\u0000": 1}', "NUL"), ('{"a": {"b\\ud800": 1}}', "half a character")],
)
def test_values_that_cannot_be_stored_are_refused(client: Client, variables: str, word: str) -> None:
    body = b'{"query": "{ __typename }", "variables": ' + variables.encode() + b"}"
    answer = client.post(body)
    assert answer.status_code == 400
    assert word in answer.json()["errors"][0]["message"]


def test_text_about_escapes_is_text(client: Client) -> None:
    variables: dict[str, Any] = {"c": "\\u0000 and \\ud800"}
    answer = client.post({"query": "query($c: String) { customer(code: $c) { id } }", "variables": variables})
    assert answer.json()["data"] == {"customer": None}
