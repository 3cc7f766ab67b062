"""How subscriptions end: when rights are gone, clients too slow, the work too long; and when the server stops."""

from __future__ import annotations

import io
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from sqlalchemy import select
from websockets.exceptions import ConnectionClosed

from huikuan import logs
from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.models import User
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.settings import Settings
from huikuan.testing.databases import DatabaseTemplates
from kernel.tests.web.sockets import Belfry, belfry_of

RUNG = ["BELL_RUNG"]
SLOW = "mutation ($key: String!) { bellRing(number: 1, slow: 1500, idempotencyKey: $key) { number } }"


@pytest.fixture
def open_belfry(
    tmp_path_factory: pytest.TempPathFactory, database_templates: DatabaseTemplates, signing_keys: KeyRing
) -> Iterator[Callable[..., Belfry]]:
    """A served tenant with settings of the test's own."""
    with ExitStack() as stack:

        def start(*, pool_size: int = 10, **settings: Any) -> Belfry:
            file = tmp_path_factory.mktemp("bell") / "bell.db"
            url = database_templates.sqlite(migration_sources(ModuleCatalog([])), file)
            database = Database(url, pool_size=pool_size, pool_timeout=0.3)
            stack.callback(database.dispose)
            return stack.enter_context(belfry_of(database, signing_keys, pool_size=pool_size, **settings))

        yield start


@pytest.fixture
def belfry(open_belfry: Callable[..., Belfry]) -> Belfry:
    return open_belfry()


def key(belfry: Belfry, name: str, *roles: str) -> tuple[UUID, str]:
    """The id and the secret of an API key with these roles."""
    values = belfry.run("api_key_create", name=name, roles=list(roles))
    return values["api_key"], values["secret"]


# --- rights --------------------------------------------------------------------------------------


def test_who_may_not_stay_is_sent_away_within_seconds_though_nothing_happens(belfry: Belfry) -> None:
    belfry.make("other")
    id, secret = key(belfry, "shop", "admin")
    clients = [belfry.client(token).follow() for token in (secret, belfry.token("other"))]
    assert belfry.soon(lambda: len(belfry.app.state.sockets.feeds) == 2)
    belfry.run("api_key_revoke", id=id)
    assert belfry.kernel.run(belfry.kernel.control_scope(), "tenant_suspend", {"tenant": "other"}).done
    began = time.monotonic()
    assert clients[0].closed()[0] == 4403
    assert clients[1].closed() == (4403, "This tenant is suspended.")
    assert time.monotonic() - began < 10


def test_a_revoked_key_gets_no_event_more(belfry: Belfry) -> None:
    id, secret = key(belfry, "shop", "admin")
    client = belfry.client(secret).follow(types=RUNG, after="event-0")
    belfry.ring(1)
    assert client.event()["payload"]["number"] == 1
    belfry.run("api_key_revoke", id=id)
    belfry.ring(2)
    with pytest.raises(ConnectionClosed) as end:
        client.take()
    assert end.value.rcvd is not None and end.value.rcvd.code == 4403


def test_a_user_who_is_disabled_gets_no_event_more(belfry: Belfry) -> None:
    belfry.run("user_create", email="u@acme.example", name="U", roles=["admin"], password="long-enough-1")
    client = belfry.client(belfry.token(email="u@acme.example")).follow(types=RUNG)
    assert belfry.soon(lambda: len(belfry.app.state.sockets.feeds) == 1)
    with belfry.kernel.reading(belfry.kernel.scope("acme")) as ctx:
        user = ctx.scalar(select(User.id).where(User.email == "u@acme.example"))
    belfry.run("user_update", id=user, active=False)
    belfry.ring(1)
    assert client.closed()[0] == 4403


def test_a_token_that_expires_ends_the_connection_and_a_new_one_goes_on(belfry: Belfry) -> None:
    client = belfry.client().follow(types=RUNG, after="event-0")
    belfry.ring(1)
    cursor = client.event()["cursor"]
    belfry.clock.advance(timedelta(minutes=16))
    belfry.ring(2)
    assert client.closed() == (4403, "The access token has expired; refresh it or sign in again.")
    again = belfry.client().follow(types=RUNG, after=cursor)
    assert again.event()["payload"]["number"] == 2


