"""A command is one transaction: permitted, audited, refused before it writes or not at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from huikuan import BadInput, Forbidden, NotFound, Refusal
from huikuan.actor import Actor
from huikuan.core.models import AuditEntry, Hold, IdempotencyRecord, OutboxEvent
from huikuan.db import LockKey
from huikuan.errors import Conflict, HookError, SetupError, Unauthenticated
from huikuan.runner import CommandResult, Scope
from huikuan.testing.shop import Shop
from huikuan_label.errors import LABEL_MISSING
from huikuan_label.models import Label
from huikuan_shelf.commands import item_move, view
from huikuan_shelf.hookspecs import shelf_before_move
from huikuan_shelf.models import Effect, Item
from kernel.tests.core.kit import at_once, counts, rows

Behaviour = dict[str, Callable[..., Any]]


def _add(shop: Shop, code: str = "a", **arguments: Any) -> str:
    return str(shop.run("item_add", code=code, **arguments).values["item"])


def _audit(shop: Shop) -> AuditEntry:
    """The last audit row that is no child."""
    found: AuditEntry = rows(shop, AuditEntry, parent_id=None)[-1]
    return found


# --- permission, input ---------------------------------------------------------------------------


def test_permission_is_asked_before_anything(shop: Shop, behaviour: Behaviour) -> None:
    item = _add(shop)
    before = counts(shop, Item)
    asked: list[object] = []
    behaviour["shelf_before_move"] = lambda *given: asked.append(given)
    reader = shop.acting_with("shelf.read")
    with pytest.raises(Forbidden, match=r"This needs the permission shelf\.edit\.") as caught:
        reader.run("item_move", id=item, quantity=5)
    assert caught.value.data == {"permission": "shelf.edit"}
    with pytest.raises(Forbidden):  # bad input and unknown objects tell the unpermitted nothing
        reader.run("item_move", id="nonsense", nothing=1)
    assert asked == []
    assert counts(shop, Item) == before


def test_somebody_who_is_not_signed_in_is_told_to(shop: Shop) -> None:
    nobody = Scope(**{**_fields(shop.scope), "actor": Actor.anonymous()})
    with pytest.raises(Unauthenticated):
        shop.kernel.run(nobody, "item_add", {"code": "a"})


def _fields(scope: Scope) -> dict[str, Any]:
    return {name: getattr(scope, name) for name in scope.__slots__}


def test_a_tenant_cannot_run_the_platform_s_commands(shop: Shop) -> None:
    with pytest.raises(SetupError, match="belongs to the control surface, this is tenant"):
        shop.run("tenant_suspend", tenant=shop.tenant)
    with pytest.raises(SetupError, match="belongs to the tenant surface, this is control"):
        shop.kernel.run(shop.kernel.control_scope(), "module_enable", {"module": "shelf"})


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"id": "nonsense", "quantity": 1}, "id"),
        ({"quantity": 1}, "id"),
        ({"id": "0199aaaa-0000-7000-8000-000000000000"}, "quantity"),
        ({"id": "0199aaaa-0000-7000-8000-000000000000", "quantity": "many"}, "quantity"),
        ({"id": "0199aaaa-0000-7000-8000-000000000000", "quantity": None}, "quantity"),
        ({"id": "0199aaaa-0000-7000-8000-000000000000", "quantity": 1, "extra": 1}, "extra"),
    ],
)
def test_malformed_input_names_its_field_and_leaves_nothing(shop: Shop, arguments: dict[str, Any], field: str) -> None:
    before = counts(shop, Item)
    with pytest.raises(BadInput) as caught:
        shop.run("item_move", **arguments)
    assert caught.value.data["field"] == field
    assert counts(shop, Item) == before


def test_absent_and_foreign_objects_give_the_same_answer(shop: Shop) -> None:
    other = shop.other_tenant("shelf", slug=f"{shop.tenant}-other")
    foreign = _add(other)
    said = []
    for id in (foreign, "0199aaaa-0000-7000-8000-000000000000"):
        with pytest.raises(NotFound) as caught:
            shop.run("item_move", id=id, quantity=1)
        said.append((caught.value.message.replace(id, "…"), caught.value.data))
    assert said[0] == said[1]


def test_a_reference_is_found_by_id_or_by_key(shop: Shop) -> None:
    id = _add(shop, "first")
    for named in ({"code": "first"}, {"id": id}, id):
        assert shop.run("item_name", item=named).values == {"name": "first"}
    with pytest.raises(NotFound, match="There is no item with code 'nowhere'"):
        shop.run("item_name", item={"code": "nowhere"})
    with pytest.raises(BadInput, match="by exactly one of: id, code"):
        shop.run("item_name", item={"code": "first", "id": id})


def test_left_out_is_not_null(shop: Shop) -> None:
    id = _add(shop)
    assert shop.run("item_rename", id=id, note="hello").done
    assert shop.run("item_rename", id=id, code="b").done
    assert [(item.code, item.note) for item in rows(shop, Item)] == [("b", "hello")]
    assert shop.run("item_rename", id=id, note=None).done
    assert [(item.code, item.note) for item in rows(shop, Item)] == [("b", None)]
    with pytest.raises(BadInput):
        shop.run("item_rename", id=id, code=None)


def test_a_read_cannot_write(shop: Shop) -> None:
    id = UUID(_add(shop))
    before = counts(shop, Item)
    with shop.reading(preview=True) as ctx:
        for write in (
            lambda: ctx.add(Item(code="b")),
            lambda: ctx.remove(ctx.get(Item, id)),
            lambda: ctx.number("item", ctx.get(Item, id)),
            lambda: item_move(ctx, id, 5),
        ):
            with pytest.raises(BadInput, match="only commands write"):
                write()
    assert counts(shop, Item) == before


def test_a_preview_asks_the_same_vetoes_without_locks_or_holds(shop: Shop, behaviour: Behaviour) -> None:
    id = UUID(_add(shop))
    behaviour["shelf_before_move"] = lambda *_: Refusal(LABEL_MISSING, "No label.")
    with shop.reading(preview=True) as ctx:
        item = ctx.get(Item, id)
        ctx.lock([LockKey(1, Item, id)])
        assert [found.code for found in ctx.vetoes(shelf_before_move, item=view(item), quantity=5)] == ["LABEL_MISSING"]
    assert rows(shop, Hold) == []


# --- what stays ------------------------------------------------------------------------------------


def test_a_command_leaves_one_audit_row_its_events_and_its_outcome(shop: Shop) -> None:
    before = counts(shop, Item)
    id = _add(shop, keeper="Ann", quantity=3)
    assert counts(shop, Item) == {
        "IdempotencyRecord": before["IdempotencyRecord"] + 1,
        "AuditEntry": before["AuditEntry"] + 1,
        "Hold": 0,
        "OutboxEvent": before["OutboxEvent"] + 1,
        "Item": 1,
    }
    audit = _audit(shop)
    assert (audit.command, audit.module, audit.outcome) == ("item_add", "shelf", "DONE")
    assert (audit.actor_name, audit.subject_type, str(audit.subject_id)) == ("tester", "Item", id)
    assert audit.input == {"code": "a", "keeper": "(personal data)", "quantity": 3}
    assert audit.changes == [
        {
            "table": "shelf_item",
            "id": id,
            "kind": "insert",
            "values": {"code": "a", "keeper": "(personal data)", "quantity": 3, "state": "DRAFT"},
        }
    ]
    (event,) = [event for event in rows(shop, OutboxEvent) if event.type == "ITEM_ADDED"]
    assert (event.audit_id, event.sequence, event.position) == (audit.id, 1, None)
    assert event.payload == {"item_id": id, "code": "a"}


def test_the_audit_row_holds_before_and_after(shop: Shop) -> None:
    id = _add(shop, quantity=3)
    shop.run("item_move", id=id, quantity=5)
    assert _audit(shop).changes == [{"table": "shelf_item", "id": id, "kind": "update", "values": {"quantity": [3, 5]}}]
    with shop.writing() as ctx:
        ctx.add_all([Effect(consumer="a"), Effect(consumer="b")])
    assert shop.run("shelf_forget").values == {"count": 2}
    assert _audit(shop).changes == [{"table": "shelf_effect", "kind": "update", "rows": 2}]


def test_passwords_stand_nowhere(shop: Shop) -> None:
    shop.run("user_create", email="ann@example.com", name="Ann", roles=["keeper"], password="correct horse battery")
    audit = _audit(shop)
    assert audit.input == {"email": "(personal data)", "name": "(personal data)", "roles": ["keeper"]}
    stored = [*rows(shop, AuditEntry), *rows(shop, IdempotencyRecord), *rows(shop, OutboxEvent)]
    written = " ".join(str(vars(row)) for row in stored)
    assert "horse" not in written
    assert "ann@" not in written


def test_a_refusal_before_writing_leaves_its_record_and_holds_alone(shop: Shop) -> None:
    id = _add(shop)
    before = counts(shop, Item, Label)
    result = shop.run("item_move", id=id, quantity=500)
    assert (result.outcome, [found.code for found in result.refusals]) == ("REFUSED", ["ITEM_HEAVY"])
    after = counts(shop, Item, Label)
    assert {name: after[name] - before[name] for name in after} == {
        "IdempotencyRecord": 1,
        "AuditEntry": 1,
        "Hold": 1,
        "OutboxEvent": 1,
        "Item": 0,
        "Label": 0,
    }
    audit = _audit(shop)
    assert (audit.outcome, audit.subject_type, str(audit.subject_id)) == ("REFUSED", "Item", id)
    assert [found["code"] for found in audit.refusals] == ["ITEM_HEAVY"]
    (hold,) = rows(shop, Hold)
    assert result.refusals[0].hold_id == hold.id
    placed = rows(shop, OutboxEvent)[-1]
    assert (placed.type, placed.aggregate_id, placed.audit_id) == ("HOLD_PLACED", hold.id, audit.id)


@pytest.mark.parametrize("how", ["pending", "flushed", "statement"])
def test_a_refusal_after_writing_leaves_no_more(shop: Shop, how: str) -> None:
    _add(shop)
    with shop.writing() as ctx:
        ctx.add(Effect(consumer="as it was"))
    before = counts(shop, Item)
    result = shop.run("item_refuse_late", code="late", how=how)
    assert [found.code for found in result.refusals] == ["ITEM_BLOCKED"]
    assert [found.code for found in result.warnings] == ["ITEM_LATE"]
    after = counts(shop, Item)
    assert {name: after[name] - before[name] for name in after} == {
        "IdempotencyRecord": 1,
        "AuditEntry": 1,
        "Hold": 0,
        "OutboxEvent": 0,
        "Item": 0,
    }
    assert [row.consumer for row in rows(shop, Effect)] == ["as it was"]
    assert _audit(shop).changes == []


def test_the_kernel_s_own_statements_are_undone_by_a_refusal_too(shop: Shop) -> None:
    """The last administrator's roles are deleted by a statement, not by rows, before the refusal."""
    made = shop.run("user_create", email="a@example.com", name="A", roles=["admin"], password="correct horse battery")
    result = shop.run("user_update", id=made.values["user"], roles=[])
    assert [found.code for found in result.refusals] == ["LAST_ADMIN"]
    admin = shop.query("{ users { nodes { roles } } }")
    assert admin == {"users": {"nodes": [{"roles": ["admin"]}]}}


