"""Holds: a refusal that somebody may release; releasing asks everything anew and waives one code alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from huikuan import Forbidden, Level, NotFound, Refusal, new_id
from huikuan.core.models import AuditEntry, Hold, OutboxEvent
from huikuan.runner import CommandResult
from huikuan.testing.shop import Shop
from huikuan_label.errors import LABEL_MISSING
from huikuan_shelf.errors import ITEM_ODD, ITEM_VALUABLE
from huikuan_shelf.models import Item
from kernel.tests.core.kit import rows

Behaviour = dict[str, Callable[..., Any]]


@pytest.fixture
def item(shop: Shop) -> str:
    return str(shop.run("item_add", code="a", quantity=1).values["item"])


def _move(shop: Shop, item: str, quantity: int) -> CommandResult:
    return shop.run("item_move", id=item, quantity=quantity)


def _quantity(shop: Shop) -> int:
    return int(rows(shop, Item)[0].quantity)


def _holds(shop: Shop) -> dict[str, list[str]]:
    """States by code, oldest first."""
    found: dict[str, list[str]] = {}
    for hold in rows(shop, Hold):
        found.setdefault(hold.code, []).append(hold.status.name)
    return found


def _odd(ctx: Any, item: Any, quantity: int) -> Refusal | None:
    return Refusal(ITEM_ODD, f"{quantity} is odd.", level=Level.APPROVE) if quantity % 2 else None


def test_a_hold_says_what_it_is_about(shop: Shop, item: str) -> None:
    result = _move(shop, item, 500)
    (hold,) = rows(shop, Hold)
    assert result.refusals[0].hold_id == hold.id
    assert (hold.subject_type, str(hold.subject_id), hold.command) == ("Item", item, "item_move")
    assert (hold.code, hold.module, hold.permission) == ("ITEM_HEAVY", "shelf", "shelf.release")
    assert hold.evidence == {"quantity": 500}
    assert (hold.status.name, hold.expires_at) == ("OPEN", shop.clock.now() + timedelta(days=30))


def test_releasing_runs_the_command_again(shop: Shop, item: str) -> None:
    _move(shop, item, 500)
    (hold,) = rows(shop, Hold)
    result = shop.run("hold_release", id=str(hold.id), reason="known customer")
    assert (result.outcome, result.refusals) == ("DONE", ())
    assert [found.code for found in result.warnings] == ["ITEM_HEAVY"]
    assert _quantity(shop) == 500
    (hold,) = rows(shop, Hold)
    assert (hold.status.name, hold.reason) == ("RELEASED", "known customer")
    events = [event.type for event in rows(shop, OutboxEvent)][-2:]
    assert events == ["HOLD_DECIDED", "ITEM_MOVED"]
    release, child = [row for row in rows(shop, AuditEntry) if row.command in ("hold_release", "item_move")][-2:]
    assert (child.command, child.parent_id) == ("item_move", release.id)


def test_only_the_released_code_is_waived(shop: Shop, item: str, behaviour: Behaviour) -> None:
    behaviour["shelf_before_move"] = _odd
    assert [found.code for found in _move(shop, item, 501).refusals] == ["ITEM_ODD", "ITEM_HEAVY"]
    by_code = {hold.code: hold for hold in rows(shop, Hold)}
    first = shop.run("hold_release", id=str(by_code["ITEM_HEAVY"].id), reason="ok")
    assert [(found.code, found.hold_id) for found in first.refusals] == [("ITEM_ODD", by_code["ITEM_ODD"].id)]
    assert (_quantity(shop), _holds(shop)) == (1, {"ITEM_HEAVY": ["RELEASED"], "ITEM_ODD": ["OPEN"]})
    second = shop.run("hold_release", id=str(by_code["ITEM_ODD"].id), reason="ok")
    assert second.refusals == ()
    assert (_quantity(shop), _holds(shop)) == (501, {"ITEM_HEAVY": ["RELEASED"], "ITEM_ODD": ["RELEASED"]})


def test_a_block_is_never_waived(shop: Shop, item: str, behaviour: Behaviour) -> None:
    _move(shop, item, 500)
    behaviour["shelf_before_move"] = lambda *_: Refusal(LABEL_MISSING, "No label.")
    (hold,) = rows(shop, Hold)
    result = shop.run("hold_release", id=str(hold.id), reason="ok")
    assert [(found.code, found.hold_id) for found in result.refusals] == [("LABEL_MISSING", None)]
    assert (_quantity(shop), _holds(shop)) == (1, {"ITEM_HEAVY": ["RELEASED"]})
    behaviour.clear()  # the release stays in force for what it was about
    assert _move(shop, item, 500).done


def test_what_is_refused_after_writing_is_undone_and_the_release_stays(
    shop: Shop, item: str, behaviour: Behaviour
) -> None:
    _move(shop, item, 500)
    behaviour["shelf_after_move"] = lambda ctx, item: ctx.refuse(Refusal(LABEL_MISSING, "No label."))
    (hold,) = rows(shop, Hold)
    result = shop.run("hold_release", id=str(hold.id), reason="ok")
    assert (result.outcome, [found.code for found in result.refusals]) == ("DONE", ["LABEL_MISSING"])
    assert (_quantity(shop), _holds(shop)) == (1, {"ITEM_HEAVY": ["RELEASED"]})
    assert [event.type for event in rows(shop, OutboxEvent)][-1] == "HOLD_DECIDED"
    audit = rows(shop, AuditEntry)[-1]
    assert audit.command == "hold_release"
    assert {change["table"] for change in audit.changes} == {"kernel_hold"}
    assert shop.check() == []


def test_another_amount_is_asked_anew(shop: Shop, item: str) -> None:
    _move(shop, item, 500)
    (hold,) = rows(shop, Hold)
    shop.run("hold_release", id=str(hold.id), reason="for 500")
    assert [found.code for found in _move(shop, item, 501).refusals] == ["ITEM_HEAVY"]
    assert _holds(shop) == {"ITEM_HEAVY": ["RELEASED", "OPEN"]}


def test_asking_again_renews_the_open_hold(shop: Shop, item: str) -> None:
    first = _move(shop, item, 500).refusals[0].hold_id
    shop.pass_time(days=10)
    second = _move(shop, item, 500).refusals[0].hold_id
    assert first == second
    (hold,) = rows(shop, Hold)
    assert hold.expires_at == shop.clock.now() + timedelta(days=30)
    assert [event.type for event in rows(shop, OutboxEvent)].count("HOLD_PLACED") == 1


def test_asking_for_another_amount_places_another_hold(shop: Shop, item: str) -> None:
    """Who looks at the old one, and releases it, has not seen the new amount."""
    first = _move(shop, item, 500).refusals[0].hold_id
    second = _move(shop, item, 600).refusals[0].hold_id
    assert first != second and _holds(shop) == {"ITEM_HEAVY": ["SUPERSEDED", "OPEN"]}
    late = shop.run("hold_release", id=str(first), reason="for 500")
    assert [found.code for found in late.refusals] == ["HOLD_DECIDED"] and _quantity(shop) == 1
    assert [row.evidence for row in rows(shop, Hold)] == [{"quantity": 500}, {"quantity": 600}]
    assert shop.run("hold_release", id=str(second), reason="for 600").done and _quantity(shop) == 600
    assert [event.type for event in rows(shop, OutboxEvent)].count("HOLD_PLACED") == 2


def test_a_subject_that_passes_otherwise_settles_its_holds(shop: Shop, item: str) -> None:
    _move(shop, item, 500)
    assert _move(shop, item, 50).done
    assert _holds(shop) == {"ITEM_HEAVY": ["SUPERSEDED"]}


def test_rejecting_leaves_the_command_undone(shop: Shop, item: str) -> None:
    _move(shop, item, 500)
    (hold,) = rows(shop, Hold)
    assert shop.run("hold_reject", id=str(hold.id), reason="too much").done
    assert (_quantity(shop), _holds(shop)) == (1, {"ITEM_HEAVY": ["REJECTED"]})
    for name in ("hold_release", "hold_reject"):
        again = shop.run(name, id=str(hold.id), reason="once more")
        assert [found.code for found in again.refusals] == ["HOLD_DECIDED"]
    assert _move(shop, item, 500).refusals[0].hold_id != hold.id


def test_a_hold_lapses(shop: Shop, item: str) -> None:
    _move(shop, item, 500)
    (hold,) = rows(shop, Hold)
    shop.pass_time(days=31)
    late = shop.run("hold_release", id=str(hold.id), reason="late")
    assert [(found.code, found.message) for found in late.refusals] == [("HOLD_DECIDED", "This hold is lapsed.")]
    with shop.writing() as ctx:
        shop.scope.composition.jobs["kernel.lapse_holds"][0].function(ctx)
    (hold,) = rows(shop, Hold)
    assert (hold.status.name, hold.reason) == ("SUPERSEDED", "lapsed")


def test_a_release_does_not_last_for_ever(shop: Shop, item: str, behaviour: Behaviour) -> None:
    _move(shop, item, 500)
    (hold,) = rows(shop, Hold)
    shop.run("hold_release", id=str(hold.id), reason="ok")
    shop.pass_time(days=31)
    assert [found.code for found in _move(shop, item, 500).refusals] == ["ITEM_HEAVY"]


def test_releasing_takes_the_right_that_the_code_names(shop: Shop, item: str, behaviour: Behaviour) -> None:
    behaviour["shelf_before_move"] = _odd
    _move(shop, item, 501)
    by_code = {hold.code: str(hold.id) for hold in rows(shop, Hold)}
    releaser = shop.acting_with("shelf.release", "kernel.holds")
    with pytest.raises(Forbidden, match=r"shelf\.approve"):
        releaser.run("hold_release", id=by_code["ITEM_ODD"], reason="ok")
    with pytest.raises(Forbidden, match=r"shelf\.approve"):
        releaser.run("hold_reject", id=by_code["ITEM_ODD"], reason="ok")
    assert releaser.run("hold_release", id=by_code["ITEM_HEAVY"], reason="ok").done
    with pytest.raises(NotFound):
        releaser.run("hold_release", id=str(new_id()), reason="ok")


def test_a_tenant_may_ask_for_four_eyes(shop: Shop, item: str) -> None:
    shop.set("kernel.hold_self_release", "false")
    both = ("shelf.edit", "shelf.release")
    asker = shop.acting_with(*both, id=UUID(int=42))
    asker.run("item_move", id=item, quantity=500)
    (hold,) = rows(shop, Hold)
    own = asker.run("hold_release", id=str(hold.id), reason="mine")
    assert [found.code for found in own.refusals] == ["HOLD_SELF_RELEASE"]
    assert shop.acting_with(*both).run("hold_release", id=str(hold.id), reason="theirs").done
    assert _quantity(shop) == 500


def test_a_code_without_a_release_makes_no_hold(shop: Shop, item: str, behaviour: Behaviour) -> None:
    behaviour["shelf_before_move"] = lambda *_: Refusal(LABEL_MISSING, "No label.", level=Level.APPROVE)
    result = _move(shop, item, 5)
    assert [(found.code, found.hold_id) for found in result.refusals] == [("LABEL_MISSING", None)]
    assert rows(shop, Hold) == []


def test_a_warning_only_tells(shop: Shop, item: str, behaviour: Behaviour) -> None:
    behaviour["shelf_before_move"] = lambda *_: Refusal(LABEL_MISSING, "No label.", level=Level.WARN)
    result = _move(shop, item, 5)
    assert (result.done, [found.code for found in result.warnings]) == (True, ["LABEL_MISSING"])


def test_a_repeated_release_replays(shop: Shop, item: str) -> None:
    _move(shop, item, 500)
    (hold,) = rows(shop, Hold)
    first = shop.run("hold_release", key="r", id=str(hold.id), reason="ok")
    again = shop.run("hold_release", key="r", id=str(hold.id), reason="ok")
    assert again.replayed
    assert (again.values, again.refusals) == (first.values, first.refusals)
    assert [event.type for event in rows(shop, OutboxEvent)].count("ITEM_MOVED") == 1


def test_rechecking_waives_nothing(shop: Shop, item: str, behaviour: Behaviour) -> None:
    behaviour["shelf_before_move"] = _odd
    _move(shop, item, 3)
    (hold,) = rows(shop, Hold)
    refused = shop.run("hold_recheck", id=str(hold.id))
    assert [(found.code, found.hold_id) for found in refused.refusals] == [("ITEM_ODD", hold.id)]
    assert (_quantity(shop), _holds(shop)) == (1, {"ITEM_ODD": ["OPEN"]})
    behaviour.clear()
    assert shop.run("hold_recheck", id=str(hold.id)).refusals == ()
    assert (_quantity(shop), _holds(shop)) == (3, {"ITEM_ODD": ["SUPERSEDED"]})
    assert [found.code for found in shop.run("hold_recheck", id=str(hold.id)).refusals] == ["HOLD_DECIDED"]


def test_who_may_neither_run_the_command_nor_decide_may_not_recheck(shop: Shop, item: str) -> None:
    _move(shop, item, 500)
    (hold,) = rows(shop, Hold)
    with pytest.raises(Forbidden):
        shop.acting_with("shelf.read").run("hold_recheck", id=str(hold.id))


def test_a_refusal_may_name_who_releases_it(shop: Shop, item: str, behaviour: Behaviour) -> None:
    wanted = ["shelf.move"]

    def large(ctx: Any, item: Any, quantity: int) -> Refusal:
        return Refusal(ITEM_ODD, "Large.", level=Level.APPROVE, release=wanted[0])

    behaviour["shelf_before_move"] = large
    _move(shop, item, 3)
    (hold,) = rows(shop, Hold)
    assert hold.permission == "shelf.move"
    assert shop.run("hold_release", id=str(hold.id), reason="ok").refusals == ()
    wanted[0] = "shelf.release"  # the same item and quantity, but somebody else must agree now
    assert [found.code for found in _move(shop, item, 3).refusals] == ["ITEM_ODD"]


def test_where_two_must_agree_nobody_releases_his_own_hold(shop: Shop, item: str, behaviour: Behaviour) -> None:
    behaviour["shelf_before_move"] = lambda *_: Refusal(ITEM_VALUABLE, "Gold.", level=Level.APPROVE)
    _move(shop, item, 3)
    (hold,) = rows(shop, Hold)
    own = shop.run("hold_release", id=str(hold.id), reason="mine")
    assert [found.code for found in own.refusals] == ["HOLD_SELF_RELEASE"]
    assert shop.acting_with("shelf.release").run("hold_release", id=str(hold.id), reason="ok").refusals == ()
    assert _quantity(shop) == 3