def test_a_permission_that_is_lost_ends_the_subscription_alone(belfry: Belfry) -> None:
    role = belfry.run("role_create", name="listener", permissions=["kernel.events", "bell.ring"])["role"]
    _, secret = key(belfry, "shop", "listener")
    client = belfry.client(secret).follow(types=RUNG, after="event-0")
    belfry.ring(1)
    assert client.event()["payload"]["number"] == 1
    belfry.run("role_update", id=role, permissions=["bell.ring"])
    belfry.ring(2)
    message = client.take()
    assert (message["id"], message["type"]) == ("1", "error")
    assert message["payload"][0]["extensions"] == {"code": "FORBIDDEN", "permission": "kernel.events"}
    assert client.answer("{ __typename }")["data"]


def test_when_modules_change_the_client_connects_again_and_misses_nothing(belfry: Belfry) -> None:
    client = belfry.client().follow(after="event-0")
    belfry.ring(1)
    cursor = client.event()["cursor"]
    belfry.run("module_disable", module="bell")
    belfry.work()
    assert client.closed() == (1012, "The modules of the tenant have changed; connect again.")
    again = belfry.client().follow(after=cursor)
    assert again.event()["type"] == "MODULE_DISABLED"


# --- time ----------------------------------------------------------------------------------------


def test_a_client_that_takes_nothing_is_closed_with_a_reason(open_belfry: Callable[..., Belfry]) -> None:
    belfry = open_belfry(read_timeout=1.0)
    belfry.ring(*range(60), loud=200_000)
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    small.connect(("127.0.0.1", belfry.served.port))
    client = belfry.client(sock=small, max_queue=1).follow(after="event-0")
    other = belfry.client().follow("2", types=RUNG, after="event-60")
    assert belfry.soon(lambda: belfry.app.state.sockets.open == 1)
    code, reason = client.closed()
    assert code == 4008
    assert reason.startswith("Too slow")
    belfry.ring(99)
    assert other.event()["payload"]["number"] == 99


def test_a_client_that_reads_nothing_more_at_all_is_forgotten(open_belfry: Callable[..., Belfry]) -> None:
    belfry = open_belfry(read_timeout=1.0)
    belfry.ring(*range(60), loud=200_000)
    belfry.client(max_queue=1, close_timeout=0.1).follow(after="event-0")
    assert belfry.soon(lambda: belfry.app.state.sockets.open == 0 and belfry.served.connections == 0)


def test_what_takes_too_long_is_told_and_goes_on(open_belfry: Callable[..., Belfry]) -> None:
    belfry = open_belfry(request_timeout=1.0)
    client = belfry.client().subscribe(SLOW, key="a")
    message = client.take()
    assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "TIMEOUT")
    assert belfry.soon(lambda: belfry.app.state.gate.busy == 0)
    replay = client.answer(SLOW, key="a")
    assert replay["extensions"]["idempotency"] == {"replayed": ["bellRing"]}


def test_what_a_client_began_is_done_though_it_leaves(belfry: Belfry) -> None:
    client = belfry.client().subscribe(SLOW, key="a")
    assert belfry.soon(lambda: belfry.app.state.gate.busy == 1)
    client.close()
    assert belfry.soon(lambda: belfry.app.state.gate.busy == 0)
    replay = belfry.client().answer(SLOW, key="a")
    assert replay["extensions"]["idempotency"] == {"replayed": ["bellRing"]}


