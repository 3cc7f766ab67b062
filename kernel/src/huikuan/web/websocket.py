"""``/graphql`` over WebSocket: who may connect, how many, and the log line of each connection.

There is no check of the Origin. A page of somebody else may open a WebSocket to us from a person's browser, but
no browser adds a token to it: what signs in is a header or a message of the caller's own, never a cookie.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from huikuan.errors import Unauthenticated
from huikuan.kernel import Kernel
from huikuan.settings import Settings
from huikuan.web import messages
from huikuan.web.admit import actor_label
from huikuan.web.connection import Connection, Shared
from huikuan.web.following import Feeds
from huikuan.web.gate import Gate
from huikuan.web.messages import SUBPROTOCOL, Close, Ended
from huikuan.web.metrics import REFUSED, SOCKETS, SOCKETS_ENDED
from huikuan.web.operations import Caller, Operations
from huikuan.web.outer import seen
from huikuan.web.replies import error
from huikuan.web.threads import Threads

__all__ = ["Sockets"]

log = structlog.get_logger("huikuan.web.socket")
_USUAL = frozenset({1000, 1001, 1002, 1005, 1006, 1007, 1009, 1011, messages.TOO_SLOW.code})


class Sockets:
    """An ASGI application for WebSockets; ``open`` of them are there, and follow ``feeds``."""

    def __init__(self, kernel: Kernel, settings: Settings, gate: Gate) -> None:
        operations = Operations(kernel, settings)
        threads = Threads(gate, settings.pool_size)
        self.feeds = Feeds(operations, threads, settings.events_interval)
        self._shared = Shared(
            operations=operations,
            threads=threads,
            feeds=self.feeds,
            init_seconds=settings.read_timeout,
            answer_seconds=settings.request_timeout,
            most_operations=settings.websocket_operations,
        )
        self._most = settings.websockets
        self._most_of_tenant = settings.tenant_websockets
        self.open = 0
        self._of_tenant: Counter[UUID] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.open >= self._most:
            await _refuse(scope, receive, send)
            return
        self.open += 1
        SOCKETS.set(self.open)
        try:
            await self._serve(scope, receive, send)
        finally:
            self.open -= 1
            SOCKETS.set(self.open)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=seen(scope).request_id)
        started = time.perf_counter()
        connection = Connection(self._shared, receive, send, self._welcome)
        try:
            await receive()  # websocket.connect
            spoken = SUBPROTOCOL in scope["subprotocols"]
            await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if spoken else None})
            if spoken:
                await connection.run(lambda payload: self._sign_in(scope, payload))
            else:
                await connection.close(messages.WRONG_SUBPROTOCOL)
        except OSError:  # gone before it was there
            pass
        except Exception as problem:
            log.error("a WebSocket failed", exc_info=problem)
            await connection.close(messages.FAILED)
        finally:
            if (caller := connection.caller) is not None:
                self._leave(caller)
            _note(scope, connection, time.perf_counter() - started)

    def _sign_in(self, scope: Scope, payload: Mapping[str, Any]) -> Caller:
        """The caller: by the payload of connection_init, which browsers can send, or by the handshake's header."""
        given = next((value for name, value in payload.items() if name.lower() == "authorization"), None)
        authorization = Headers(scope=scope).get("authorization") if given is None else given
        if not isinstance(authorization, str):
            raise Unauthenticated('Sign in: {"Authorization": "Bearer …"} is the payload of connection_init.')
        client = scope["client"][0] if scope.get("client") else ""
        return self._shared.operations.sign_in(authorization, seen(scope).request_id, client)

    def _welcome(self, caller: Caller) -> None:
        """Count the connections of each tenant: one must not take those of all others."""
        tenant = caller.scope.tenant.id
        if self._of_tenant[tenant] >= self._most_of_tenant:
            REFUSED.labels("too many of a tenant").inc()
            raise Ended(Close(1013, f"This tenant has {self._most_of_tenant} connections here already; end one first."))
        self._of_tenant[tenant] += 1

    def _leave(self, caller: Caller) -> None:
        tenant = caller.scope.tenant.id
        self._of_tenant[tenant] -= 1
        if not self._of_tenant[tenant]:
            del self._of_tenant[tenant]


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    REFUSED.labels("too many WebSockets").inc()
    message = "There are too many connections; connect again in a moment."
    await error(503, "OVERLOADED", message, headers={"retry-after": "5"})(scope, receive, send)


def _note(scope: Scope, connection: Connection, seconds: float) -> None:
    caller, client = connection.caller, scope.get("client")
    code = connection.heard if connection.ended is None else connection.ended.code
    # A client may close with any number; a label holds none that strangers choose.
    SOCKETS_ENDED.labels(str(code) if connection.ended is not None or code in _USUAL else "other").inc()
    log.info(
        "websocket",
        path=scope["path"][:200],
        code=code,
        operations=connection.operations,
        ms=round(seconds * 1000, 1),
        tenant=caller.scope.tenant.slug if caller is not None else None,
        actor=actor_label(caller.scope.actor) if caller is not None else None,
        client=client[0] if client else None,
    )
