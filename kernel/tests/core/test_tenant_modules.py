"""Modules per tenant: one transaction enables or disables, every process sees it at its next request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from huikuan import Refusal
from huikuan.actor import Actor
from huikuan.bus import Deadlines
from huikuan.catalog import ModuleCatalog
from huikuan.core.models import AuditEntry, ModuleState, OutboxEvent, Role, RolePermission, TenantModule
from huikuan.errors import SetupError
from huikuan.kernel import Kernel
from huikuan.testing.shop import Shop
from huikuan_label.errors import LABEL_MISSING
from huikuan_label.models import Label
from huikuan_shelf.models import Item
from kernel.tests.core.kit import at_once, catalog_of, counts, rows

Behaviour = dict[str, Callable[..., Any]]


def _states(shop: Shop) -> dict[str, str]:
    return {row.module: row.state.name for row in rows(shop, TenantModule)}


@pytest.fixture
def elsewhere(shop: Shop, modules: ModuleCatalog, signing_keys: Any) -> Shop:
    """The same tenant, through another kernel, as another process has it."""
    kernel = Kernel(shop.kernel.database, modules, signing_keys, clock=shop.clock)
    return Shop(kernel, shop.tenant, shop.clock)


def _names(shop: Shop) -> frozenset[str]:
    return shop.scope.composition.names


def test_enabling_is_seen_everywhere_at_the_next_request(shop: Shop, elsewhere: Shop) -> None:
    assert _names(elsewhere) == {"shelf", "label"}
    assert shop.enable("tag").values["modules"]
    assert _names(shop) == _names(elsewhere) == {"shelf", "label", "tag"}
    assert shop.disable("tag").done
    assert _names(shop) == _names(elsewhere) == {"shelf", "label"}
    assert elsewhere.run("item_add", code="still there").done


def test_enabling_brings_what_is_required(shop: Shop) -> None:
    shop.disable("shelf", with_dependants=True)
    assert _names(shop) == frozenset()
    assert shop.enable("label").done
    assert _names(shop) == {"shelf", "label"}
    types = [event.payload["module"] for event in rows(shop, OutboxEvent) if event.type == "MODULE_ENABLED"]
    assert types == ["shelf", "label"]


def test_disabling_is_refused_while_others_need_it(shop: Shop) -> None:
    before = counts(shop, TenantModule)
    refused = shop.disable("shelf")
    (reason,) = refused.refusals
    assert (reason.code, reason.message, reason.advice) == (
        "MODULE_NEEDED",
        "label needs shelf.",
        "Disable label first, or use withDependants.",
    )
    assert reason.data == {"dependants": ["label"]}
    assert _names(shop) == {"shelf", "label"}
    after = counts(shop, TenantModule)
    assert {name: after[name] - before[name] for name in after} == {
        "IdempotencyRecord": 1,
        "AuditEntry": 1,
        "Hold": 0,
        "OutboxEvent": 0,
        "TenantModule": 0,
    }
    assert shop.disable("shelf", with_dependants=True).done
    disabled = [event.payload["module"] for event in rows(shop, OutboxEvent) if event.type == "MODULE_DISABLED"]
    assert disabled == ["label", "shelf"]


def test_data_stays_and_comes_back(shop: Shop) -> None:
    id = shop.run("item_add", code="a", quantity=7).values["item"]
    shop.disable("shelf", with_dependants=True)
    with pytest.raises(SetupError, match="no enabled module has a command 'item_move'"):
        shop.run("item_move", id=id, quantity=8)
    assert shop.execute("{ items { nodes { code } } }")["errors"]
    shop.enable("shelf")
    assert shop.query("{ items { nodes { code quantity } } }") == {"items": {"nodes": [{"code": "a", "quantity": 7}]}}


def test_repeating_is_harmless(shop: Shop) -> None:
    assert shop.enable("shelf").values == {"modules": []}
    shop.disable("label")
    assert shop.disable("label").values == {"modules": []}
    unknown = shop.enable("gone")
    assert [found.code for found in unknown.refusals] == ["UNKNOWN_MODULE"]
    assert "installed are: label, shelf, tag" in unknown.refusals[0].message
    assert [found.code for found in shop.disable("gone").refusals] == ["UNKNOWN_MODULE"]


def test_a_running_command_ends_under_the_modules_it_began_with(shop: Shop, behaviour: Behaviour) -> None:
    if shop.dialect == "sqlite":
        pytest.skip("one writer at a time: nothing is disabled while a command runs")
    id = shop.run("item_add", code="a").values["item"]
    inside, go = threading.Event(), threading.Event()

    def slow(ctx: Any, item: Any) -> None:
        inside.set()
        assert go.wait(timeout=10)
        ctx.add(Label(item_id=item.id, text="after it was disabled"))

    behaviour["shelf_after_move"] = slow

    def disable() -> Any:
        assert inside.wait(timeout=10)
        try:
            return shop.disable("label")
        finally:
            go.set()

    moved, disabled = at_once([lambda: shop.run("item_move", id=id, quantity=5), disable])
    assert not isinstance(moved, BaseException), moved
    assert not isinstance(disabled, BaseException), disabled
    assert (moved.done, disabled.done) == (True, True)
    assert _names(shop) == {"shelf"}
    assert len(rows(shop, Label)) == 1
    behaviour.clear()
    assert shop.run("item_move", id=id, quantity=6).done


def test_enabling_and_disabling_at_once_leave_a_whole_set(shop: Shop) -> None:
    shop.disable("label")
    found = at_once([lambda: shop.enable("label"), lambda: shop.disable("shelf", with_dependants=True)] * 4)
    assert not [error for error in found if isinstance(error, SetupError)], found
    names = {module for module, state in _states(shop).items() if state != "DISABLED"}
    assert names in ({"shelf", "label"}, set(), {"shelf"})
    assert _names(shop) == names


def test_a_module_reads_the_history_before_it_has_a_say(shop: Shop, elsewhere: Shop, behaviour: Behaviour) -> None:
    shop.disable("label")
    id = shop.run("item_add", code="a").values["item"]
    asked: list[str] = []
    behaviour["kernel_module_enabled"] = lambda ctx, module: asked.append(module)
    behaviour["shelf_before_move"] = lambda *_: Refusal(LABEL_MISSING, "No label.")
    shop.enable("label")
    assert _states(shop)["label"] == ModuleState.ENABLING.name
    for process in (shop, elsewhere):
        refused = process.run("item_move", id=id, quantity=5)
        assert [(found.code, found.module) for found in refused.refusals] == [("MODULE_PREPARING", "label")]
    _prepare(shop)
    assert asked == ["label"]
    assert _states(shop)["label"] == ModuleState.ENABLED.name
    for process in (shop, elsewhere):
        refused = process.run("item_move", id=id, quantity=5)
        assert [found.code for found in refused.refusals] == ["LABEL_MISSING"]


def test_reading_the_history_may_take_longer_than_other_hooks(
    shop: Shop, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.disable("label")
    behaviour["kernel_module_enabled"] = lambda ctx, module: time.sleep(0.05)
    shop.enable("label")
    monkeypatch.setattr(shop.scope.composition.bus, "_deadlines", Deadlines(0.01, 0.03))
    _prepare(shop)
    assert _states(shop)["label"] == ModuleState.ENABLED.name


def _prepare(shop: Shop, module: str = "label") -> None:
    with shop.writing() as ctx:
        shop.scope.composition.jobs["kernel.prepare_module"][0].function(ctx, module=module)


def test_preparing_that_fails_leaves_the_module_without_a_say(shop: Shop, behaviour: Behaviour) -> None:
    shop.disable("label")
    behaviour["kernel_module_enabled"] = lambda ctx, module: 1 / 0
    shop.enable("label")
    with pytest.raises(Exception, match="label 0 failed in hook kernel_module_enabled"):
        _prepare(shop)
    assert _states(shop)["label"] == ModuleState.ENABLING.name


def test_a_new_tenant_has_no_history_to_read(shop: Shop) -> None:
    assert _states(shop) == {"shelf": "ENABLED", "label": "ENABLED"}


def test_a_module_whose_check_fails_does_not_take_part(shop: Shop, behaviour: Behaviour) -> None:
    """shelf says no quantity is below zero; as long as one is, it is not ready."""
    with shop.writing() as ctx:
        ctx.add(Item(code="wrong", quantity=-1))
        row = ctx.find(TenantModule, module="shelf")
        assert row is not None
        row.state = ModuleState.ENABLING
    with pytest.raises(SetupError, match=r"does not agree with it: shelf\.quantity"):
        _prepare(shop, "shelf")
    assert _states(shop)["shelf"] == "ENABLING"


def _granted(shop: Shop) -> dict[str, set[str]]:
    names = {role.id: role.name for role in rows(shop, Role)}
    found: dict[str, set[str]] = {name: set() for name in names.values()}
    for row in rows(shop, RolePermission):
        found[names[row.role_id]].add(row.permission)
    return found


def test_a_module_brings_its_roles(shop: Shop) -> None:
    granted = _granted(shop)
    assert granted["keeper"] == {"shelf.read", "shelf.edit", "label.read"}
    assert granted["warden"] == {"shelf.read", "shelf.release", "shelf.approve"}
    assert {"kernel.users", "shelf.read", "shelf.approve", "label.read"} <= granted["admin"]
    assert not any("kernel.operate" in permissions for permissions in granted.values())
    assert "tag.read" not in granted["admin"]
    shop.enable("tag")
    assert "tag.read" in _granted(shop)["admin"]


def test_what_a_tenant_took_from_a_role_stays_taken(shop: Shop) -> None:
    (keeper,) = [role for role in rows(shop, Role) if role.name == "keeper"]
    shop.run("role_update", id=str(keeper.id), permissions=["shelf.read"])
    shop.enable("tag")
    assert _granted(shop)["keeper"] == {"shelf.read"}


def test_a_role_of_the_tenant_s_own_gets_nothing_by_its_name(shop: Shop) -> None:
    plain = shop.other_tenant(slug=f"{shop.tenant}-plain")
    plain.run("role_create", name="keeper", permissions=["kernel.holds"])
    plain.enable("shelf")
    assert _granted(plain)["keeper"] == {"kernel.holds"}


def test_a_module_that_is_no_longer_installed_is_left_out_with_what_needs_it(shop: Shop, signing_keys: Any) -> None:
    shop.enable("tag")
    without = Kernel(shop.kernel.database, catalog_of("huikuan_tag"), signing_keys, clock=shop.clock)
    left = Shop(without, shop.tenant, shop.clock)
    assert _names(left) == {"tag"}
    assert left.query("{ me { modules } }") == {"me": {"modules": ["tag"]}}
    assert _names(shop) == {"shelf", "label", "tag"}


def test_the_control_plane_does_it_for_a_tenant(shop: Shop) -> None:
    control = shop.kernel.control_scope()
    run = shop.kernel.run
    refused = run(control, "tenant_module_disable", {"tenant": shop.tenant, "module": "shelf"})
    assert [found.code for found in refused.refusals] == ["MODULE_NEEDED"]
    done = run(control, "tenant_module_enable", {"tenant": shop.tenant, "module": "tag"})
    assert done.values["tenant"]["modules"] == ["label", "shelf", "tag"]
    arguments = {"tenant": shop.tenant, "module": "shelf", "with_dependants": True}
    assert run(control, "tenant_module_disable", arguments).values["tenant"]["modules"] == ["tag"]
    assert _names(shop) == {"tag"}


def test_settings_are_read_anew_everywhere(shop: Shop, elsewhere: Shop) -> None:
    id = shop.run("item_add", code="a").values["item"]
    assert elsewhere.run("item_move", id=id, quantity=150).refusals
    shop.set("shelf.limit", "200")
    assert elsewhere.run("item_move", id=id, quantity=150).done


def test_the_business_day_is_the_tenant_s(shop: Shop) -> None:
    shop.clock.advance(shop.clock.now().replace(hour=22) - shop.clock.now())
    shop.set("kernel.timezone", "Asia/Shanghai")
    with shop.reading() as ctx:
        assert (ctx.now.day, ctx.today.day) == (5, 6)


def test_who_did_it_is_audited(shop: Shop) -> None:
    shop.enable("tag")
    row = rows(shop, AuditEntry)[-1]
    assert (row.command, row.input, row.actor_name) == ("module_enable", {"module": "tag"}, "tester")
    assert Actor.system().may("kernel.modules")
