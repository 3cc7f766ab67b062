"""A bad module hurts only itself: whatever it does in a hook, the rest stays exact and it is named.

The module acme_fault is a third party's: written to a folder, found by its entry point, enabled beside ours.
"""

from __future__ import annotations

import gc
import importlib
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text

from huikuan import Refusal
from huikuan.bus import Deadlines
from huikuan.core.hookspecs import kernel_invariants
from huikuan.core.models import DeliveryState
from huikuan.db import LockKey
from huikuan.ids import new_id
from huikuan.invariants import run_checks
from huikuan_orders.models import Order, OrderTransition
from tests.reliability.served import Server, Site
from tests.reliability.victim import CHANGE, LOCKS, REACTION, VETO, Behaviour, Fault, Victim

pytestmark = pytest.mark.usefixtures("quiet_log")


@pytest.fixture
def victim(site: Site, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch) -> Victim:
    """The module fails often here; that it would be paused for a while is another rule."""
    monkeypatch.setattr(site.scope().composition.bus._breaker, "limit", 1_000)
    return Victim(site, behaviour)


# --- crashes ------------------------------------------------------------------------------------


def _crash(ctx: Any, *_: Any) -> None:
    raise OSError("/etc/secret: SELECT password FROM kernel_login")


def _recurse(*arguments: Any) -> Any:
    return _recurse(*arguments)


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _devour(*_: Any) -> None:
    held = [b"x" * (100 << 20)]
    held.append(bytes(1 << 62))


CRASHES: dict[str, Fault] = {
    "raises": _crash,
    "exits": lambda *_: sys.exit(3),
    "recurses": _recurse,
    "interrupts": _interrupt,
    "takes all memory": _devour,
}


def test_a_crash_fails_its_command_alone(victim: Victim) -> None:
    before = _resident()
    for name, crash in CRASHES.items():
        for error in victim.suffers(name, crash):
            assert "secret" not in str(error)
    gc.collect()
    assert _resident() - before < 50 << 20, "memory is given back"
    victim.goes_on()


def _resident() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096