def test_nested_commands_leave_child_rows(shop: Shop) -> None:
    first, second = _add(shop, "a"), _add(shop, "b")
    before = len(rows(shop, AuditEntry))
    result = shop.run("item_move_two", first={"code": "a"}, second={"code": "b"}, quantity=7)
    assert result.values == {"items": [first, second]}
    parent, *children = rows(shop, AuditEntry)[before:]
    assert (parent.command, parent.parent_id) == ("item_move_two", None)
    assert [(child.command, child.parent_id, str(child.subject_id)) for child in children] == [
        ("item_move", parent.id, first),
        ("item_move", parent.id, second),
    ]
    assert [child.input for child in children] == [{"id": first, "quantity": 7}, {"id": second, "quantity": 7}]
    moved = [event for event in rows(shop, OutboxEvent) if event.type == "ITEM_MOVED"]
    assert {event.audit_id for event in moved} == {parent.id}


def test_events_are_numbered_within_their_aggregate(shop: Shop) -> None:
    first, second = _add(shop, "a"), _add(shop, "b")
    for quantity in (1, 2):
        shop.run("item_move_two", first=first, second=second, quantity=quantity)
    for id in (first, second):
        found = rows(shop, OutboxEvent, aggregate_id=UUID(id))
        assert [(event.type, event.sequence) for event in found] == [
            ("ITEM_ADDED", 1),
            ("ITEM_MOVED", 2),
            ("ITEM_MOVED", 3),
        ]
    assert shop.check() == []


