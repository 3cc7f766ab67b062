"""A repeated request acts once: many parallel sends of one key over HTTP, on both databases."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from huikuan.auth.keys import KeyRing
from huikuan.bus import Deadlines as HookDeadlines
from huikuan.catalog import ModuleCatalog
from huikuan.core.models import AuditEntry, IdempotencyRecord, OutboxEvent
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.db.connect import Deadlines
from huikuan.ids import new_id
from huikuan.testing.databases import DatabaseTemplates
from huikuan.testing.postgres import PostgresServer
from huikuan_orders.models import Order, OrderTransition
from tests.reliability.served import CONFIRM, CREATE, Site, at_once, codes, open_site, order_input, serve

SENDS = 20
PATIENT = HookDeadlines(soft=30, hard=60)
CHANGE = """mutation($id: ID!, $notes: String!) {
  orderChange(id: $id, input: {notes: $notes}) { order { version notes } refusals { code } }
}"""
CUSTOMER = """mutation($input: CustomerInput!, $key: String) {
  customerCreate(input: $input, idempotencyKey: $key) { customer { code } refusals { code } }
}"""


def test_repeats_of_a_creation_act_once(site: Site) -> None:
    _create_often(site, keys=4)


@pytest.mark.soak
def test_200_creations_sent_20_times_each_act_once(site: Site) -> None:
    _create_often(site, keys=200)


def test_repeats_of_a_confirmation_act_once(site: Site) -> None:
    _confirm_often(site, keys=3)


@pytest.mark.soak
def test_200_confirmations_sent_20_times_each_act_once(site: Site) -> None:
    _confirm_often(site, keys=200)


def _create_often(site: Site, keys: int) -> None:
    caller, names = site.caller(), [str(new_id()) for _ in range(keys)]
    started = time.monotonic()
    answers = {key: at_once([lambda key=key: caller.create(key)] * SENDS) for key in names}  # type: ignore[misc]
    print(f"\n{keys * SENDS} sends of {keys} keys in {time.monotonic() - started:.1f} s")
    for found in answers.values():
        _all_alike(found, "orderCreate")
    assert site.count(Order) == keys
    assert site.count(IdempotencyRecord, command="order_create") == keys
    assert site.count(AuditEntry, command="order_create") == keys
    assert site.count(OutboxEvent, type="ORDER_CREATED") == keys
    numbers = {found[0]["data"]["orderCreate"]["order"]["number"] for found in answers.values()}
    assert len(numbers) == keys


def _confirm_often(site: Site, keys: int) -> None:
    caller = site.caller()
    for number in range(keys):
        order, key = caller.draft(), f"confirm {number}"
        answers = at_once([lambda order=order, key=key: caller.confirm(order, key)] * SENDS)  # type: ignore[misc]
        assert _all_alike(answers, "orderConfirm")["order"] == {"id": order, "status": "CONFIRMED", "version": 2}
    assert site.count(OrderTransition) == keys
    assert site.count(AuditEntry, command="order_confirm") == keys
    assert site.count(OutboxEvent, type="ORDER_CONFIRMED") == keys


def _all_alike(answers: list[dict[str, Any]], mutation: str) -> Any:
    """Every reply carries the same data; all but the first say that they are replays."""
    assert all("errors" not in found for found in answers), answers
    assert len({json.dumps(found["data"]) for found in answers}) == 1
    marks = [found["extensions"].get("idempotency") for found in answers]
    assert marks.count({"replayed": [mutation]}) == len(answers) - 1
    assert marks.count(None) == 1
    payload = answers[0]["data"][mutation]
    assert payload["refusals"] == []
    return payload


def test_a_refusal_is_replayed_too(site: Site) -> None:
    caller = site.caller()
    empty = caller.create(lines=[])["data"]["orderCreate"]["order"]["id"]
    answers = at_once([lambda: caller.confirm(empty, "once")] * 5)
    assert {json.dumps(found["data"]) for found in answers} == {json.dumps(answers[0]["data"])}
    assert answers[0]["data"]["orderConfirm"]["refusals"] == [{"code": "ORDERS_EMPTY"}]
    assert site.count(AuditEntry, command="order_confirm", outcome="REFUSED") == 1


def test_a_key_with_other_input_is_told_apart_at_once(site: Site) -> None:
    caller = site.caller()
    first = caller.create("once")["data"]
    seconds = []
    for quantity in ("2", "3", "4"):
        started = time.monotonic()
        answer = caller.post(CREATE, {"input": order_input(quantity), "key": "once"}).json()
        seconds.append(time.monotonic() - started)
        assert answer["data"] is None or answer["data"] == {"orderCreate": None}
        assert codes(answer) == {"CONFLICT", "KEY_REUSED"}
    assert site.count(Order) == 1
    assert caller.create("once")["data"] == first
    print(f"\nKEY_REUSED after {min(seconds) * 1000:.0f} ms")
    assert min(seconds) < 1, "it waits for nothing"


def test_a_key_belongs_to_a_tenant_a_user_and_a_command(site: Site) -> None:
    boss, clerk, rival = site.caller(), site.caller(who="clerk"), site.caller("rival")
    ids = {caller.create("same")["data"]["orderCreate"]["order"]["id"] for caller in (boss, clerk, rival)}
    assert len(ids) == 3
    customer = {"code": "NEW", "name": "New", "currency": "EUR"}
    assert boss.send(CUSTOMER, input=customer, key="same")["customerCreate"]["customer"] == {"code": "NEW"}
    assert (site.count(Order), site.count(Order, "rival")) == (2, 1)


def test_a_failed_attempt_leaves_its_key_free(site: Site) -> None:
    caller = site.caller()
    assert codes(caller.create("once", customer="NOBODY")) == {"NOT_FOUND"}
    assert caller.create("once")["data"]["orderCreate"]["order"]["status"] == "DRAFT"
    assert site.count(Order) == 1


def test_the_header_serves_a_request_with_one_mutation(site: Site) -> None:
    caller = site.caller()
    header = {"Idempotency-Key": '"once"'}
    first, again = (caller.ask(CREATE, headers=header, input=order_input()) for _ in range(2))
    assert first["data"] == again["data"]
    assert again["extensions"]["idempotency"] == {"replayed": ["orderCreate"]}
    other = caller.ask(CREATE, headers=header, input=order_input(), key="the argument wins")
    assert other["data"] != first["data"]
    assert site.count(Order) == 2


def test_the_header_cannot_stand_for_two_mutations(site: Site) -> None:
    caller = site.caller()
    order = caller.draft()
    document = f"""mutation {{
      a: orderChange(id: "{order}", input: {{notes: "a"}}) {{ order {{ notes }} }}
      b: orderChange(id: "{order}", input: {{notes: "b"}}, idempotencyKey: "b") {{ order {{ notes }} }}
    }}"""
    answer = caller.ask(document, headers={"Idempotency-Key": "once"})
    assert answer["data"] == {"a": None, "b": {"order": {"notes": "b"}}}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [(["a"], "BAD_USER_INPUT")]


def test_a_missing_or_impossible_key_is_bad_input(site: Site) -> None:
    caller = site.caller()
    order = caller.draft()
    answers = [
        caller.ask(CHANGE, id=order, notes="x"),
        caller.ask(CHANGE, id=order, notes="x", headers={"Idempotency-Key": ""}),
        caller.ask(CHANGE, id=order, notes="x", headers={"Idempotency-Key": "k" * 256}),
        caller.create("k" * 256),
        caller.create(""),
    ]
    for answer in answers:
        [error] = answer["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT", answer
        assert "ey" in error["message"]
    assert (site.count(Order), site.count(OrderTransition)) == (1, 0)
    fine = caller.ask(CHANGE, id=order, notes="x", headers={"Idempotency-Key": "k" * 255})
    assert fine["data"]["orderChange"]["order"] == {"version": 2, "notes": "x"}


class Doorman:
    """Holds the first confirmation in its reaction until it is let go."""

    def __init__(self) -> None:
        self.inside, self.go = threading.Event(), threading.Event()

    def __call__(self, _ctx: Any, _order: Any) -> None:
        self.inside.set()
        assert self.go.wait(20)


def test_a_repeat_of_what_is_in_flight_waits_and_replays(
    site: Site, behaviour: dict[str, Callable[..., Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, doorman = site.caller(), Doorman()
    order = caller.draft()
    behaviour["orders_after_confirm"] = doorman
    monkeypatch.setattr(site.scope().composition.bus, "_deadlines", PATIENT)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(caller.confirm, order, "once")
        assert doorman.inside.wait(20)
        second = pool.submit(caller.confirm, order, "once")
        time.sleep(0.2)
        assert not second.done(), "it waits"
        doorman.go.set()
        _all_alike([first.result(), second.result()], "orderConfirm")
    assert site.count(OrderTransition) == 1


def test_a_repeat_that_waited_too_long_is_told_that_the_first_is_in_flight(
    postgres_server: PostgresServer,
    database_templates: DatabaseTemplates,
    with_partner: ModuleCatalog,
    signing_keys: KeyRing,
    behaviour: dict[str, Callable[..., Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with database_templates.postgres(postgres_server, migration_sources(with_partner)) as urls:
        database = Database(urls.app, system_url=urls.system, deadlines=Deadlines(lock=0.2))
        with serve(database, with_partner, signing_keys) as server, open_site(server) as site:
            caller, doorman = site.caller(), Doorman()
            order = caller.draft()
            behaviour["orders_after_confirm"] = doorman
            monkeypatch.setattr(site.scope().composition.bus, "_deadlines", PATIENT)
            with ThreadPoolExecutor(1) as pool:
                first = pool.submit(caller.confirm, order, "once")
                assert doorman.inside.wait(20)
                answer = caller.post(CONFIRM, {"id": order, "key": "once"}).json()
                assert codes(answer) == {"CONFLICT", "IN_FLIGHT"}
                doorman.go.set()
                _all_alike([first.result(), caller.confirm(order, "once")], "orderConfirm")
            assert site.count(OrderTransition) == 1
        database.dispose()
