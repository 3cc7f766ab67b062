"""The shop: one tenant with its modules on a real database, for tests.

``shop = app_with("orders")`` gives a kernel with the module and what it requires; the test runs once
on SQLite and once on PostgreSQL.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from huikuan.actor import Actor, ActorKind
from huikuan.auth.keys import KeyRing
from huikuan.bus import Deadlines
from huikuan.catalog import ModuleCatalog
from huikuan.clock import FixedClock
from huikuan.commands import Command
from huikuan.context import Context
from huikuan.core.hookspecs import kernel_invariants
from huikuan.db import Database
from huikuan.graphql import execute
from huikuan.ids import new_id
from huikuan.invariants import CheckResult, run_checks
from huikuan.jobs.worker import Worker, WorkReport
from huikuan.kernel import Kernel
from huikuan.runner import CommandResult, Scope
from huikuan.testing.documents import mutation_document

__all__ = ["START", "Answer", "Shop", "make_shop", "need", "open_shop"]

PATIENT = Deadlines(hard=60.0)
"""Rules are tested here, not the speed of the machine; what a slow hook meets has tests of its own."""

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """What a mutation answered: ``data`` of its payload, or GraphQL errors."""

    name: str
    response: Mapping[str, Any]

    @property
    def errors(self) -> list[dict[str, Any]]:
        return list(self.response.get("errors") or [])

    @property
    def payload(self) -> dict[str, Any]:
        """The payload; fails with the errors when there is none."""
        assert not self.errors, self.errors
        found: dict[str, Any] = self.response["data"][self.name]
        return found

    @property
    def codes(self) -> list[str]:
        """The codes of its refusals."""
        return [item["code"] for item in self.payload["refusals"]]

    @property
    def warnings(self) -> list[str]:
        """The codes of its warnings."""
        return [item["code"] for item in self.payload["warnings"]]

    def refused(self, *codes: str) -> bool:
        """Whether it was refused, with exactly these codes if any are given."""
        return bool(self.codes) and (not codes or sorted(codes) == sorted(self.codes))

    def failed(self, code: str) -> bool:
        """Whether it ended in a GraphQL error with this code."""
        return any(error.get("extensions", {}).get("code") == code for error in self.errors)

    def __getitem__(self, field: str) -> Any:
        """A payload field of a mutation that was not refused."""
        assert not self.codes, self.payload["refusals"]
        return self.payload[field]


class Shop:
    """One tenant and whoever acts in it; see the module docstring."""

    def __init__(self, kernel: Kernel, tenant: str, clock: FixedClock, actor: Actor | None = None) -> None:
        self.kernel = kernel
        self.tenant = tenant
        self.clock = clock
        self._actor = actor

    @property
    def scope(self) -> Scope:
        """The scope of the next request: modules and rights are read anew."""
        actor = self._actor or Actor(ActorKind.USER, UUID(int=7), "tester", all_permissions=True)
        return self.kernel.scope(self.tenant, actor=actor, request_id="test")

    @property
    def dialect(self) -> str:
        return self.kernel.database.dialect

    def acting_with(self, *permissions: str, id: UUID | None = None) -> Shop:
        """The same shop, as somebody who holds just these permissions."""
        actor = Actor(ActorKind.USER, id or new_id(), "somebody", frozenset(permissions))
        return Shop(self.kernel, self.tenant, self.clock, actor)

    def other_tenant(self, *modules: str, slug: str = "other") -> Shop:
        """A second tenant in the same process."""
        _create_tenant(self.kernel, slug, modules)
        return Shop(self.kernel, slug, self.clock, self._actor)

    def execute(self, document: str, /, *, key: str | None = None, **variables: Any) -> dict[str, Any]:
        """Run a GraphQL document; returns the whole response."""
        request = self.kernel.request(self.scope, idempotency_key=key)
        try:
            return dict(execute(request, document, _plain(variables)))
        finally:
            request.close()

    def query(self, document: str, /, **variables: Any) -> dict[str, Any]:
        """Run a query that must succeed; returns its data."""
        response = self.execute(document, **variables)
        assert not response.get("errors"), response["errors"]
        data: dict[str, Any] = response["data"]
        return data

    def mutate(self, name: str, /, *, select: str = "", key: str | None = None, **arguments: Any) -> Answer:
        """Send one mutation by its GraphQL name; ``select`` adds to what is read of the payload.

        An idempotency key is made up unless one is given.
        """
        document = mutation_document(self.scope.composition.schema.core, name, arguments, select)
        variables = {**_plain(arguments), "idempotencyKey": key or str(new_id())}
        return Answer(name, self.execute(document, **variables))

    def run(self, command: Command[..., Any] | str, /, *, key: str | None = None, **arguments: Any) -> CommandResult:
        """Run a command without GraphQL."""
        return self.kernel.run(self.scope, command, arguments, key=key or str(new_id()))

    def work(self) -> WorkReport:
        """Relay events and run what is due, until nothing is left."""
        return Worker(self.kernel).run_until_idle()

    def suspend(self) -> None:
        """Nothing is done for this tenant any more: what other tenants wait for costs no work of it."""
        assert self.kernel.run(self.kernel.control_scope(), "tenant_suspend", {"tenant": self.tenant}).done

    def pass_time(self, **units: float) -> None:
        """Move the clock: ``shop.pass_time(days=3)``."""
        self.clock.advance(timedelta(**units))

    @contextmanager
    def reading(self, *, preview: bool = False) -> Iterator[Context]:
        """A read-only unit of work."""
        with self.kernel.reading(self.scope, preview=preview) as ctx:
            yield ctx

    @contextmanager
    def writing(self) -> Iterator[Context]:
        """A unit of work that commits what the test writes directly; rules are not asked."""
        from_scope = self.scope
        with self.kernel.database.command(from_scope.tenant.id, self.clock) as session:
            yield self.kernel.context(from_scope, session, "test")

    def check(self) -> list[CheckResult]:
        """Every invariant of the enabled modules that is broken."""
        with self.reading() as ctx:
            return [found for found in run_checks(ctx, ctx.collect(kernel_invariants)) if not found.holds]

    def enable(self, module: str) -> CommandResult:
        """Enable a module for the tenant."""
        return self.run("module_enable", module=module)

    def disable(self, module: str, **arguments: Any) -> CommandResult:
        """Disable a module for the tenant."""
        return self.run("module_disable", module=module, **arguments)

    def set(self, setting: str, value: str) -> CommandResult:
        """Change a setting of the tenant: ``shop.set("kernel.timezone", "Asia/Shanghai")``."""
        return self.kernel.run(self.scope, "setting_set", {"key": setting, "value": value})

    def __getattr__(self, name: str) -> Any:
        """Builders that modules ship in their testing.py: ``shop.orders``, ``shop.customers``."""
        if name.startswith("_"):
            raise AttributeError(name)
        for module in self.scope.composition.modules:
            if module.name in ("kernel",):
                continue
            try:
                found = importlib.import_module(f"{module.package}.testing")
            except ModuleNotFoundError as error:
                if error.name != f"{module.package}.testing":
                    raise
                continue
            if name in getattr(found, "builders", {}):
                builder = found.builders[name](self)
                self.__dict__[name] = builder
                return builder
        raise AttributeError(f"no enabled module ships a builder {name!r}")


def need(catalog: ModuleCatalog, *modules: str) -> None:
    """Skip the test where one of these modules is not installed: what is tested works without its partners."""
    missing = sorted(set(modules) - {module.name for module in catalog})
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed")


def make_shop(
    database: Database,
    catalog: ModuleCatalog,
    modules: tuple[str, ...],
    *,
    keys: KeyRing | None = None,
    slug: str = "shop",
) -> Shop:
    """A shop on a migrated database: the tenant ``shop`` with ``modules`` and what they require."""
    shop = open_shop(database, catalog, keys=keys, slug=slug)
    _create_tenant(shop.kernel, slug, modules)
    return shop


def open_shop(database: Database, catalog: ModuleCatalog, *, keys: KeyRing | None = None, slug: str = "shop") -> Shop:
    """The shop that stands in a database."""
    clock = FixedClock(START)
    kernel = Kernel(database, catalog, keys or KeyRing.generate(), clock=clock, hook_deadlines=PATIENT)
    return Shop(kernel, slug, clock)


def _create_tenant(kernel: Kernel, slug: str, modules: tuple[str, ...]) -> None:
    result = kernel.run(
        kernel.control_scope(),
        "tenant_create",
        {"slug": slug, "name": slug.title(), "modules": list(modules), "currency": "EUR"},
    )
    assert result.done, result.refusals


def _plain(value: Any) -> Any:
    """Variables as a client would send them: Decimal and UUID as strings, objects by their id."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