def test_locks_are_taken_once_per_command(shop: Shop, behaviour: Behaviour) -> None:
    first, second = _add(shop, "a"), _add(shop, "b")
    behaviour["shelf_after_move"] = lambda ctx, item: ctx.lock([LockKey(1, Item, item.id)])
    with pytest.raises(HookError, match="locks are taken once per command; contribute"):
        shop.run("item_move", id=first, quantity=1)
    behaviour.clear()
    behaviour["shelf_move_locks"] = lambda ctx, item: [LockKey(1, Item, UUID(second))]
    assert shop.run("item_move", id=first, quantity=1).done


def test_what_was_read_before_the_lock_is_read_anew(shop: Shop) -> None:
    if shop.dialect == "sqlite":
        pytest.skip("one writer at a time: nobody can write between reading and locking")
    id = UUID(_add(shop, quantity=1))
    scope = shop.scope
    with shop.kernel.database.command(scope.tenant.id, shop.clock) as session:
        ctx = shop.kernel.context(scope, session, "test")
        assert ctx.get(Item, id).quantity == 1
        shop.run("item_move", id=str(id), quantity=9)
        ctx.lock([LockKey(1, Item, id)])
        assert ctx.get(Item, id).quantity == 9


# --- beside others -----------------------------------------------------------------------------


