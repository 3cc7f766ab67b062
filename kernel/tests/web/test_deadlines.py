"""Slow clients: their connections are closed in time, and nobody else notices them."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from huikuan.settings import Settings
from huikuan.web.deadlines import protocol_class
from huikuan.web.gate import Gate
from kernel.tests.web.servers import FAST, Served, serving

SECONDS = 1.0


async def _echo(request: Request) -> Response:
    return PlainTextResponse(f"{len(await request.body())}")


async def _flood(_request: Request) -> Response:
    return PlainTextResponse("x" * 20_000_000)


def _app() -> Starlette:
    echo = Starlette(routes=[Route("/", _echo, methods=["GET", "POST"])])
    gate = Gate(echo, slots=2, most=4, body_limit=1_048_576, seconds=10)
    return Starlette(routes=[Route("/", gate), Route("/flood", _flood)])


@pytest.fixture(params=[pytest.param("httptools", marks=FAST), "h11"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """A server whose clients get one second, with each of the two parsers."""
    protocol = protocol_class(SECONDS, httptools=request.param == "httptools")
    with serving(_app(), Settings(), protocol=protocol) as served:
        yield served


def closed_after(connection: socket.socket) -> tuple[float, bytes]:
    """When the server closed, and what it said."""
    began = time.monotonic()
    said = b""
    try:
        while data := connection.recv(65_536):
            said += data
    except ConnectionResetError:
        pass
    return time.monotonic() - began, said


HALF = {
    "nothing": b"",
    "half a request line": b"POS",
    "half the headers": b"POST / HTTP/1.1\r\nHost: x\r\nX-Half",
    "no body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n",
    "half the body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345",
    "half a chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123",
    "a second request, half": b"GET / HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n",
}


@pytest.mark.parametrize("half", HALF.values(), ids=HALF.keys())
def test_half_a_request_is_closed_in_time(served: Served, half: bytes) -> None:
    with served.connect() as connection:
        connection.sendall(half)
        seconds, said = closed_after(connection)
    assert SECONDS - 0.2 < seconds < SECONDS + 5
    assert said.endswith(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")


def test_dripping_buys_no_time(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < 5:
                connection.sendall(b"x")
                time.sleep(0.1)
    assert time.monotonic() - began < SECONDS + 4


def test_a_whole_request_may_be_followed_by_another_later(served: Served) -> None:
    with httpx.Client(base_url=served.url) as client:
        assert client.post("/", content=b"12345").text == "5"
        time.sleep(SECONDS + 0.5)
        assert client.post("/", content=b"123").text == "3"
        assert served.connections == 1


def test_a_client_that_does_not_read_is_cut_off(served: Served) -> None:
    with served.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.sendall(b"GET /flood HTTP/1.1\r\nHost: x\r\n\r\n")
        deadline = time.monotonic() + SECONDS + 3
        while served.connections and time.monotonic() < deadline:
            time.sleep(0.05)
        assert served.connections == 0


def test_endless_headers_are_refused(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        try:
            for _ in range(100):
                connection.sendall(b"X-More: " + b"y" * 1_000 + b"\r\n")
                time.sleep(0.001)
        except OSError:
            pass
        _, said = closed_after(connection)
    assert said[:12] in (b"HTTP/1.1 431", b"HTTP/1.1 400", b"")
    assert served.connections == 0


def test_four_hundred_slow_connections_harm_nobody() -> None:
    protocol = protocol_class(3.0)
    with serving(_app(), Settings(), protocol=protocol) as served:
        slow = [served.connect() for _ in range(400)]
        for number, connection in enumerate(slow):
            connection.sendall(HALF["half the body"] if number % 2 else HALF["half the headers"])
        answers = asyncio.run(_requests(served.url, 200))
        assert answers == [200] * 200
        deadline = time.monotonic() + 6
        while served.connections and time.monotonic() < deadline:
            time.sleep(0.1)
        assert served.connections == 0
        for connection in slow:
            connection.close()


async def _requests(url: str, count: int) -> list[int]:
    async with httpx.AsyncClient(base_url=url, timeout=5) as client:
        return [(await client.post("/", content=b"12345")).status_code for _ in range(count)]


def test_a_slot_is_free_while_an_answer_is_not_read() -> None:
    """Two slots, four clients that ask for much on one connection and read nothing: others are served."""
    flood = Gate(Starlette(routes=[Route("/", _flood)]), slots=2, most=4, body_limit=1_000, seconds=10)
    with serving(Starlette(routes=[Route("/", flood)]), Settings(), protocol=protocol_class(5.0)) as served:
        stuck = [served.connect() for _ in range(4)]
        for connection in stuck:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
        threading.Event().wait(0.5)
        assert httpx.get(served.url).status_code == 200
        for connection in stuck:
            connection.close()
