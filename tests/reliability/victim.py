"""A tenant whose partner module misbehaves, and how to see that nobody else suffers."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from huikuan.core.models import Delivery
from huikuan.ids import new_id
from huikuan.jobs.worker import Worker
from huikuan_orders.models import OrderTransition
from tests.reliability.partner import HOOKS, VERSION
from tests.reliability.served import CONFIRM, CREATE, Site, order_input

Behaviour = dict[str, Callable[..., Any]]
Fault = Callable[..., Any]
LOCKS, VETO, CHANGE, REACTION = HOOKS


class Victim:
    """A tenant whose partner module misbehaves, with another tenant beside it."""

    def __init__(self, site: Site, behaviour: Behaviour) -> None:
        self.site, self.behaviour = site, behaviour
        self.caller, self.rival = site.caller(), site.caller("rival")
        self.order, self.rivals_order = self.caller.draft(), self.rival.draft()

    def send(self, hook: str) -> dict[str, Any]:
        """The answer to a command that calls this hook."""
        if hook == CHANGE:
            return dict(self.caller.post(CREATE, {"input": order_input(), "key": new_id().hex}).json())
        return dict(self.caller.post(CONFIRM, {"id": self.order, "key": new_id().hex}).json())

    def suffers(self, what: str, fault: Fault, *, hooks: tuple[str, ...] = HOOKS) -> list[dict[str, Any]]:
        """Each hook in turn does this: the command fails, says whose fault it is, leaves nothing; others go on."""
        before = self.site.state()
        errors = []
        for hook in hooks:
            with self.misbehaving(hook, fault):
                answer = self.send(hook)
            [error] = answer.get("errors") or [None]
            assert error, f"{hook} {what}, and passed"
            assert error["message"] == f"acme_fault {VERSION} failed in {hook}.", f"{hook} {what}"
            named = {name: error["extensions"][name] for name in ("code", "module", "version", "hook")}
            assert named == {"code": "MODULE_FAILED", "module": "acme_fault", "version": VERSION, "hook": hook}
            errors.append(error)
            assert self.site.state() == before, f"{hook} {what}, and left something"
            self.rival_goes_on()
        return errors

    @contextmanager
    def misbehaving(self, hook: str, fault: Fault) -> Iterator[None]:
        """Only for this tenant: the module is enabled for the other one too."""
        mine = self.site.scope().tenant.id
        self.behaviour[hook] = lambda ctx, *rest: fault(ctx, *rest) if ctx.tenant.id == mine else None
        try:
            yield
        finally:
            del self.behaviour[hook]

    def deliveries(self) -> list[Any]:
        """Deliveries to the partner's subscriber, of this tenant."""
        return self.rows(select(Delivery).where(Delivery.consumer.startswith("acme_fault")))

    def marks(self) -> list[Any]:
        return self.rows(select(importlib.import_module("acme_fault.models").Mark))

    def rows(self, statement: Any) -> list[Any]:
        with self.site.kernel.reading(self.site.scope()) as ctx:
            return list(ctx.scalars(statement))

    def work(self) -> None:
        """Let a worker deliver, on a thread as inside the server: who raises KeyboardInterrupt there is no user."""
        with ThreadPoolExecutor(1) as pool:
            pool.submit(Worker(self.site.kernel).run_until_idle).result()

    def rival_goes_on(self) -> None:
        assert self.rival.draft()

    def goes_on(self) -> None:
        """Once the module behaves, everything works."""
        payload = self.caller.confirm(self.order)["data"]["orderConfirm"]
        assert payload["refusals"] == []
        assert payload["order"]["status"] == "CONFIRMED"
        assert self.site.count(OrderTransition) == 1
