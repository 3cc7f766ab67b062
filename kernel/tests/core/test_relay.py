"""Events: a gapless feed in order, each subscriber's effect exactly once, whatever dies meanwhile."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from huikuan import new_id
from huikuan.core.models import Delivery, OutboxEvent
from huikuan.jobs import relay
from huikuan.jobs.worker import Worker
from huikuan.kernel import Outside
from huikuan.testing.shop import START, Shop
from huikuan_shelf.events import ItemAdded
from huikuan_shelf.models import Effect, Item
from huikuan_shelf.subscribers import OUTSIDE
from kernel.tests.core.kit import MODULES, at_once, rows

ROOT = Path(__file__).parents[3]


@pytest.fixture
def alone(open_shop: Callable[..., Shop], behaviour: object) -> Iterator[Shop]:
    """A tenant alone on its database: workers see to all tenants."""
    OUTSIDE.clear()
    yield open_shop("shelf", "label", pool_size=10)
    OUTSIDE.clear()


def _add(shop: Shop, code: str) -> str:
    return str(shop.run("item_add", code=code).values["item"])


def _fill(shop: Shop, items: int, moves: int) -> list[str]:
    ids = [_add(shop, f"i{count}") for count in range(items)]
    for quantity in range(1, moves + 1):
        for first, second in zip(ids[::2], ids[1::2], strict=True):
            shop.run("item_move_two", first=first, second=second, quantity=quantity)
    return ids


def _states(shop: Shop, consumer: str) -> list[str]:
    name = f"shelf.{consumer}"
    return [row.state.name for row in rows(shop, Delivery) if row.consumer.startswith(name)]


def _assert_delivered_once(shop: Shop, ids: list[str], moves: int) -> None:
    events = {event.id: event for event in rows(shop, OutboxEvent)}
    items = [event for event in events.values() if event.aggregate == "item"]
    assert sorted(event.position for event in events.values()) == list(range(1, len(events) + 1))
    effects = rows(shop, Effect)
    assert len(effects) == len(items) == len(ids) * (1 + moves)
    assert {effect.event_id for effect in effects} == {event.id for event in items}
    for id in ids:
        mine = [effect for effect in effects if effect.subject_id == UUID(id) and effect.consumer == "moved"]
        assert [effect.sequence for effect in mine] == list(range(2, 2 + moves))
        positions = [event.position for event in items if event.aggregate_id == UUID(id)]
        assert positions == sorted(positions)
    assert {row.state.name for row in rows(shop, Delivery)} == {"DONE"}
    assert shop.check() == []


def test_every_event_gets_a_place_and_each_subscriber_its_effect(alone: Shop) -> None:
    ids = _fill(alone, 10, 3)
    before = len(rows(alone, OutboxEvent))
    report = alone.work()
    assert report.stamped == before
    assert alone.work().idle
    with alone.writing() as ctx:  # the schedule of shelf has run besides
        for effect in ctx.scalars(select(Effect).where(Effect.consumer == "count_items")):
            ctx.remove(effect)
    _assert_delivered_once(alone, ids, 3)


def test_a_commit_that_comes_late_is_not_passed_over(alone: Shop) -> None:
    if alone.dialect == "sqlite":
        pytest.skip("one writer at a time: commits come in the order of their events")
    scope = alone.scope
    with alone.kernel.database.command(scope.tenant.id, alone.clock) as session:
        ctx = alone.kernel.context(scope, session, "test")
        early = ctx.add(OutboxEvent(**_event()))
        ctx.flush()
        _add(alone, "quick")
        alone.work()
    alone.work()
    positions = {event.aggregate_id: event.position for event in rows(alone, OutboxEvent)}
    assert max(positions.values()) == positions[early.aggregate_id] == len(positions)


def _event() -> dict[str, Any]:
    return {
        "type": "ITEM_POSTED",
        "module": "shelf",
        "aggregate": "item",
        "aggregate_id": new_id(),
        "sequence": 1,
        "at": START,
        "payload": {},
        "audit_id": new_id(),
    }


def test_events_of_one_aggregate_keep_their_order_whatever_their_ids(
    alone: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids come from several processes with several clocks: here they run backwards, and batches are small."""
    monkeypatch.setattr(relay, "BATCH", 3)
    aggregate = new_id()
    ids = sorted((new_id() for _ in range(10)), reverse=True)
    with alone.writing() as ctx:
        for sequence, id in enumerate(ids, start=1):
            ctx.add(OutboxEvent(**{**_event(), "id": id, "aggregate_id": aggregate, "sequence": sequence}))
    alone.work()
    found = sorted(rows(alone, OutboxEvent, aggregate_id=aggregate), key=lambda event: event.position)
    assert [event.sequence for event in found] == list(range(1, 11))
    assert [event.position for event in found] == list(range(1, 11))


