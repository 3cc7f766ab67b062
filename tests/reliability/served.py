"""Tenants of a kernel served by uvicorn, and clients that behave as docs/graphql.md asks them to."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import httpx
from sqlalchemy import func, select

from huikuan.actor import Actor, ActorKind
from huikuan.auth.keys import KeyRing
from huikuan.auth.tokens import AccessClaims, CallerKind, issue_access
from huikuan.catalog import ModuleCatalog
from huikuan.core.directory import Login, Membership, Tenant
from huikuan.db import Database, TenantModel
from huikuan.kernel import Kernel
from huikuan.runner import Scope
from huikuan.settings import Settings
from huikuan.web.app import create_app
from kernel.tests.web.servers import serving
from tests.isolation.canaries import fingerprint

__all__ = ["AGAIN", "Caller", "Server", "Site", "at_once", "claims_of", "codes", "open_site", "order_input", "serve"]

T = TypeVar("T")
CLIENTS = 20
PASSWORD = "correct horse battery staple"
SETUP = Actor(ActorKind.USER, UUID(int=7), "setup", all_permissions=True)
AGAIN = frozenset({"OVERLOADED", "TIMEOUT", "CONCURRENT", "IN_FLIGHT"})
"""Codes and reasons after which a client sends the same request again."""

CREATE = """mutation($input: OrderCreateInput!, $key: String) {
  orderCreate(input: $input, idempotencyKey: $key) { order { id number status } refusals { code } }
}"""
CONFIRM = """mutation($id: ID!, $key: String) {
  orderConfirm(id: $id, idempotencyKey: $key) { order { id status version } refusals { code } }
}"""


def order_input(quantity: str = "1", *, customer: str = "C1", **more: Any) -> dict[str, Any]:
    """An order of one line, at the list price of 100."""
    line = {"sku": "A1", "quantity": quantity}
    return {"customer": {"code": customer}, "currency": "EUR", "lines": [line], **more}


def at_once(calls: Sequence[Callable[[], T]], threads: int = CLIENTS) -> list[T]:
    """The results of calls that run at the same time."""
    with ThreadPoolExecutor(threads) as pool:
        return [found.result() for found in [pool.submit(call) for call in calls]]


class Caller:
    """One user of one tenant, over HTTP."""

    def __init__(self, url: str, token: str | None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=CLIENTS)
        self.http = httpx.Client(base_url=url, headers=headers, timeout=30, limits=limits)

    def post(
        self, document: str, variables: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """One request, sent once."""
        body = {"query": document, "variables": dict(variables or {})}
        return self.http.post("/graphql", json=body, headers=dict(headers or {}))

    def ask(self, document: str, *, headers: Mapping[str, str] | None = None, **variables: Any) -> dict[str, Any]:
        """The answer, after as many repeats as it takes to be told something else than "send it again"."""
        deadline = time.monotonic() + 60
        while True:
            answer: dict[str, Any] = self.post(document, variables, headers).json()
            if not codes(answer) & AGAIN or time.monotonic() > deadline:
                return answer
            time.sleep(0.05)

    def send(self, document: str, *, headers: Mapping[str, str] | None = None, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = self.ask(document, headers=headers, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def create(self, key: str | None = None, **more: Any) -> dict[str, Any]:
        """The whole answer to orderCreate."""
        return self.ask(CREATE, input=order_input(**more), key=key)

    def draft(self, **more: Any) -> str:
        """The id of a new order."""
        return str(self.create(**more)["data"]["orderCreate"]["order"]["id"])

    def confirm(self, order: str, key: str | None = None) -> dict[str, Any]:
        """The whole answer to orderConfirm."""
        return self.ask(CONFIRM, id=order, key=key)


def codes(answer: Mapping[str, Any]) -> set[str]:
    """Codes and reasons of an answer's errors."""
    found = [error["extensions"] for error in answer.get("errors", ())]
    return {str(item[name]) for item in found for name in ("code", "reason") if name in item}


@dataclass
class Server:
    """A kernel, and where it is served."""

    kernel: Kernel
    url: str