def test_when_all_are_busy_an_operation_is_told_so_and_events_wait(open_belfry: Callable[..., Belfry]) -> None:
    """One works, one may wait."""
    belfry = open_belfry(pool_size=1, max_requests=2, request_timeout=1.0)
    listener = belfry.client().follow(types=RUNG, after="event-0")
    client = belfry.client().subscribe(SLOW, "slow", key="a")
    assert belfry.soon(lambda: belfry.app.state.gate.busy == 1)
    for id in ("2", "3"):
        client.subscribe("{ __typename }", id)
    told = {message["id"]: message["payload"][0]["extensions"]["code"] for message in (client.take() for _ in "123")}
    assert told.keys() == {"slow", "2", "3"}
    assert sorted(told.values()) in (["OVERLOADED", "TIMEOUT", "TIMEOUT"], ["OVERLOADED", "OVERLOADED", "TIMEOUT"])
    assert belfry.soon(lambda: belfry.app.state.gate.busy == 0)
    belfry.work()
    assert listener.event()["payload"]["number"] == 1


def test_many_who_connect_at_once_wait_their_turn(open_belfry: Callable[..., Belfry]) -> None:
    belfry = open_belfry(pool_size=1, max_requests=2)
    belfry.ring(1)
    clients = [belfry.bare() for _ in range(40)]
    init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {belfry.token()}"}}
    for client in clients:
        client.send(init)
    for client in clients:
        assert client.take() == {"type": "connection_ack"}
        client.follow(after="event-0", fields="type")
    assert {client.event()["type"] for client in clients} == {"BELL_RUNG"}


def test_events_go_on_when_the_database_has_been_away(open_belfry: Callable[..., Belfry]) -> None:
    belfry = open_belfry(pool_size=2)
    client = belfry.client().follow(types=RUNG, after="event-0")
    belfry.ring(1)
    assert client.event()["payload"]["number"] == 1
    with ExitStack() as held:
        for _ in range(2):  # all connections
            held.enter_context(belfry.kernel.database.read(None, belfry.clock))
        time.sleep(1.5)
    belfry.ring(2)
    assert client.event()["payload"]["number"] == 2


# --- the server ----------------------------------------------------------------------------------


def test_a_server_that_stops_says_so_to_everybody_and_stops_in_time(open_belfry: Callable[..., Belfry]) -> None:
    belfry = open_belfry(read_timeout=60.0)
    belfry.ring(*range(60), loud=200_000)
    token = belfry.token()
    clients = [belfry.client(token).follow() for _ in range(3)] + [belfry.bare()]
    stuck = belfry.client(token, max_queue=1, close_timeout=0.1).follow(after="event-0")
    assert belfry.soon(lambda: belfry.app.state.sockets.open == 5)
    began = time.monotonic()
    belfry.served.server.should_exit = True
    for client in clients:
        assert client.closed() == (1001, "The server stops; connect again.")
    assert belfry.soon(lambda: belfry.app.state.sockets.open == 0 and belfry.served.connections == 0)
    assert time.monotonic() - began < 8
    assert belfry.app.state.gate.abandoned == 0
    stuck.close()


# --- what operators see --------------------------------------------------------------------------


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(Settings(log_format="json"), stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_each_connection_is_one_line_in_the_log_and_counted(belfry: Belfry, stream: io.StringIO) -> None:
    token = belfry.token()
    client = belfry.client(token, additional_headers={"X-Request-Id": "from-the-proxy"}).follow()
    assert client.answer("{ __typename }")["data"]
    assert "huikuan_websockets 1.0" in httpx.get(f"{belfry.url}/metrics").text
    client.close()
    assert belfry.soon(lambda: belfry.app.state.sockets.open == 0)
    bad = belfry.bare()
    bad.send("nothing")
    assert bad.closed()[0] == 4400
    assert belfry.soon(lambda: belfry.app.state.sockets.open == 0)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    good, ended = (line for line in lines if line["event"] == "websocket")
    assert (good["tenant"], good["code"], good["operations"]) == ("acme", 1000, 2)
    assert good["request_id"] == "from-the-proxy"
    assert good["actor"].startswith("user:")
    assert (ended["tenant"], ended["code"], ended["operations"]) == (None, 4400, 0)
    assert all(line["level"] == "info" for line in lines), lines
    assert token not in stream.getvalue() and "@acme" not in stream.getvalue()
    assert 'huikuan_websockets_ended_total{code="4400"}' in httpx.get(f"{belfry.url}/metrics").text
