"""graphql-transport-ws to the letter: the order of messages, what is refused, and with which code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Response

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.testing.databases import DatabaseTemplates
from huikuan.web.deadlines import protocol_class
from kernel.tests.web.sockets import Belfry, Client, belfry_of

INIT = {"type": "connection_init"}
QUERY = {"query": "{ __typename }"}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, database_templates: DatabaseTemplates) -> Iterator[Database]:
    file = tmp_path_factory.mktemp("protocol") / "bell.db"
    database = Database(database_templates.sqlite(migration_sources(ModuleCatalog([])), file))
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def belfry(database: Database, signing_keys: KeyRing) -> Iterator[Belfry]:
    """A served tenant for all tests of this file; its limits are small."""
    limits: dict[str, Any] = {"read_timeout": 1.0, "body_limit": 20_000, "websocket_operations": 3, "websockets": 30}
    with belfry_of(database, signing_keys, tenant_websockets=20, **limits) as found:
        yield found


@pytest.fixture
def bare(belfry: Belfry) -> Iterator[Client]:
    """A connection that has said nothing yet."""
    client = belfry.bare()
    yield client
    client.close()


@pytest.fixture
def client(belfry: Belfry, bare: Client) -> Client:
    """A connection that has signed in."""
    return bare.init(belfry.token())


def subscribe(id: Any = "1", payload: Any = QUERY) -> dict[str, Any]:
    return {"id": id, "type": "subscribe", "payload": payload}


# --- beginning -----------------------------------------------------------------------------------


@pytest.mark.parametrize("offered", [(), ("graphql-ws",)], ids=["none", "the old one"])
def test_another_subprotocol_is_not_spoken(belfry: Belfry, offered: tuple[str, ...]) -> None:
    client = Client(belfry.url, subprotocols=offered)
    assert client.closed() == (4406, "Subprotocol not acceptable: speak graphql-transport-ws.")
    client.close()


def test_it_begins_with_connection_init(bare: Client) -> None:
    bare.send(subscribe())
    assert bare.closed()[0] == 4401


def test_connection_init_must_come_in_time(bare: Client) -> None:
    bare.send({"type": "ping"})
    assert bare.take() == {"type": "pong"}
    assert bare.closed() == (4408, "Connection initialisation timeout: connection_init did not come in time.")


def test_connection_init_comes_once(client: Client) -> None:
    client.send(INIT)
    assert client.closed()[0] == 4429


def test_the_token_may_stand_in_the_payload_or_in_the_header(belfry: Belfry) -> None:
    bearer = f"Bearer {belfry.token()}"
    for payload, header in (({"authorization": bearer}, None), ({}, bearer), (None, bearer)):
        client = belfry.bare(additional_headers={"Authorization": header} if header else {})
        client.send({"type": "connection_init", "payload": payload})
        assert client.take() == {"type": "connection_ack"}
        assert client.answer("{ me { tenant } }")["data"] == {"me": {"tenant": "acme"}}
        client.close()


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (None, "Sign in:"),
        ({"Authorization": 7}, "Sign in:"),
        ({"Authorization": "Bearer x.y.z"}, "The access token is not valid"),
        ({"Authorization": "Basic abc"}, "Send 'Authorization: Bearer <token>'."),
    ],
    ids=["none", "a number", "forged", "basic"],
)
def test_whoever_does_not_sign_in_is_sent_away(bare: Client, payload: Any, reason: str) -> None:
    bare.send({"type": "connection_init", "payload": payload})
    code, said = bare.closed()
    assert code == 4403
    assert said.startswith(reason)


def test_pings_are_answered_with_their_payload_before_and_after_signing_in(belfry: Belfry, bare: Client) -> None:
    bare.send({"type": "ping", "payload": {"at": 1}}, {"type": "pong"})
    assert bare.take() == {"type": "pong", "payload": {"at": 1}}
    bare.init(belfry.token()).send({"type": "pong", "payload": {}}, {"type": "ping"})
    assert bare.take() == {"type": "pong"}


def test_what_lives_longer_than_a_request_may_take_to_arrive_lives_on(belfry: Belfry, client: Client) -> None:
    assert not belfry.soon(lambda: client.socket.close_code is not None, seconds=1.5)
    assert client.answer("{ __typename }")["data"] == {"__typename": "Query"}


def test_the_plain_parser_of_http_hands_over_too(database: Database, signing_keys: KeyRing) -> None:
    protocol = protocol_class(1.0, httptools=False)
    with belfry_of(database, signing_keys, slug="plain", protocol=protocol) as belfry:
        client = belfry.bare().init(belfry.token("plain"))
        assert not belfry.soon(lambda: client.socket.close_code is not None, seconds=1.5)
        assert client.answer("{ me { tenant } }")["data"] == {"me": {"tenant": "plain"}}


# --- messages ------------------------------------------------------------------------------------


BAD: dict[str, Any] = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "a number": "7",
    "NaN": '{"type": "ping", "payload": {"at": NaN}}',
    "deep": '{"type": "ping", "payload": ' + '{"a":' * 99 + "1" + "}" * 99 + "}",
    "half a character": '{"type": "ping", "payload": {"half": "\\ud800"}}',
    "no type": {"kind": "ping"},
    "type 7": {"type": 7},
    "another type": {"type": "start", "id": "1"},
    "payload a list": {"type": "ping", "payload": []},
    "complete without id": {"type": "complete"},
    "complete 1": {"type": "complete", "id": 1},
    "empty id": subscribe(id=""),
    "id 1": subscribe(id=1),
    "long id": subscribe(id="x" * 257),
    "no payload": subscribe(payload=None),
    "payload a text": subscribe(payload="{ __typename }"),
    "no query": subscribe(payload={}),
    "query 7": subscribe(payload={"query": 7}),
    "variables a list": subscribe(payload={"query": "{ __typename }", "variables": []}),
    "operationName 1": subscribe(payload={"query": "{ __typename }", "operationName": 1}),
}


@pytest.mark.parametrize("message", BAD.values(), ids=BAD)
def test_what_the_protocol_does_not_know_is_a_bad_request(client: Client, message: Any) -> None:
    client.send(message)
    code, reason = client.closed()
    assert code == 4400
    assert reason


def test_bytes_are_no_message(client: Client) -> None:
    client.send(b'{"type": "ping"}')
    assert client.closed()[0] == 4400


def test_a_message_above_the_limit_is_not_read(client: Client) -> None:
    client.send({"type": "ping", "payload": {"x": "x" * 20_000}})
    assert client.closed()[0] == 1009


def test_a_message_of_many_parts_has_the_same_limit(client: Client) -> None:
    with suppress(ConnectionClosed):  # it may hear of its end before it has said all
        client.socket.send("x" * 1_000 for _ in range(21))
    assert client.closed()[0] == 1009


def test_a_long_message_is_read_too(client: Client) -> None:
    assert client.answer("{ __typename }" + " " * 19_000)["data"] == {"__typename": "Query"}


def test_two_operations_do_not_share_an_id(client: Client) -> None:
    client.follow("1", after="event-0").follow("1", after="event-0")
    assert client.closed() == (4409, "Subscriber for 1 already exists")


def test_an_id_is_free_again_when_its_operation_has_ended(client: Client) -> None:
    for _ in range(3):
        assert client.answer("{ __typename }", id="1")["data"]
    client.follow("1").send({"id": "1", "type": "complete"})
    assert client.answer("{ __typename }", id="1")["data"]


def test_the_end_of_what_never_began_is_nothing(client: Client) -> None:
    client.send({"id": "9", "type": "complete"})
    assert client.answer("{ __typename }")["data"]


def test_what_cannot_be_executed_is_an_error_of_its_operation_alone(client: Client) -> None:
    documents = {
        "a": "{",
        "b": "{ nothing }",
        "c": 'subscription { events(after: "x") { id } }',
        "d": "query A { __typename } query B { __typename }",
    }
    for id, document in documents.items():
        client.subscribe(document, id)
        message = client.take()
        assert (message["id"], message["type"]) == (id, "error")
        assert message["payload"][0]["extensions"]["code"] in (
            "GRAPHQL_PARSE_FAILED",
            "GRAPHQL_VALIDATION_FAILED",
            "BAD_USER_INPUT",
        )
    assert client.answer("{ __typename }")["data"]


def test_an_error_of_a_field_stands_in_the_response(client: Client) -> None:
    response = client.answer('{ order: node(id: "x") { id } __typename }')
    assert response["data"] == {"order": None, "__typename": "Query"}
    assert response["errors"][0]["path"] == ["order"]


# --- how much ------------------------------------------------------------------------------------


def test_a_connection_has_so_many_operations_at_a_time(client: Client) -> None:
    for id in "123":
        client.follow(id)
    client.subscribe("{ __typename }", "4")
    message = client.take()
    assert (message["id"], message["type"]) == ("4", "error")
    assert message["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    client.send({"id": "1", "type": "complete"})
    assert client.answer("{ __typename }", id="4")["data"]


def test_a_tenant_has_so_many_connections(belfry: Belfry) -> None:
    assert belfry.soon(lambda: belfry.app.state.sockets.open == 0)
    token = belfry.token()
    clients = [belfry.client(token) for _ in range(20)]
    one_more = belfry.bare()
    one_more.send(INIT | {"payload": {"Authorization": f"Bearer {token}"}})
    code, reason = one_more.closed()
    assert (code, reason) == (1013, "This tenant has 20 connections here already; end one first.")
    clients[0].close()
    assert belfry.soon(lambda: belfry.app.state.sockets.open == 19)
    clients[0] = belfry.client(token)
    for client in [*clients, one_more]:
        client.close()


def test_a_server_has_so_many_connections(belfry: Belfry) -> None:
    assert belfry.soon(lambda: belfry.app.state.sockets.open == 0)
    clients: list[Client] = []
    answer = None
    while answer is None and len(clients) < 300:  # on a slow machine the first ones are sent away meanwhile
        try:
            clients.append(belfry.bare())
        except InvalidStatus as problem:
            answer = problem.response
    assert len(clients) >= 30 and answer is not None
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert json.loads(answer.body or b"")["errors"][0]["extensions"]["code"] == "OVERLOADED"
    for client in clients:
        client.close()


def refused(url: str, **options: Any) -> Response:
    """The answer of HTTP to a handshake that was refused."""
    with pytest.raises(InvalidStatus) as problem:
        Client(url, **options)
    return problem.value.response


def test_nothing_is_compressed(belfry: Belfry) -> None:
    client = belfry.bare(compression="deflate")
    assert client.socket.response is not None
    assert "sec-websocket-extensions" not in client.socket.response.headers
    client.close()


@pytest.mark.parametrize(
    "headers",
    [{"X-Long": "x" * 20_000}, {f"X-{number}": "x" for number in range(200)}],
    ids=["one that is long", "many"],
)
def test_a_handshake_with_more_headers_than_are_read_is_answered(belfry: Belfry, headers: dict[str, str]) -> None:
    assert refused(belfry.url, additional_headers=headers).status_code == 431


@pytest.mark.parametrize("line", ["Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 12"])
def test_a_handshake_that_is_none_is_refused(belfry: Belfry, line: str) -> None:
    head = ["GET /graphql HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade", line]
    with belfry.served.connect() as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        assert connection.recv(65_536).startswith(b"HTTP/1.1 400 ")


def test_there_are_no_others(belfry: Belfry) -> None:
    assert refused(f"{belfry.url}/elsewhere").status_code == 403


def test_a_server_may_take_none(database: Database, signing_keys: KeyRing) -> None:
    with belfry_of(database, signing_keys, slug="quiet", websockets=0) as quiet:
        assert refused(quiet.url).status_code == 400