class Site:
    """Tenants of a test on a server that it shares with others, made when they are first asked for.

    Each has the administrators boss and clerk, customers C1 to C3 and a product A1.
    """

    def __init__(self, server: Server, clients: ExitStack, modules: Collection[str] | None = None) -> None:
        self.kernel, self.url = server.kernel, server.url
        self.modules = sorted(self.kernel.catalog.names if modules is None else modules)
        self._clients = clients
        self._suffix = secrets.token_hex(5)
        self._made: set[str] = set()

    def slug(self, tenant: str = "acme") -> str:
        """Its name on the server."""
        slug = f"{tenant}-{self._suffix}"
        if tenant not in self._made:
            self._made.add(tenant)
            _make_tenant(self.kernel, slug, self.modules)
        return slug

    def scope(self, tenant: str = "acme") -> Scope:
        return self.kernel.scope(self.slug(tenant), actor=SETUP)

    def caller(self, tenant: str = "acme", who: str = "boss") -> Caller:
        """A client with the token of a user."""
        email = f"{who}@{self.slug(tenant)}.example"
        if who != "boss" and email not in self._made:
            self._made.add(email)
            clerk = {"tenant": self.slug(tenant), "email": email, "name": who, "roles": ["admin"]}
            assert self.kernel.run(
                self.kernel.control_scope(), "tenant_user_create", {**clerk, "password": PASSWORD}
            ).done
        return self.bearing(issue_access(self.kernel.services.keys, claims_of(self.kernel, email), self.kernel.clock))

    def bearing(self, token: str | None) -> Caller:
        """A client with this token, or with none."""
        caller = Caller(self.url, token)
        self._clients.enter_context(caller.http)
        return caller

    def count(self, model: type[TenantModel], tenant: str = "acme", **equals: Any) -> int:
        """How many rows of a tenant have these values."""
        with self.kernel.reading(self.scope(tenant)) as ctx:
            return ctx.scalar(select(func.count(model.id)).filter_by(**equals)) or 0

    def state(self, tenant: str = "acme") -> dict[str, str]:
        """A hash of everything that a tenant has, by table."""
        scope = self.scope(tenant)
        return fingerprint(self.kernel.database, scope.tenant.id, scope.composition.names)


def claims_of(kernel: Kernel, email: str) -> AccessClaims:
    """What the token of a user says."""
    statement = (
        select(Login.id, Login.epoch, Tenant.id)
        .join(Membership, Membership.login_id == Login.id)
        .join(Tenant, Tenant.id == Membership.tenant_id)
        .where(Login.email == email)
    )
    with kernel.reading(kernel.control_scope()) as ctx:
        [(login, epoch, tenant)] = ctx.rows(statement)
    return AccessClaims(sub=login, tid=tenant, kind=CallerKind.USER, epoch=epoch)


@contextmanager
def serve(database: Database, catalog: ModuleCatalog, keys: KeyRing, **settings: Any) -> Iterator[Server]:
    """Serve a migrated database, in real time."""
    chosen = Settings(**settings)
    kernel = Kernel(database, catalog, keys, settings=chosen)
    with serving(create_app(kernel), chosen) as served:
        yield Server(kernel, served.url)


@contextmanager
def open_site(server: Server, modules: Collection[str] | None = None) -> Iterator[Site]:
    """Tenants of its own for one test, with these modules or with all."""
    with ExitStack() as clients:
        yield Site(server, clients, modules)


def _make_tenant(kernel: Kernel, slug: str, modules: Sequence[str]) -> None:
    arguments: dict[str, Any] = {"slug": slug, "name": slug, "modules": list(modules)}
    arguments |= {"admin_email": f"boss@{slug}.example", "admin_password": PASSWORD}
    assert kernel.run(kernel.control_scope(), "tenant_create", arguments).done
    scope = kernel.scope(slug, actor=SETUP)
    for code in ("C1", "C2", "C3"):
        customer = {"code": code, "name": f"{slug} {code}", "currency": "EUR"}
        assert kernel.run(scope, "customer_create", {"input": customer}, key=code).done
    assert kernel.run(scope, "product_create", {"sku": "A1", "name": f"{slug} goods"}, key="A1").done
    price = {"product": {"sku": "A1"}, "currency": "EUR", "unit_price": Decimal(100)}
    assert kernel.run(scope, "price_set", price, key="A1").done
