"""Deadlines of a connection: the server's protocol classes, with an end to waiting for slow clients.

uvicorn alone waits for ever for the rest of a request, and for a client to read its answer, so that a few
hundred connections that say almost nothing would take a server down.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from huikuan.web.metrics import SLOW

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
except ImportError:  # the extra "fast" is not installed
    HttpToolsProtocol = None  # type: ignore[assignment,misc]

__all__ = ["HEAD_LIMIT", "TOO_LARGE", "protocol_class", "refuse"]

HEAD_LIMIT = 32_768
_LATE = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class _Deadline:
    """One timer of a connection, and what ran out."""

    def __init__(self, protocol: Any, seconds: float) -> None:
        self._protocol = protocol
        self._seconds = seconds
        self._handle: asyncio.TimerHandle | None = None

    def arm(self, phase: str) -> None:
        """Start the timer, unless it runs: what a client sends in the meantime gives it no more time."""
        if self._handle is None:
            self._handle = self._protocol.loop.call_later(self._seconds, self._ran_out, phase)

    def disarm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _ran_out(self, phase: str) -> None:
        self._handle = None
        SLOW.labels(phase).inc()
        transport, cycle = self._protocol.transport, self._protocol.cycle
        if phase == "request" and (cycle is None or cycle.response_complete or not cycle.response_started):
            refuse(transport, _LATE)
        else:
            transport.abort()


def refuse(transport: asyncio.Transport, answer: bytes) -> None:
    """Answer and close; a client that does not even read the answer is cut off."""
    if transport.is_closing():
        return
    transport.write(answer)
    if transport.get_write_buffer_size():
        transport.abort()
    else:
        transport.close()


class _Timed(asyncio.Protocol):
    """What both protocol classes share: a timer for the request to arrive, one for the answer to be taken."""

    seconds: float
    transport: asyncio.Transport

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.arrival = _Deadline(self, self.seconds)
        self.taking = _Deadline(self, self.seconds)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.arrival.arm("request")

    def connection_lost(self, exc: Exception | None) -> None:
        self.arrival.disarm()
        self.taking.disarm()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.taking.arm("answer")

    def resume_writing(self) -> None:
        super().resume_writing()
        self.taking.disarm()


def protocol_class(request_seconds: float, *, httptools: bool | None = None) -> type[asyncio.Protocol]:
    """The protocol class for a server: httptools' parser where it is installed, else h11's.

    Every request must have arrived in full ``request_seconds`` after its first byte (the first one on a
    connection: after the connection), and a client must take what it is sent at the same pace.
    """
    if httptools is None:
        httptools = HttpToolsProtocol is not None
    return type("TimedProtocol", (_fast() if httptools else _TimedH11,), {"seconds": request_seconds})


class _TimedH11(_Timed, H11Protocol):
    def handle_events(self) -> None:
        super().handle_events()
        theirs = self.conn.their_state
        if self.transport.get_protocol() is not self:  # it became a WebSocket, which has deadlines of its own
            self.arrival.disarm()
        elif theirs is h11.SEND_BODY or (theirs is h11.IDLE and self.conn.trailing_data[0]):
            self.arrival.arm("request")
        elif theirs is not h11.IDLE:
            self.arrival.disarm()


def _fast() -> type[asyncio.Protocol]:
    class TimedHttpTools(_Timed, HttpToolsProtocol):
        """httptools puts no bound on the size of the headers, so this class does."""

        head_bytes: int | None = 0

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.head_bytes is not None:
                self.head_bytes += len(data)
                if self.head_bytes > HEAD_LIMIT:
                    refuse(self.transport, TOO_LARGE)

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self.head_bytes = 0
            self.arrival.arm("request")

        def on_headers_complete(self) -> None:
            self.head_bytes = None
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            super().on_message_complete()
            self.arrival.disarm()

    return TimedHttpTools