@pytest.mark.parametrize("seed", [7])
def test_twenty_deaths_of_the_relay_change_no_effect(alone: Shop, seed: int) -> None:
    ids = _fill(alone, 40, 4)
    database = alone.kernel.database
    url, system = (engine.url.render_as_string(hide_password=False) for engine in (database.engine, database._system))
    database.dispose()
    script = Path(__file__).with_name("kill_relay.py")
    ended = subprocess.run(
        [sys.executable, str(script), url, "-" if url == system else system, str(seed), "20"],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{MODULES}", "PATH": "", "PYTHONPYCACHEPREFIX": sys.pycache_prefix or ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout.splitlines()[-1]) >= 15  # the others had nothing left to die of
    with alone.writing() as ctx:
        for effect in ctx.scalars(select(Effect).where(Effect.consumer == "count_items")):
            ctx.remove(effect)
    _assert_delivered_once(alone, ids, 4)


def test_two_workers_at_once_deliver_nothing_twice(alone: Shop) -> None:
    ids = _fill(alone, 10, 2)
    sent: list[str] = []
    OUTSIDE.append(lambda outside, event: sent.append(event.code))
    found = at_once([Worker(alone.kernel).run_until_idle for _ in range(4)], threads=4)
    assert not [error for error in found if isinstance(error, BaseException)], found
    alone.work()
    assert sorted(sent) == sorted(f"i{count}" for count in range(10))
    moved = [effect for effect in rows(alone, Effect) if effect.consumer == "moved"]
    assert len(moved) == len({effect.event_id for effect in moved}) == len(ids) * 2


def test_a_failing_subscriber_is_tried_again_later_and_later_then_given_up(alone: Shop) -> None:
    _add(alone, "bad")
    _add(alone, "good")
    waits = []
    for attempt in range(1, 9):
        alone.work()
        (bad,) = [row for row in rows(alone, Delivery) if row.consumer == "shelf.note_added:ITEM_ADDED" and row.error]
        assert (bad.attempts, bad.error) == (attempt, "ValueError: bad cannot be noted")
        waits.append((bad.next_at - alone.clock.now()).total_seconds())
        alone.clock.set(max(bad.next_at, alone.clock.now() + timedelta(seconds=1)))
    assert waits[:7] == [1, 5, 30, 120, 600, 1800, 3600]
    assert bad.state.name == "DEAD"
    assert [effect.consumer for effect in rows(alone, Effect) if effect.consumer == "added"] == ["added"]
    assert sorted(_states(alone, "send_added")) == ["DONE", "DONE"]


def test_a_failure_holds_back_the_same_object_alone(alone: Shop) -> None:
    first, second = _add(alone, "a"), _add(alone, "b")
    for quantity in (13, 14):
        alone.run("item_move", id=first, quantity=quantity)
    alone.run("item_move", id=second, quantity=15)
    alone.work()
    moved = [effect for effect in rows(alone, Effect) if effect.consumer == "moved"]
    assert [(str(effect.subject_id), effect.sequence) for effect in moved] == [(second, 2)]
    for _ in range(8):
        alone.pass_time(hours=1)
        alone.work()
    moved = [effect for effect in rows(alone, Effect) if effect.consumer == "moved"]
    assert [(str(effect.subject_id), effect.sequence) for effect in moved] == [(second, 2), (first, 3)]


def test_a_dead_letter_is_replayed_on_demand(alone: Shop) -> None:
    id = _add(alone, "a")
    alone.run("item_move", id=id, quantity=13)
    for _ in range(9):
        alone.work()
        alone.pass_time(hours=1)
    (dead,) = [row for row in rows(alone, Delivery) if row.state.name == "DEAD"]
    replayed = alone.run("delivery_replay", id=str(dead.id))
    assert replayed.done
    alone.work()
    (row,) = [row for row in rows(alone, Delivery) if row.id == dead.id]
    assert (row.state.name, row.attempts) == ("PENDING", 1)
    refused = alone.run("delivery_replay", id=str(dead.id))
    assert [found.code for found in refused.refusals] == ["DELIVERY_ALIVE"]


def test_the_outside_is_called_without_a_transaction(alone: Shop, behaviour: dict[str, Any]) -> None:
    seen: list[str] = []

    def call(outside: Outside, event: ItemAdded) -> None:
        with outside.read() as ctx:
            seen.append(ctx.get(Item, event.item_id).code)
        # On SQLite this would wait for ever if the relay's own transaction were open.
        assert outside.run("item_rename", id=str(event.item_id), note="sent").done

    OUTSIDE.append(call)
    behaviour["shelf_send"] = lambda ctx, address: seen.append(f"sent {address}")
    _add(alone, "a")
    alone.work()
    assert seen == ["sent a", "a"]
    assert [item.note for item in rows(alone, Item)] == ["sent"]
    assert _states(alone, "send_added") == ["DONE"]


def test_an_outside_that_fails_is_called_again(alone: Shop) -> None:
    calls: list[int] = []

    def call(outside: Outside, event: ItemAdded) -> None:
        calls.append(outside.envelope.attempt)
        if len(calls) == 1:
            raise ConnectionError("no answer")

    OUTSIDE.append(call)
    _add(alone, "a")
    alone.work()
    assert _states(alone, "send_added") == ["PENDING"]
    alone.pass_time(seconds=2)
    alone.work()
    assert (calls, _states(alone, "send_added")) == ([1, 2], ["DONE"])


def test_a_suspended_tenant_s_events_wait(alone: Shop) -> None:
    _add(alone, "a")
    control = alone.kernel.control_scope()
    alone.kernel.run(control, "tenant_suspend", {"tenant": alone.tenant})
    alone.work()
    alone.kernel.run(control, "tenant_resume", {"tenant": alone.tenant})
    assert [event.position for event in rows(alone, OutboxEvent)] == [None]
    alone.work()
    assert [event.position for event in rows(alone, OutboxEvent)] == [1]


def _stamp(shop: Shop) -> None:
    """Give positions and make deliveries, but deliver nothing yet."""
    (tenant_id,) = relay.claim_tenants(shop.kernel, "test")
    relay.stamp(shop.kernel, shop.scope, "test")
    relay.release_tenant(shop.kernel, tenant_id, "test")


@pytest.mark.parametrize(("days", "state"), [(29, "DONE"), (31, "DEAD")])
def test_deliveries_of_a_disabled_module_wait_for_thirty_days(alone: Shop, days: int, state: str) -> None:
    _add(alone, "a")
    _stamp(alone)
    assert alone.disable("shelf", with_dependants=True).done
    alone.work()
    assert set(_states(alone, "note_added")) == {"PARKED"}
    assert alone.work().delivered == 0
    alone.pass_time(days=days)
    assert alone.enable("shelf").done
    alone.work()
    assert _states(alone, "note_added") == [state]
    assert len([effect for effect in rows(alone, Effect) if effect.consumer == "added"]) == (state == "DONE")


def test_what_happened_while_a_module_was_off_is_delivered_when_it_is_back(alone: Shop) -> None:
    _add(alone, "a")
    assert alone.disable("shelf", with_dependants=True).done
    alone.work()
    assert _states(alone, "note_added") == []
    alone.pass_time(days=3)
    assert alone.enable("shelf").done
    alone.work()
    assert _states(alone, "note_added") == ["DONE"]
    assert alone.disable("shelf", with_dependants=True).done
    assert alone.enable("shelf").done
    alone.work()
    assert _states(alone, "note_added") == ["DONE"], "what was delivered is not delivered again"


def test_a_delivery_whose_module_went_meanwhile_is_parked(alone: Shop) -> None:
    """The relay may have read the tenant's modules just before one was disabled."""
    _add(alone, "a")
    before = alone.scope
    (tenant_id,) = relay.claim_tenants(alone.kernel, "test")
    alone.disable("shelf", with_dependants=True)
    relay.stamp(alone.kernel, before, "test")
    relay.release_tenant(alone.kernel, tenant_id, "test")
    assert set(_states(alone, "note_added")) == {"PENDING"}
    alone.work()
    assert set(_states(alone, "note_added")) == {"PARKED"}


def test_a_worker_whose_lease_ran_out_stops(alone: Shop) -> None:
    _add(alone, "a")
    relay.claim_tenants(alone.kernel, "slow")
    alone.pass_time(seconds=31)
    assert relay.claim_tenants(alone.kernel, "quick") == [alone.scope.tenant.id]
    assert relay.stamp(alone.kernel, alone.scope, "slow") == 0
    assert relay.claim_tenants(alone.kernel, "third") == []
    assert relay.stamp(alone.kernel, alone.scope, "quick") == 1