def test_a_real_deadlock_is_run_again(shop: Shop, behaviour: Behaviour) -> None:
    if shop.dialect == "sqlite":
        pytest.skip("one writer at a time: no deadlock")
    first, second = _add(shop, "a"), _add(shop, "b")
    meet, tries = threading.Barrier(2), []

    def wait(*_: Any) -> None:
        tries.append(1)
        if len(tries) <= 2:
            meet.wait(timeout=5)

    behaviour["shelf_after_move"] = wait
    found = at_once(
        [
            lambda: shop.run("item_swap", first=first, second=second),
            lambda: shop.run("item_swap", first=second, second=first),
        ]
    )
    assert [result.outcome for result in found if not isinstance(result, BaseException)] == ["DONE", "DONE"], found
    assert [item.quantity for item in rows(shop, Item)] == [2, 2]
    assert len(tries) > 4  # one of them ran again
    assert len([row for row in rows(shop, AuditEntry) if row.command == "item_swap"]) == 2


def test_a_crash_is_not_run_again(shop: Shop, behaviour: Behaviour) -> None:
    id, tries = _add(shop), []

    def crash(*_: Any) -> None:
        tries.append(1)
        raise ZeroDivisionError

    behaviour["shelf_after_move"] = crash
    with pytest.raises(HookError):
        shop.run("item_move", id=id, quantity=1)
    assert len(tries) == 1


