"""The outermost layer of every request: its id, its log line, its metrics, its headers, and no traceback."""

from __future__ import annotations

import asyncio
import re
import time
import traceback
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from huikuan.errors import HuikuanError
from huikuan.ids import new_id
from huikuan.web.metrics import REQUEST_SECONDS, REQUESTS
from huikuan.web.replies import error

__all__ = ["Outer", "Seen", "seen"]

log = structlog.get_logger("huikuan.web")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:+/=-]{8,64}")
_QUIET = ("/healthz", "/readyz", "/metrics")
_KEY = "huikuan.seen"
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_STOPPING = error(
    503,
    "STOPPING",
    "The server stops and does not know whether this was done. Send it again with the same idempotencyKey.",
    headers={"retry-after": "5", "connection": "close"},
)


@dataclass(slots=True)
class Seen:
    """What the log line of a request says; admission fills in who sent it."""

    request_id: str
    route: str = "other"
    tenant: str | None = None
    actor: str | None = None
    status: int = 0


def seen(scope: Scope) -> Seen:
    """The notes about this request."""
    found = scope[_KEY]
    assert isinstance(found, Seen)
    return found


class Outer:
    """Pure ASGI, so that it costs microseconds."""

    def __init__(self, app: ASGIApp, *, debug: bool = False) -> None:
        self._app = app
        self._debug = debug

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        notes = scope[_KEY] = Seen(_request_id(scope))
        if scope["type"] != "http":  # a WebSocket: it answers, logs and counts for itself
            await self._app(scope, receive, send)
            return
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=notes.request_id)
        started = time.perf_counter()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                notes.status = message["status"]
                _add_headers(message, notes.request_id)
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            pass
        except asyncio.CancelledError:  # only a server that has waited long enough for its end cancels
            if notes.status == 0:
                await _STOPPING(scope, receive, noting)
        except Exception as problem:
            await self._failed(scope, receive, noting, problem)
        finally:
            _note(scope, notes, time.perf_counter() - started)

    async def _failed(self, scope: Scope, receive: Receive, send: Send, problem: Exception) -> None:
        """Answer with a reference; what happened stands in the log under the same."""
        notes = seen(scope)
        answer: Response
        if isinstance(problem, PoolTimeout):
            log.warning("no database connection came free in time")
            message = "The server is busy; nothing was done. Send the request again in a moment."
            answer = error(503, "OVERLOADED", message, headers={"retry-after": "1"})
        else:
            reference = str(new_id())
            known = isinstance(problem, HuikuanError)
            log.error("request failed", reference=reference, error=str(problem) if known else None, exc_info=problem)
            shown: dict[str, Any] = {"traceback": "".join(traceback.format_exception(problem))} if self._debug else {}
            message = "Something went wrong on the server; its log has the cause under this reference."
            answer = error(500, "INTERNAL", message, reference=reference, **shown)
        if notes.status == 0:
            await answer(scope, receive, send)


def _request_id(scope: Scope) -> str:
    """The caller's id when it is harmless in logs and headers, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return str(new_id())


def _add_headers(message: Message, request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    headers["x-request-id"] = request_id
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("content-security-policy", _POLICY)


def _note(scope: Scope, notes: Seen, seconds: float) -> None:
    status = notes.status or 499  # the client went away before there was an answer
    REQUESTS.labels(notes.route, str(status)).inc()
    REQUEST_SECONDS.labels(notes.route).observe(seconds)
    client = scope.get("client")
    write = log.debug if scope["path"] in _QUIET and status < 400 else log.info
    write(
        "request",
        method=scope["method"],
        path=scope["path"][:200],
        status=status,
        ms=round(seconds * 1000, 1),
        tenant=notes.tenant,
        actor=notes.actor,
        client=client[0] if client else None,
    )
