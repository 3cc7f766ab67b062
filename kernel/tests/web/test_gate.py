"""The gate: bodies have a bound, overload is refused at once, and nothing waits for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from huikuan.settings import Settings
from huikuan.web.gate import Gate
from kernel.tests.web.servers import Served, serving

LIMIT = 100_000


async def _echo(request: Request) -> Response:
    return PlainTextResponse(f"{len(await request.body())}")


async def _slow(request: Request) -> Response:
    await run_in_threadpool(time.sleep, float(request.query_params["s"]))
    return PlainTextResponse("done")


def _gated(**bounds: float) -> tuple[Gate, Starlette]:
    inner = Starlette(routes=[Route("/", _echo, methods=["POST"]), Route("/slow", _slow)])
    options = {"slots": 2, "most": 6, "body_limit": LIMIT, "seconds": 10} | bounds
    gate = Gate(inner, **options)  # type: ignore[arg-type]
    return gate, Starlette(routes=[Route("/", gate), Route("/slow", gate)])


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(_gated()[1], Settings()) as served:
        yield served


def _chunks(size: int) -> Iterator[bytes]:
    for _ in range(size // 1_000):
        yield b"x" * 1_000


def test_a_body_up_to_the_limit_passes(served: Served) -> None:
    assert httpx.post(served.url, content=b"x" * LIMIT).text == str(LIMIT)
    assert httpx.post(served.url, content=_chunks(LIMIT)).text == str(LIMIT)


@pytest.mark.parametrize("size", [LIMIT + 1_000, 3_000_000])
@pytest.mark.parametrize("make", [lambda size: b"x" * size, _chunks], ids=["with a length", "chunked"])
def test_a_larger_body_is_413(served: Served, size: int, make: Callable[[int], bytes | Iterator[bytes]]) -> None:
    answer = httpx.post(served.url, content=make(size))
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert answer.json()["errors"] == [
        {
            "message": "The request body is larger than 100,000 bytes; send less at a time.",
            "extensions": {"code": "LIMIT_EXCEEDED"},
        }
    ]


def test_who_asks_first_is_refused_before_sending(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("length", [b"-1", b"1e3", b"9" * 5_000])
def test_a_strange_length_is_refused(served: Served, length: bytes) -> None:
    with served.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n")
        assert connection.recv(100)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 413")


async def _many(served: Served, count: int, path: str) -> list[tuple[int, float, bytes]]:
    """Status, seconds and text of as many requests at the same time, each on a connection of its own."""

    async def one() -> tuple[int, float, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        began = time.monotonic()
        writer.write(b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path.encode())
        said = await reader.read()
        writer.close()
        return int(said[9:12]), time.monotonic() - began, said

    return await asyncio.gather(*(one() for _ in range(count)))


def test_more_than_may_wait_are_refused_at_once(served: Served) -> None:
    answers = asyncio.run(_many(served, 20, "/slow?s=0.3"))
    done = [answer for answer in answers if answer[0] == 200]
    refused = [answer for answer in answers if answer[0] == 503]
    assert (len(done), len(refused)) == (6, 14)
    assert all(b"retry-after: 1\r\n" in said for _, _, said in refused)
    assert max(seconds for _, seconds, _ in refused) < 0.9 * max(seconds for _, seconds, _ in done)
    assert httpx.get(f"{served.url}/slow?s=0").status_code == 200


def test_nobody_waits_long_for_a_slot() -> None:
    with serving(_gated()[1], Settings()) as served:
        answers = asyncio.run(_many(served, 4, "/slow?s=4"))
    statuses = sorted(status for status, _, _ in answers)
    assert statuses == [200, 200, 503, 503]
    assert max(seconds for status, seconds, _ in answers if status == 503) < 3.5


def test_five_hundred_at_once_end_soon_and_leave_no_slot_taken() -> None:
    gate, app = _gated(slots=10, most=80)
    with serving(app, Settings()) as served:
        answers = asyncio.run(_many(served, 500, "/slow?s=0.05"))
        assert {status for status, _, _ in answers} == {200, 503}
        assert max(seconds for _, seconds, _ in answers) < 5
        assert gate.busy == 0
        assert httpx.get(f"{served.url}/slow?s=0").status_code == 200


def test_a_request_that_takes_too_long_is_answered_and_keeps_its_slot() -> None:
    gate, app = _gated(slots=1, most=1, seconds=0.3)
    with serving(app, Settings()) as served:
        answer = httpx.get(f"{served.url}/slow?s=1")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert "idempotencyKey" in answer.json()["errors"][0]["message"]
        assert gate.busy == 1
        assert httpx.get(f"{served.url}/slow?s=0").status_code == 503
        deadline = time.monotonic() + 3
        while gate.busy and time.monotonic() < deadline:
            time.sleep(0.02)
        assert httpx.get(f"{served.url}/slow?s=0").status_code == 200


def test_a_client_that_leaves_frees_its_slot() -> None:
    gate, app = _gated(slots=1, most=2)
    with serving(app, Settings()) as served:
        with served.connect() as connection:
            connection.sendall(b"GET /slow?s=0.2 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert httpx.get(f"{served.url}/slow?s=0").status_code == 200
        assert gate.busy == 0


def test_a_stopping_server_finishes_what_it_began() -> None:
    with ThreadPoolExecutor() as threads, serving(_gated()[1], Settings(shutdown_timeout=5)) as served:
        answer = threads.submit(httpx.get, f"{served.url}/slow?s=1")
        time.sleep(0.3)
        served.server.should_exit = True
        assert answer.result().text == "done"


def test_refusals_are_counted(served: Served) -> None:
    def count() -> float:
        return REGISTRY.get_sample_value("huikuan_http_refused_total", {"reason": "body too large"}) or 0

    before = count()
    httpx.post(served.url, content=b"x" * 2 * LIMIT)
    assert count() == before + 1
