"""uvicorn's WebSocket protocol as this product runs it: clients that take nothing are closed, a stop is told.

uvicorn alone waits for ever for a client that has stopped reading, while it sends and when it stops.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from huikuan.web import messages
from huikuan.web.deadlines import TOO_LARGE, refuse
from huikuan.web.messages import Close
from huikuan.web.metrics import SLOW

__all__ = ["socket_class"]

GRACE_SECONDS = 1.0
"""For the other side to take the last bytes and to close as well."""

# What uvicorn would say stands in a line of our own for each connection; its lines hold addresses with their query.
_quiet = logging.getLogger("huikuan.web.uvicorn")
_quiet.setLevel(logging.CRITICAL)


class _Socket(WebSocketsSansIOProtocol):
    seconds: float

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.logger = self.conn.logger = _quiet
        self._taking: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """As uvicorn's; a handshake with more headers than it reads would otherwise never be answered."""
        super().data_received(data)
        if not self.handshake_initiated and self.conn.handshake_exc is not None:
            refuse(self.transport, TOO_LARGE)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._taking is None:
            self._taking = self.loop.call_later(self.seconds, self._ran_out)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._disarm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops."""
        if self.handshake_complete:
            self._end(messages.STOPPING)
        else:
            super().shutdown()

    async def send(self, message: Any) -> None:
        """As uvicorn's; to a connection that was ended here meanwhile nothing can be sent."""
        await self.writable.wait()
        if self.close_sent:
            raise ClientDisconnected
        await super().send(message)

    def _ran_out(self) -> None:
        self._taking = None
        SLOW.labels("websocket").inc()
        self._end(messages.TOO_SLOW)

    def _end(self, why: Close) -> None:
        """Close for a reason of our own: the application hears of it, and the client if it reads on."""
        self.stop_keepalive()
        if self.close_timer is not None:
            self.close_timer.cancel()
        if not self.close_sent and not self.transport.is_closing():
            self.close_sent = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": why.code, "reason": why.reason})
            self.conn.send_close(why.code, why.reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.resume_reading()  # its answer ends the connection at once
        self.close_timer = self.loop.call_later(GRACE_SECONDS, self.transport.abort)

    def _disarm(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None


def socket_class(seconds: float) -> type[asyncio.Protocol]:
    """The protocol class for a server: a client must take what it is sent within ``seconds``."""
    return type("TimedSocket", (_Socket,), {"seconds": seconds})
