"""Events over WebSockets: in order, each of them, again after a cursor, and nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.db import Database
from kernel.tests.web.sockets import Belfry, belfry_of


@pytest.fixture
def belfry(database_with: Callable[..., Database], signing_keys: KeyRing) -> Iterator[Belfry]:
    """A served tenant with a bell, on both databases."""
    with belfry_of(database_with(ModuleCatalog([])), signing_keys) as found:
        yield found


def numbers(events: list[dict[str, dict[str, int]]]) -> list[int]:
    return [event["payload"]["number"] for event in events]


def test_whoever_connects_again_with_the_cursor_misses_nothing_and_gets_nothing_twice(belfry: Belfry) -> None:
    """Two hundred events come from two threads, while a client leaves after every 23rd and comes back."""
    token = belfry.token()
    seen: list[int] = []
    cursor = belfry.client(token).answer("{ events { latestCursor } }")["data"]["events"]["latestCursor"]
    halves = [threading.Thread(target=belfry.ring, args=range(at, at + 100), kwargs={"work": False}) for at in (0, 100)]
    with ExitStack() as stack:
        stack.enter_context(belfry.worker())
        for half in halves:
            half.start()
            stack.callback(half.join)
        while len(seen) < 200:
            client = belfry.client(token).follow(after=cursor, types=["BELL_RUNG"])
            for event in client.events(min(23, 200 - len(seen))):
                seen.append(event["payload"]["number"])
                cursor = event["cursor"]
            client.close()
    assert sorted(seen) == list(range(200))
    assert [number for number in seen if number < 100] == list(range(100))
    assert [number for number in seen if number >= 100] == list(range(100, 200))


def test_all_who_listen_hear_the_same_in_the_order_of_the_feed(belfry: Belfry) -> None:
    token = belfry.token()
    clients = [belfry.client(token).follow(after="event-0") for _ in range(5)]
    belfry.ring(*range(30))
    heard = [client.events(30) for client in clients]
    assert all(found == heard[0] for found in heard)
    assert [event["cursor"] for event in heard[0]] == [f"event-{place}" for place in range(1, 31)]
    feed = clients[0].answer("{ events(first: 50) { nodes { cursor type payload } } }", id="feed")
    assert feed["data"]["events"]["nodes"] == heard[0]


def test_without_a_cursor_it_begins_now(belfry: Belfry) -> None:
    belfry.ring(1, 2)
    client = belfry.client().follow()
    assert belfry.soon(lambda: len(belfry.app.state.sockets.feeds) == 1)
    belfry.ring(3)
    assert numbers(client.events(1)) == [3]


def test_only_the_types_that_were_asked_for(belfry: Belfry) -> None:
    client = belfry.client().follow(after="event-0", types=["BELL_MUTED"])
    belfry.ring(1)
    belfry.run("bell_mute")
    belfry.ring(2)
    assert client.event()["type"] == "BELL_MUTED"
    client.follow("2", after="event-0", types=["BELL_RUNG"])
    assert numbers(client.events(2)) == [1, 2]


def test_a_foreign_tenants_events_never_appear(belfry: Belfry) -> None:
    belfry.make("other")
    mine = belfry.client(belfry.token("acme")).follow(after="event-0", types=["BELL_RUNG"])
    theirs = belfry.client(belfry.token("other")).follow(after="event-0", types=["BELL_RUNG"])
    for number in range(20):
        belfry.ring(number, slug="acme", work=False)
        belfry.ring(1_000 + number, slug="other", work=False)
    belfry.work()
    assert numbers(mine.events(20)) == list(range(20))
    assert numbers(theirs.events(20)) == list(range(1_000, 1_020))


def test_whoever_is_far_behind_reads_on_from_the_database(belfry: Belfry) -> None:
    """More events than one page, from before anybody listened."""
    belfry.ring(*range(450))
    client = belfry.client().follow(after="event-0", types=["BELL_RUNG"])
    assert numbers(client.events(450)) == list(range(450))
    belfry.ring(450)
    assert numbers(client.events(1)) == [450]


def test_several_operations_share_a_connection(belfry: Belfry) -> None:
    belfry.ring(6)
    client = belfry.client()
    client.follow("all", after="event-0", fields="type")
    assert client.take()["id"] == "all"
    client.follow("rung", types=["BELL_RUNG"], fields="type", after="event-1")
    ring = 'mutation ($number: Int!) { bellRing(number: $number, idempotencyKey: "a") { number refusals { code } } }'
    response = client.answer(ring, number=7)
    assert response["data"]["bellRing"] == {"number": 7, "refusals": []}
    assert client.answer(ring, number=7)["extensions"]["idempotency"] == {"replayed": ["bellRing"]}
    belfry.work()
    assert sorted(client.take()["id"] for _ in range(2)) == ["all", "rung"]
    client.send({"id": "all", "type": "complete"})
    assert client.answer("{ me { tenant } }")["data"] == {"me": {"tenant": "acme"}}
    belfry.ring(8)
    assert client.take()["id"] == "rung"


def test_nobody_reads_a_feed_that_nobody_follows(belfry: Belfry) -> None:
    belfry.ring(1)
    token = belfry.token()
    clients = [belfry.client(token).follow(after="event-0", fields="type") for _ in range(3)]
    for client in clients:
        client.event()
    sockets = belfry.app.state.sockets
    assert len(sockets.feeds) == 1
    clients[0].send({"id": "1", "type": "complete"})
    for client in clients[1:]:
        client.close()
    assert belfry.soon(lambda: len(sockets.feeds) == 0)
