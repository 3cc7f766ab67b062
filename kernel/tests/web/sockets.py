"""A served kernel with the module bell, and clients that speak graphql-transport-ws with nothing between."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from huikuan.auth.keys import KeyRing
from huikuan.auth.tokens import AccessClaims, CallerKind, issue_access
from huikuan.clock import FixedClock
from huikuan.core.directory import Login, Membership, Tenant
from huikuan.db import Database
from huikuan.jobs.worker import Worker
from huikuan.kernel import Kernel
from huikuan.settings import Settings
from huikuan.web.app import create_app
from kernel.tests.web.bell import CATALOG
from kernel.tests.web.servers import Served, serving

__all__ = ["Belfry", "Client", "belfry_of"]

PASSWORD = "correct horse battery staple"
EVENTS = "subscription ($after: String, $types: [EventType!]) { events(after: $after, types: $types) { %s } }"


class Client:
    """One connection. What it is told comes from ``take``; the close code and reason from ``closed``."""

    def __init__(self, url: str, *, subprotocols: tuple[str, ...] = ("graphql-transport-ws",), **options: Any) -> None:
        names = [Subprotocol(name) for name in subprotocols]
        address = f"{url.replace('http', 'ws', 1)}/graphql"
        # A full queue would keep it from reading on, and so from hearing that the server closes too.
        options = {"compression": None, "max_queue": None, "open_timeout": 20, "close_timeout": 5} | options
        self._open = ExitStack()
        self.socket: ClientConnection = self._open.enter_context(
            connect(address, subprotocols=names or None, **options)
        )

    def send(self, *messages: Any) -> None:
        """Messages: JSON, or text and bytes as they are."""
        for message in messages:
            self.socket.send(message if isinstance(message, str | bytes) else json.dumps(message))

    def take(self, timeout: float = 20) -> dict[str, Any]:
        """The next message."""
        found = json.loads(self.socket.recv(timeout))
        assert isinstance(found, dict)
        return found

    def init(self, token: str | None) -> Client:
        """Sign in, and wait until that is acknowledged."""
        payload = {"Authorization": f"Bearer {token}"} if token else {}
        self.send({"type": "connection_init", "payload": payload})
        assert self.take() == {"type": "connection_ack"}
        return self

    def subscribe(self, document: str, id: str = "1", **variables: Any) -> Client:
        self.send({"id": id, "type": "subscribe", "payload": {"query": document, "variables": variables}})
        return self

    def follow(self, id: str = "1", *, fields: str = "cursor type payload", **variables: Any) -> Client:
        """Subscribe to events."""
        return self.subscribe(EVENTS % fields, id, **variables)

    def events(self, count: int, timeout: float = 20) -> list[dict[str, Any]]:
        """The next events."""
        return [self.event(timeout) for _ in range(count)]

    def event(self, timeout: float = 20) -> dict[str, Any]:
        """The next message, which must be an event without errors."""
        message = self.take(timeout)
        assert message["type"] == "next" and "errors" not in message["payload"], message
        found: dict[str, Any] = message["payload"]["data"]["events"]
        return found

    def answer(self, document: str, id: str = "q", **variables: Any) -> dict[str, Any]:
        """The response to a query or mutation."""
        self.subscribe(document, id, **variables)
        message = self.take()
        assert (message["id"], message["type"]) == (id, "next"), message
        assert self.take() == {"id": id, "type": "complete"}
        found: dict[str, Any] = message["payload"]
        return found

    def closed(self, timeout: float = 20) -> tuple[int, str]:
        """How the server closes; what it says before is left out."""
        try:
            while True:
                self.socket.recv(timeout)
        except ConnectionClosed as end:
            assert end.rcvd is not None, end
            return end.rcvd.code, end.rcvd.reason

    def close(self) -> None:
        self._open.close()


class Belfry:
    """Tenants with a bell each, and how their users and programs sign in."""

    def __init__(self, kernel: Kernel, clock: FixedClock, app: Starlette, served: Served, stack: ExitStack) -> None:
        self.kernel = kernel
        self.clock = clock
        self.app = app
        self.served = served
        self.url = served.url
        self._stack = stack

    def make(self, slug: str) -> None:
        """A tenant with one administrator."""
        arguments: dict[str, Any] = {"slug": slug, "name": slug, "modules": ["bell"]}
        arguments |= {"admin_email": f"boss@{slug}.example", "admin_password": PASSWORD}
        assert self.kernel.run(self.kernel.control_scope(), "tenant_create", arguments).done

    def token(self, slug: str = "acme", *, email: str | None = None) -> str:
        """An access token of the tenant's administrator, or of another of its users."""
        statement = (
            select(Login.id, Login.epoch, Tenant.id)
            .join(Membership, Membership.login_id == Login.id)
            .join(Tenant, Tenant.id == Membership.tenant_id)
            .where(Login.email == (email or f"boss@{slug}.example"))
        )
        with self.kernel.reading(self.kernel.control_scope()) as ctx:
            [(login, epoch, tenant)] = ctx.rows(statement)
        claims = AccessClaims(sub=login, tid=tenant, kind=CallerKind.USER, epoch=epoch)
        return issue_access(self.kernel.services.keys, claims, self.clock)

    def client(self, token: str | None = None, **options: Any) -> Client:
        """A connection that has signed in; closed when the test ends."""
        return self.bare(**options).init(token or self.token())

    def bare(self, **options: Any) -> Client:
        """A connection that has said nothing yet."""
        client = Client(self.url, **options)
        self._stack.callback(client.close)
        return client

    def ring(self, *numbers: int, slug: str = "acme", loud: int = 0, work: bool = True) -> None:
        """Events of a tenant, in the feed unless told otherwise."""
        for number in numbers:
            assert self.run("bell_ring", slug=slug, number=number, loud=loud)
        if work:
            self.work()

    def work(self) -> None:
        """Give events their places in the feeds."""
        Worker(self.kernel).run_until_idle()

    def run(self, command: str, *, slug: str = "acme", **arguments: Any) -> Any:
        """What a command of the tenant answers."""
        result = self.kernel.run(self.kernel.scope(slug), command, arguments)
        assert result.done, result.refusals
        return result.values

    def soon(self, holds: Callable[[], bool], seconds: float = 20) -> bool:
        """Whether something holds within a while."""
        deadline = time.monotonic() + seconds
        while not holds() and time.monotonic() < deadline:
            time.sleep(0.02)
        return holds()

    @contextmanager
    def worker(self) -> Iterator[None]:
        """A worker beside the test."""
        stop = threading.Event()
        thread = threading.Thread(target=Worker(self.kernel).run_forever, args=(stop, 0.02))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@contextmanager
def belfry_of(
    database: Database, keys: KeyRing, *, slug: str = "acme", protocol: type | None = None, **settings: Any
) -> Iterator[Belfry]:
    """The bell of a tenant, served; events are looked for twenty times a second."""
    chosen = Settings(**{"events_interval": 0.05, "websockets": 1_000} | settings)
    clock = FixedClock(datetime(2026, 1, 5, 9, tzinfo=UTC))
    kernel = Kernel(database, CATALOG, keys, clock=clock, settings=chosen)
    app = create_app(kernel)
    with serving(app, chosen, protocol=protocol) as served, ExitStack() as stack:
        belfry = Belfry(kernel, clock, app, served, stack)
        belfry.make(slug)
        yield belfry
