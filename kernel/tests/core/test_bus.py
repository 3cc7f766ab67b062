"""Hooks: five kinds, one order, and a failure that names module, version and hook."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from huikuan import BadInput, Refusal, new_id
from huikuan.bus import Deadlines
from huikuan.errors import HookError, SetupError
from huikuan.testing.shop import Shop
from huikuan_label.errors import LABEL_MISSING, LABEL_WRONG
from huikuan_label.models import Label
from huikuan_shelf.hookspecs import shelf_name, shelf_parts, shelf_send
from huikuan_shelf.models import Item
from huikuan_shelf.snapshots import ItemView
from kernel.tests.core.kit import counts, rows

Behaviour = dict[str, Callable[..., Any]]
VIEW = ItemView(new_id(), "a", 1)


@pytest.fixture
def item(shop: Shop) -> str:
    return str(shop.run("item_add", code="a", quantity=1).values["item"])


def _quantity(shop: Shop) -> int:
    return int(rows(shop, Item)[0].quantity)


def _fails(shop: Shop, item: str, hook: str, match: str) -> None:
    """The move fails, the error names who did it, and nothing is left: no row, no audit, no event."""
    before = counts(shop, Item, Label)
    with pytest.raises(HookError, match=match) as caught:
        shop.run("item_move", id=item, quantity=5)
    assert (caught.value.module, caught.value.version, caught.value.hook) == ("label", "0", hook)
    assert caught.value.message.startswith(f"label 0 failed in hook {hook}: ")
    assert caught.value.data == {"module": "label", "version": "0", "hook": hook}
    assert counts(shop, Item, Label) == before
    assert _quantity(shop) == 1


def test_all_reasons_of_all_vetoes_come_back(shop: Shop, item: str, behaviour: Behaviour) -> None:
    behaviour["shelf_before_move"] = lambda ctx, item, quantity: [
        Refusal(LABEL_MISSING, "No label."),
        Refusal(LABEL_WRONG, "And a wrong one."),
    ]
    result = shop.run("item_move", id=item, quantity=-5)
    assert [(refusal.code, refusal.module) for refusal in result.refusals] == [
        ("LABEL_MISSING", "label"),
        ("LABEL_WRONG", "label"),
        ("ITEM_BLOCKED", "shelf"),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        lambda: Refusal(LABEL_MISSING, "No."),
        lambda: (Refusal(LABEL_MISSING, "No."),),
        lambda: iter((Refusal(LABEL_MISSING, "No."),)),
    ],
    ids=["one", "tuple", "generator"],
)
def test_a_veto_answers_one_many_or_none(
    shop: Shop, item: str, behaviour: Behaviour, answer: Callable[[], Any]
) -> None:
    behaviour["shelf_before_move"] = lambda ctx, item, quantity: answer()
    assert [found.code for found in shop.run("item_move", id=item, quantity=5).refusals] == ["LABEL_MISSING"]
    behaviour["shelf_before_move"] = lambda ctx, item, quantity: None
    assert shop.run("item_move", id=item, quantity=5).done


def _broken_generator() -> Any:
    yield Refusal(LABEL_MISSING, "No.")
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("hook", "answer", "reason"),
    [
        ("shelf_before_move", lambda *_: True, "returned bool, not Refusal"),
        ("shelf_before_move", lambda *_: "no", "returned str, not Refusal"),
        ("shelf_before_move", lambda *_: [Refusal("X", "undeclared")], "no errors.py declares"),
        ("shelf_before_move", lambda *_: _broken_generator(), "ZeroDivisionError"),
        (
            "shelf_before_move",
            lambda *_: Refusal(LABEL_MISSING, "a\x00b"),
            "a Refusal with a text that cannot be stored",
        ),
        ("shelf_before_move", lambda *_: Refusal(LABEL_MISSING, "No.", advice="\ud83d"), "cannot be stored"),
        ("shelf_plan_move", lambda *_: 7, "returned int, not ItemView"),
        ("shelf_after_move", lambda *_: 7, "returned int; a reaction returns nothing"),
        ("shelf_move_locks", lambda *_: _broken_generator(), "ZeroDivisionError"),
    ],
)
def test_a_wrong_answer_names_its_author(
    shop: Shop, item: str, behaviour: Behaviour, hook: str, answer: Callable[..., Any], reason: str
) -> None:
    behaviour[hook] = answer
    _fails(shop, item, hook, reason)


def _recurse(*arguments: Any) -> Any:
    return _recurse(*arguments)


def _leak(*_: Any) -> None:
    raise OSError("/etc/secret: SELECT password FROM kernel_login")


def each_hook(behaviour: Behaviour, does: Callable[..., Any]) -> Iterator[str]:
    """Let each hook of a move in turn do this; the others answer nothing."""
    for hook in ("shelf_move_locks", "shelf_before_move", "shelf_plan_move", "shelf_after_move"):
        behaviour.clear()
        behaviour[hook] = does
        yield hook


@pytest.mark.parametrize("crash", [_leak, _recurse, lambda *_: sys.exit(3)], ids=["raise", "recursion", "exit"])
def test_a_crash_fails_the_command_and_says_nothing_inside(
    shop: Shop, item: str, behaviour: Behaviour, crash: Callable[..., Any]
) -> None:
    for hook in each_hook(behaviour, crash):
        _fails(shop, item, hook, "(OSError|RecursionError|SystemExit), see the log$")


def test_a_hook_over_its_deadline_fails_the_command(
    shop: Shop, item: str, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop.scope.composition.bus, "_deadlines", Deadlines(0.01, 0.03))
    for hook in each_hook(behaviour, lambda *_: time.sleep(0.04)):
        _fails(shop, item, hook, r"took 0\.\d\d s, the limit is 0.03 s")


def test_a_slow_hook_is_only_noted(
    shop: Shop, item: str, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    behaviour["shelf_after_move"] = lambda *_: time.sleep(0.02)
    monkeypatch.setattr(shop.scope.composition.bus, "_deadlines", Deadlines(0.01, 30.0))
    assert shop.run("item_move", id=item, quantity=5).done


def _through(session: Any, what: str) -> None:
    match what:
        case "commit" | "rollback" | "close":
            getattr(session, what)()
        case "text":
            session.execute(text("UPDATE shelf_item SET quantity = 99"))
        case "connection":
            session.connection()
        case "driver":
            session.get_bind().exec_driver_sql("UPDATE shelf_item SET quantity = 99")
        case "end the transaction":
            session.get_bind().get_transaction().rollback()
        case "leave a savepoint open":
            session.begin_nested()
        case "lock":
            session.execute(select(Item.id).with_for_update())


@pytest.mark.parametrize(
    "what",
    [
        "commit",
        "rollback",
        "close",
        "text",
        "connection",
        "driver",
        "end the transaction",
        "leave a savepoint open",
        "lock",
    ],
)
def test_a_hook_cannot_touch_the_transaction(shop: Shop, item: str, behaviour: Behaviour, what: str) -> None:
    item_id = rows(shop, Item)[0].id

    def reach(ctx: Any, *_: Any) -> None:
        ctx.add(Label(item_id=item_id, text="stays not"))
        _through(ctx._session, what)

    for hook in each_hook(behaviour, reach):
        _fails(shop, item, hook, "refused|kernel owns|ended the transaction|not text")


def test_a_hook_that_hides_a_failed_write_fails_the_command(shop: Shop, item: str, behaviour: Behaviour) -> None:
    def swallow(ctx: Any, *_: Any) -> None:
        try:
            ctx.add(Item(code="a"))
            ctx.flush()
        except Exception:
            return

    for hook in each_hook(behaviour, swallow):
        _fails(shop, item, hook, "it ended the transaction")


def test_a_hook_cannot_reach_another_tenant(shop: Shop, item: str, behaviour: Behaviour) -> None:
    other = shop.other_tenant("shelf", slug=f"{shop.tenant}-other")
    foreign = other.run("item_add", code="theirs", quantity=7).values["item"]
    their_id = other.scope.tenant.id
    seen: list[Any] = []

    def pry(ctx: Any, *_: Any) -> None:
        seen.extend(ctx.rows(select(Item.code).where(Item.code == "theirs")))
        seen.extend(ctx.scalars(select(Item).where(Item.tenant_id == their_id)))
        ctx.add(Label(item_id=new_id(), text="x")).tenant_id = their_id
        ctx.flush()

    for hook in each_hook(behaviour, pry):
        _fails(shop, item, hook, "another tenant")
    assert seen == []
    assert [str(row.id) for row in rows(other, Item)] == [foreign]


def test_a_module_that_keeps_failing_is_paused_for_a_minute_in_its_tenant_alone(
    shop: Shop, item: str, behaviour: Behaviour
) -> None:
    other = shop.other_tenant("label", slug=f"{shop.tenant}-other")
    theirs = str(other.run("item_add", code="a").values["item"])
    calls: list[int] = []

    def crash(*_: Any) -> None:
        calls.append(1)
        raise ZeroDivisionError

    behaviour["shelf_after_move"] = crash
    for _ in range(5):
        _fails(shop, item, "shelf_after_move", "ZeroDivisionError")
    behaviour["shelf_after_move"] = lambda *_: calls.append(1)
    # Paused is refused, never skipped: its veto might have said no.
    _fails(shop, item, "shelf_after_move", "it failed too often and is paused for 60 s more")
    assert len(calls) == 5
    assert other.run("item_move", id=theirs, quantity=5).done
    shop.pass_time(seconds=61)
    behaviour["shelf_after_move"] = crash
    _fails(shop, item, "shelf_after_move", "ZeroDivisionError")  # one more failure pauses it again
    _fails(shop, item, "shelf_after_move", "paused")
    shop.pass_time(seconds=61)
    behaviour.clear()
    assert shop.run("item_move", id=item, quantity=5).done
    behaviour["shelf_after_move"] = crash
    for _ in range(2):
        with pytest.raises(HookError, match="ZeroDivisionError"):
            shop.run("item_move", id=item, quantity=6)


def test_an_answer_to_the_caller_passes_through_and_names_its_author(
    shop: Shop, item: str, behaviour: Behaviour
) -> None:
    def ask(*_: Any) -> None:
        raise BadInput("Give it a label first.", field="label")

    behaviour["shelf_after_move"] = ask
    with pytest.raises(BadInput) as caught:
        shop.run("item_move", id=item, quantity=5)
    assert caught.value.data == {"field": "label", "module": "label", "version": "0", "hook": "shelf_after_move"}
    assert _quantity(shop) == 1


def test_a_reaction_writes_in_the_same_transaction(shop: Shop, item: str, behaviour: Behaviour) -> None:
    behaviour["shelf_after_move"] = lambda ctx, item: ctx.add(Label(item_id=item.id, text="moved")) and None
    assert shop.run("item_move", id=item, quantity=5).done
    assert [label.text for label in rows(shop, Label)] == ["moved"]


def test_a_change_amends_the_draft_and_the_owner_checks_it(shop: Shop, item: str, behaviour: Behaviour) -> None:
    behaviour["shelf_plan_move"] = lambda ctx, draft: ItemView(draft.id, draft.code, draft.quantity * 2)
    assert shop.run("item_move", id=item, quantity=5).done
    assert _quantity(shop) == 10
    behaviour["shelf_plan_move"] = lambda ctx, draft: ItemView(draft.id, draft.code, -1)
    with pytest.raises(BadInput, match="another item"):
        shop.run("item_move", id=item, quantity=5)
    assert _quantity(shop) == 10


def test_contributions_are_collected_in_order(shop: Shop, behaviour: Behaviour) -> None:
    with shop.reading() as ctx:
        assert ctx.collect(shelf_parts, item=VIEW) == ["shelf:a"]
        behaviour["shelf_parts"] = lambda ctx, item: ("one", "two")
        assert ctx.collect(shelf_parts, item=VIEW) == ["one", "two", "shelf:a"]  # label says tryfirst
        behaviour["shelf_parts"] = lambda ctx, item: (part for part in ("three",))
        assert ctx.collect(shelf_parts, item=VIEW) == ["three", "shelf:a"]
        behaviour["shelf_parts"] = lambda ctx, item: "four"
        assert ctx.collect(shelf_parts, item=VIEW) == ["four", "shelf:a"]


def test_the_first_provider_with_an_answer_wins(shop: Shop, behaviour: Behaviour) -> None:
    with shop.reading() as ctx:
        assert ctx.provide(shelf_name, item=VIEW) == "a"
        behaviour["shelf_name"] = lambda ctx, item: "label"
        assert ctx.provide(shelf_name, item=VIEW) == "label"


def test_a_value_with_a_field_of_another_kind_names_its_author(shop: Shop, behaviour: Behaviour) -> None:
    behaviour["shelf_name"] = lambda ctx, item: ItemView(item.id, "a", "7")  # type: ignore[arg-type]
    with shop.reading() as ctx, pytest.raises(HookError, match="a ItemView whose quantity is str, not int") as caught:
        ctx.provide(shelf_name, item=VIEW)
    assert caught.value.module == "label"


def test_a_hook_of_the_worker_is_not_called_in_a_transaction(shop: Shop) -> None:
    with shop.reading() as ctx, pytest.raises(SetupError, match="called in the worker, not in the transaction"):
        ctx.provide(shelf_send, address="a")


def test_a_hook_is_called_as_what_it_is(shop: Shop) -> None:
    with shop.reading() as ctx, pytest.raises(SetupError, match="is a contribution, not a provider"):
        ctx.provide(shelf_parts, item=VIEW)
