"""Around every request: an id, a log line, safe headers, and errors that say nothing about the inside."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from huikuan import logs
from huikuan.settings import Settings
from huikuan.web.outer import Outer, seen
from kernel.tests.web.servers import Served, serving

SECRET = "SELECT * FROM kernel_login WHERE password_hash = 'x'"


async def _fine(request: Request) -> Response:
    seen(request.scope).tenant, seen(request.scope).actor = "acme", "user:7"
    structlog.get_logger("huikuan.test").info("inside")
    return PlainTextResponse("fine")


async def _broken(_request: Request) -> Response:
    raise RuntimeError(SECRET)


async def _no_connection(_request: Request) -> Response:
    raise PoolTimeout("QueuePool limit of size 10 overflow 0 reached")


def _app(debug: bool = False) -> Starlette:
    routes = [Route("/fine", _fine), Route("/broken", _broken), Route("/pool", _no_connection)]
    return Starlette(routes=routes, middleware=[Middleware(Outer, debug=debug)])


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(Settings(log_format="json"), stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def served(stream: io.StringIO) -> Iterator[Served]:
    with serving(_app(), Settings()) as served:
        yield served


def said(stream: io.StringIO, logger: str, lines: int = 1) -> list[dict[str, Any]]:
    """What a logger said. A request is noted after its answer went out, so it may take a moment."""
    for _ in range(200):
        found = [line for line in map(json.loads, stream.getvalue().splitlines()) if line["logger"] == logger]
        if len(found) >= lines:
            break
        time.sleep(0.01)
    return found


def test_a_request_is_one_line(served: Served, stream: io.StringIO) -> None:
    httpx.get(f"{served.url}/fine?token=hush", headers={"X-Request-Id": "order-4711"})
    (line,) = said(stream, "huikuan.web")
    assert line.pop("ms") < 1_000
    del line["timestamp"]
    assert line == {
        "level": "info",
        "logger": "huikuan.web",
        "event": "request",
        "request_id": "order-4711",
        "tenant": "acme",
        "actor": "user:7",
        "method": "GET",
        "path": "/fine",
        "status": 200,
        "client": "127.0.0.1",
    }
    assert said(stream, "huikuan.test")[0]["request_id"] == "order-4711"
    assert "hush" not in stream.getvalue()


@pytest.mark.parametrize("given", [None, "short", "x" * 65, "with space in it", 'quote"quote"'])
def test_a_request_without_a_sane_id_gets_one(served: Served, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-Id": given}
    first = httpx.get(f"{served.url}/fine", headers=headers).headers["x-request-id"]
    second = httpx.get(f"{served.url}/fine", headers=headers).headers["x-request-id"]
    assert len(first) == 36
    assert first != second


def test_a_crash_shows_a_reference_that_the_log_explains(served: Served, stream: io.StringIO) -> None:
    answer = httpx.get(f"{served.url}/broken")
    assert answer.status_code == 500
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert set(error["extensions"]) == {"code", "reference"}
    for inside in ("Traceback", "SELECT", "kernel_login", ".py", "RuntimeError"):
        assert inside not in answer.text
    failed, request = said(stream, "huikuan.web", 2)
    assert failed["reference"] == error["extensions"]["reference"]
    assert failed["exception"].endswith(SECRET)
    assert request["status"] == 500


def test_debug_shows_the_traceback(stream: io.StringIO) -> None:
    with serving(_app(debug=True), Settings()) as served:
        assert "RuntimeError" in httpx.get(f"{served.url}/broken").json()["errors"][0]["extensions"]["traceback"]


def test_no_free_connection_is_a_refusal_to_retry(served: Served) -> None:
    answer = httpx.get(f"{served.url}/pool")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "QueuePool" not in answer.text


@pytest.mark.parametrize("path", ["/fine", "/broken", "/absent"])
def test_every_answer_has_safe_headers(served: Served, path: str) -> None:
    headers = httpx.get(served.url + path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "server" not in headers