def test_a_hook_over_its_deadline_fails_its_command(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(victim.site.scope().composition.bus, "_deadlines", Deadlines(0.1, 0.3))
    victim.suffers("sleeps", lambda *_: time.sleep(0.31))
    victim.goes_on()


# --- reaching for the transaction ---------------------------------------------------------------


def _text(session: Any) -> None:
    session.execute(text("UPDATE orders_order SET status = 'DONE'"))


def _driver(session: Any) -> None:
    session.get_bind().exec_driver_sql("UPDATE orders_order SET status = 'DONE'")


def _foreign_rows(session: Any) -> None:
    session.get_bind().execute(select(Order.__table__)).all()


REACHES: dict[str, Callable[[Any], Any]] = {
    "commit": lambda session: session.commit(),
    "rollback": lambda session: session.rollback(),
    "close": lambda session: session.close(),
    "commit of the connection": lambda session: session.get_bind().get_transaction().commit(),
    "rollback of the connection": lambda session: session.get_bind().get_transaction().rollback(),
    "text SQL": _text,
    "driver SQL": _driver,
    "rows of every tenant": _foreign_rows,
}


def test_the_transaction_is_out_of_reach(victim: Victim) -> None:
    for name, reach in REACHES.items():
        victim.suffers(name, _meddling(reach))
    victim.goes_on()


def _meddling(reach: Callable[[Any], Any]) -> Fault:
    def meddle(ctx: Any, *_: Any) -> None:
        for order in ctx.scalars(select(Order)):
            order.notes = "meddled with"
        ctx.flush()
        reach(ctx._session)

    return meddle


def test_another_tenant_is_out_of_reach(victim: Victim) -> None:
    theirs = victim.site.scope("rival").tenant.id
    seen: list[Any] = []

    def pry(ctx: Any, *_: Any) -> None:
        seen.extend(ctx.scalars(select(Order).where(Order.tenant_id == theirs)))
        row = ctx.scalars(select(Order))[0]
        row.tenant_id = theirs
        ctx.flush()

    before = victim.site.state("rival")
    victim.rival_goes_on = lambda: None  # type: ignore[method-assign]
    victim.suffers("pries", pry)
    victim.goes_on()
    assert seen == []
    assert victim.site.state("rival") == before


# --- rubbish ------------------------------------------------------------------------------------

RUBBISH: dict[str, tuple[str, Callable[[], Any]]] = {
    "locks: number": (LOCKS, lambda: 7),
    "locks: object": (LOCKS, lambda: [object()]),
    "locks: rank": (LOCKS, lambda: [LockKey("first", Order, new_id())]),  # type: ignore[arg-type]
    "locks: no table": (LOCKS, lambda: [LockKey(20, str, new_id())]),  # type: ignore[arg-type]
    "locks: id": (LOCKS, lambda: [LockKey(20, Order, "x")]),  # type: ignore[arg-type]
    "veto: yes": (VETO, lambda: True),
    "veto: text": (VETO, lambda: "no"),
    "veto: list": (VETO, lambda: ["no"]),
    "veto: unknown code": (VETO, lambda: Refusal("NOBODY_DECLARED_THIS", "No.")),
    "veto: data": (VETO, lambda: Refusal("ACME_FAULT_NO", "No.", thing=object())),
    "veto: message": (VETO, lambda: Refusal("ACME_FAULT_NO", 7)),  # type: ignore[arg-type]
    "change: number": (CHANGE, lambda: 7),
    "reaction: number": (REACTION, lambda: 7),
}


def test_a_rubbish_answer_fails_its_command_alone(victim: Victim) -> None:
    for name, (hook, make) in RUBBISH.items():
        victim.suffers(name, lambda *_, make=make: make(), hooks=(hook,))
    for price in (9.99, "9.99", object()):
        victim.suffers("prices", lambda _, line, price=price: replace(line, unit_price=price), hooks=(CHANGE,))
    victim.goes_on()


def test_an_impossible_price_is_not_taken(victim: Victim) -> None:
    for price in (Decimal("NaN"), Decimal(-1), Decimal("1e30")):
        with victim.misbehaving(CHANGE, lambda _, line, price=price: replace(line, unit_price=price)):
            answer = victim.send(CHANGE)
        assert answer["data"]["orderCreate"] == {"order": None, "refusals": [{"code": "ORDERS_PRICE_INVALID"}]}
    assert victim.site.count(Order) == 1
    victim.goes_on()


# --- other doors --------------------------------------------------------------------------------

FIELD = "query($id: ID!) { order(id: $id) { number acmeFault } }"
MARK = """mutation($order: ID!, $text: String!) { acmeFaultMark(order: {id: $order}, text: $text) { text } }"""


def test_a_bad_subscriber_leaves_the_order_confirmed(victim: Victim, behaviour: Behaviour) -> None:
    faults = {**CRASHES, **{name: _reaching(reach) for name, reach in REACHES.items()}}
    for number, (name, fault) in enumerate(faults.items(), 1):
        behaviour["note_confirmed"] = _marking_then(fault)
        order = victim.caller.draft()
        assert victim.caller.confirm(order)["data"]["orderConfirm"]["order"]["status"] == "CONFIRMED"
        victim.work()
        failed = victim.deliveries()
        assert len(failed) == number
        assert all(row.state is DeliveryState.PENDING and row.attempts and row.error for row in failed), name
        assert victim.site.count(OrderTransition) == number
    assert victim.marks() == []
    victim.rival_goes_on()
    behaviour["note_confirmed"] = _marking_then(lambda *_: None)
    with victim.site.kernel.reading(victim.site.scope()) as ctx:
        assert {row.consumer for row in failed} == {"acme_fault.note_confirmed:ORDER_CONFIRMED"}
        assert not [found for found in run_checks(ctx, ctx.collect(kernel_invariants)) if not found.holds]


def _reaching(reach: Callable[[Any], Any]) -> Fault:
    return lambda ctx, _event: reach(ctx._session)


def _marking_then(fault: Fault) -> Fault:
    """A subscriber that writes before it goes wrong."""
    mark = importlib.import_module("acme_fault.models").Mark

    def consume(ctx: Any, event: Any) -> None:
        ctx.add(mark(order_id=event.order_id, text="stays not"))
        ctx.flush()
        fault(ctx, event)

    return consume


def test_a_crash_in_a_field_or_a_command_of_its_own_is_named(victim: Victim, behaviour: Behaviour) -> None:
    before = victim.site.state()
    for name, crash in CRASHES.items():
        behaviour["acme_fault"] = behaviour["acme_fault_mark"] = crash
        field = victim.caller.post(FIELD, {"id": victim.order})
        command = victim.caller.post(MARK, {"order": victim.order, "text": "stays not"})
        for answer in (field, command):
            assert answer.status_code == 200, name
            [error] = answer.json()["errors"]
            assert error["extensions"]["module"] == "acme_fault", f"{name}: {error}"
            assert "secret" not in answer.text
    assert victim.site.state() == before
    victim.rival_goes_on()
    victim.goes_on()


def test_a_waiting_hook_holds_up_nobody_else(victim: Victim, monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    if server.kernel.database.dialect == "sqlite":
        pytest.skip("SQLite has one writer: others wait for it, and are told to send again after 5 s")
    monkeypatch.setattr(victim.site.scope().composition.bus, "_deadlines", Deadlines(30, 60))
    inside, go = threading.Event(), threading.Event()

    def wait(*_: Any) -> None:
        inside.set()
        go.wait(20)

    with victim.misbehaving(REACTION, wait), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(victim.send, REACTION)
        assert inside.wait(20)
        assert victim.rival.confirm(victim.rivals_order)["data"]["orderConfirm"]["order"]["status"] == "CONFIRMED"
        assert victim.caller.draft(), "nor other orders of the same tenant"
        assert not waiting.done()
        go.set()
        assert waiting.result()["data"]["orderConfirm"]["order"]["status"] == "CONFIRMED"
