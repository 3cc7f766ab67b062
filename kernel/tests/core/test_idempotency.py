"""A repeated request acts once: its key replays the outcome, and is told apart from wrong reuse."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from huikuan import BadInput, new_id
from huikuan.actor import Actor
from huikuan.codec import encode
from huikuan.core.models import ApiKey, AuditEntry, IdempotencyRecord, OutboxEvent
from huikuan.errors import Conflict, HookError
from huikuan.runner import CommandResult
from huikuan.testing.shop import Shop
from huikuan_shelf.models import Item
from kernel.tests.core.kit import at_once, counts, rows

Behaviour = dict[str, Callable[..., Any]]


def _add(shop: Shop, code: str = "a") -> str:
    return str(shop.run("item_add", code=code).values["item"])


def _as_stored(result: CommandResult) -> dict[str, Any]:
    return {
        "outcome": result.outcome,
        "values": result.values,
        "refusals": [(item.code, item.message, item.level, item.module, item.hold_id) for item in result.refusals],
        "data": [encode(item.data) for item in result.refusals],
        "advice": [item.advice for item in result.refusals],
        "warnings": [item.code for item in result.warnings],
    }


@pytest.mark.parametrize("quantity", [5, 500, -5], ids=["done", "held", "refused"])
def test_a_replay_answers_the_same_and_does_nothing(shop: Shop, quantity: int) -> None:
    id = _add(shop)
    first = shop.run("item_move", key="k", id=id, quantity=quantity)
    before = counts(shop, Item)
    shop.run("item_move", id=id, quantity=7)  # what happens meanwhile changes nothing about the answer
    between = counts(shop, Item)
    again = shop.run("item_move", key="k", id=id, quantity=quantity)
    assert (first.replayed, again.replayed) == (False, True)
    assert _as_stored(again) == _as_stored(first)
    assert counts(shop, Item) == between != before
    assert rows(shop, Item)[0].quantity == 7


def test_a_key_with_other_input_is_refused(shop: Shop) -> None:
    id = _add(shop)
    shop.run("item_move", key="k", id=id, quantity=5)
    before = counts(shop, Item)
    with pytest.raises(Conflict) as caught:
        shop.run("item_move", key="k", id=id, quantity=6)
    assert caught.value.data == {"reason": "KEY_REUSED"}
    assert (counts(shop, Item), rows(shop, Item)[0].quantity) == (before, 5)


def test_a_key_belongs_to_its_tenant_actor_and_command(shop: Shop) -> None:
    id = _add(shop)
    shop.run("item_move", key="k", id=id, quantity=5)
    other = shop.other_tenant("shelf", slug=f"{shop.tenant}-other")
    assert not other.run("item_move", key="k", id=_add(other), quantity=9).replayed
    assert not shop.acting_with("shelf.edit").run("item_move", key="k", id=id, quantity=6).replayed
    assert not shop.run("shelf_forget", key="k").replayed
    assert rows(shop, Item)[0].quantity == 6


def test_a_failed_attempt_leaves_the_key_free(shop: Shop, behaviour: Behaviour) -> None:
    id = _add(shop)
    behaviour["shelf_after_move"] = lambda ctx, item: 1 / 0
    with pytest.raises(HookError):
        shop.run("item_move", key="k", id=id, quantity=5)
    behaviour.clear()
    assert not shop.run("item_move", key="k", id=id, quantity=5).replayed


def test_who_must_send_a_key(shop: Shop) -> None:
    kernel, scope, id = shop.kernel, shop.scope, _add(shop)
    with pytest.raises(BadInput, match="Send an idempotencyKey") as caught:
        kernel.run(scope, "item_move", {"id": id, "quantity": 5})
    assert caught.value.data == {"field": "idempotencyKey"}
    assert kernel.run(scope, "item_rename", {"id": id, "note": "natural"}).done
    system = replace(scope, actor=Actor.system())
    assert kernel.run(system, "item_move", {"id": id, "quantity": 5}).done
    for key in ("", "x" * 256):
        with pytest.raises(BadInput, match="1 to 255 characters"):
            kernel.run(scope, "item_move", {"id": id, "quantity": 5}, key=key)


def test_a_secret_is_not_kept_for_a_replay(shop: Shop) -> None:
    """idempotency="none": a key that is sent all the same stores nothing."""
    first = shop.run("api_key_create", key="k", name="erp", roles=[])
    assert first.values["secret"]
    assert rows(shop, IdempotencyRecord) == []
    again = shop.run("api_key_create", key="k", name="erp", roles=[])
    assert [item.code for item in again.refusals] == ["ALREADY_EXISTS"]
    assert len(rows(shop, ApiKey)) == 1


def test_twenty_sends_of_one_key_act_once(shop: Shop) -> None:
    id = _add(shop)
    before = counts(shop, Item)
    found = at_once([lambda: shop.run("item_move", key="k", id=id, quantity=5)] * 20, threads=16)
    assert all(isinstance(result, CommandResult) for result in found), found
    assert sorted(result.replayed for result in found if isinstance(result, CommandResult)) == [False] + [True] * 19
    assert len({str(_as_stored(result)) for result in found if isinstance(result, CommandResult)}) == 1
    after = counts(shop, Item)
    assert {name: after[name] - before[name] for name in after} == {
        "IdempotencyRecord": 1,
        "AuditEntry": 1,
        "Hold": 0,
        "OutboxEvent": 1,
        "Item": 0,
    }


def test_many_keys_sent_often_act_once_each(shop: Shop) -> None:
    calls = [lambda count=count: _create(shop, count % 20) for count in range(100)]
    found = at_once(calls, threads=12)
    assert all(isinstance(result, CommandResult) and result.done for result in found), found
    assert sorted(item.code for item in rows(shop, Item)) == sorted(f"c{count}" for count in range(20))
    assert len([row for row in rows(shop, AuditEntry) if row.command == "item_add"]) == 20
    assert len([row for row in rows(shop, OutboxEvent) if row.type == "ITEM_ADDED"]) == 20
    assert shop.check() == []


def _create(shop: Shop, count: int) -> CommandResult:
    return shop.run("item_add", key=f"k{count}", code=f"c{count}")


class _Slow:
    """A move that stays in flight until it is let go."""

    def __init__(self, shop: Shop, behaviour: Behaviour) -> None:
        self.id = _add(shop)
        self.inside, self.go, self.calls = threading.Event(), threading.Event(), 0
        behaviour["shelf_after_move"] = self.wait

    def wait(self, *_: Any) -> None:
        self.calls += 1
        self.inside.set()
        assert self.go.wait(timeout=10)

    def fail_once(self, *_: Any) -> None:
        self.wait()
        if self.calls == 1:
            raise ZeroDivisionError


@pytest.mark.parametrize("commits", [True, False], ids=["it commits", "it fails"])
def test_a_duplicate_in_flight_waits_for_the_first(shop: Shop, behaviour: Behaviour, commits: bool) -> None:
    slow = _Slow(shop, behaviour)

    def first() -> CommandResult:
        if not commits:
            behaviour["shelf_after_move"] = slow.fail_once
        return shop.run("item_move", key="k", id=slow.id, quantity=5)

    def second() -> CommandResult:
        assert slow.inside.wait(timeout=10)
        threading.Timer(0.3, slow.go.set).start()
        return shop.run("item_move", key="k", id=slow.id, quantity=5)

    one, two = at_once([first, second])
    assert isinstance(two, CommandResult), two
    if commits:
        assert isinstance(one, CommandResult), one
        assert (one.replayed, two.replayed, slow.calls) == (False, True, 1)
    else:
        assert isinstance(one, HookError)
        assert (two.replayed, slow.calls) == (False, 2)
    assert len([row for row in rows(shop, AuditEntry) if row.command == "item_move"]) == 1


def test_a_duplicate_that_waits_too_long_is_told_so(shop: Shop, behaviour: Behaviour) -> None:
    if shop.dialect == "sqlite":
        pytest.skip("waits for the whole database alike: see the rows that are locked too long")
    slow = _Slow(shop, behaviour)

    def second() -> CommandResult:
        assert slow.inside.wait(timeout=10)
        try:
            return shop.run("item_move", key="k", id=slow.id, quantity=5)
        finally:
            slow.go.set()

    # The hook's own deadline stops the first one afterwards: what counts is what the second is told.
    _, two = at_once([lambda: shop.run("item_move", key="k", id=slow.id, quantity=5), second])
    assert isinstance(two, Conflict)
    assert two.data == {"reason": "IN_FLIGHT"}


def test_keys_are_forgotten_after_thirty_days_and_no_sooner(shop: Shop) -> None:
    id = _add(shop)
    shop.run("item_move", key=str(new_id()), id=id, quantity=5)
    job = shop.scope.composition.jobs["kernel.forget_idempotency_keys"][0]
    for days, left in ((29, 2), (2, 0)):
        shop.pass_time(days=days)
        with shop.writing() as ctx:
            job.function(ctx)
        assert len(rows(shop, IdempotencyRecord)) == left


def test_an_outcome_that_is_missing_breaks_an_invariant(shop: Shop) -> None:
    _add(shop)
    assert shop.check() == []
    with shop.writing() as ctx:
        ctx.execute(update(IdempotencyRecord).values(outcome=None))
    assert [found.name for found in shop.check()] == ["kernel.idempotency-outcome"]