def test_two_who_write_one_key_at_once_are_told(shop: Shop, behaviour: Behaviour) -> None:
    """Both found the code free; the unique constraint decides, and the loser hears that in words."""
    if shop.dialect == "sqlite":
        pytest.skip("one writer at a time: the second sees the first")
    meet = threading.Barrier(2)
    found = at_once([lambda: _add_slowly(shop, meet) for _ in range(2)])
    lost = [error for error in found if isinstance(error, BaseException)]
    assert len(lost) == 1
    assert isinstance(lost[0], Conflict)
    assert lost[0].data == {"reason": "CONCURRENT"}


def _add_slowly(shop: Shop, meet: threading.Barrier) -> None:
    item = _add(shop, f"mine-{threading.get_ident()}")
    meet.wait(timeout=5)
    shop.run("item_rename", id=item, code="both")


def test_one_who_waits_too_long_for_a_row_is_told(shop: Shop, behaviour: Behaviour) -> None:
    id = _add(shop)
    scope = shop.scope
    started = time.monotonic()
    with shop.kernel.database.command(scope.tenant.id, shop.clock) as session:
        shop.kernel.context(scope, session, "test").lock([LockKey(1, Item, UUID(id))])
        with pytest.raises(Conflict) as caught:
            shop.run("item_move", id=id, quantity=1)
    assert caught.value.data == {"reason": "IN_FLIGHT"}
    assert time.monotonic() - started < 8


@pytest.mark.parametrize("fail_every", [3])
def test_numbers_have_no_gap_whatever_fails_beside_them(shop: Shop, fail_every: int) -> None:
    ids = [_add(shop, f"n{count}") for count in range(48)]

    def post(place: int) -> Any:
        return shop.run("item_post", id=ids[place], fail=place % fail_every == 0)

    found = at_once([lambda place=place: post(place) for place in range(48)], threads=16)  # type: ignore[misc]
    assert sum(isinstance(result, BadInput) for result in found) == 16
    assert all(isinstance(result, BadInput | CommandResult) for result in found), found
    numbers = sorted(item.number for item in rows(shop, Item) if item.number)
    assert numbers == [f"I-{number:05d}" for number in range(1, 33)]
    assert {item.state.name for item in rows(shop, Item) if item.number} == {"POSTED"}


def test_a_number_is_none_until_the_end(shop: Shop, behaviour: Behaviour) -> None:
    id = UUID(_add(shop))
    with shop.writing() as ctx:
        item = ctx.get(Item, id)
        ctx.number("item", item)
        assert item.number is None
        ctx.fill_numbers()
        assert item.number == "1"


def test_many_of_one_series_take_their_numbers_at_once(shop: Shop, behaviour: Behaviour) -> None:
    ids = [UUID(_add(shop, f"n{count}")) for count in range(3)]
    with shop.writing() as ctx:
        first, second, third = (ctx.get(Item, id) for id in ids)
        ctx.number("item", second)
        ctx.number("other", third, format="other {}".format)
        ctx.number("item", first)
        ctx.fill_numbers()
        assert (first.number, second.number, third.number) == ("2", "1", "other 1")
        ctx.number("item", third)
        ctx.fill_numbers()
        assert third.number == "3"


def test_every_command_has_one_audit_row_or_nothing(shop: Shop, behaviour: Behaviour) -> None:
    """I12, over a mixture of ends."""
    id = _add(shop)
    behaviour["shelf_after_move"] = lambda ctx, item: 1 / (item.quantity - 5)
    before = len(rows(shop, AuditEntry))
    for quantity in (1, 5, -1, 500, 2, 5):
        try:
            behaviour["shelf_after_move"] = lambda ctx, item: None if item.quantity != 5 else 1 / 0
            shop.run("item_move", id=id, quantity=quantity)
        except HookError:
            continue
    assert [row.outcome for row in rows(shop, AuditEntry)[before:]] == ["DONE", "REFUSED", "REFUSED", "DONE"]
    with shop.reading() as ctx:
        audited = set(ctx.scalars(select(AuditEntry.id)))
        assert set(ctx.scalars(select(OutboxEvent.audit_id))) <= audited
    assert shop.check() == []
    assert rows(shop, Effect) == []
