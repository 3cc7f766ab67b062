"""The gate before work that needs a database connection: few at a time, few waiting, nobody for long.

A request takes a slot only when its body is here, and gives it back when its answer begins: neither a slow
sender nor a slow reader holds one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from huikuan.web.body import BodyTooLarge, discard, read_body, replay
from huikuan.web.metrics import BUSY, REFUSED, WAITING
from huikuan.web.replies import error

__all__ = ["Gate"]

PATIENCE = 2.0


class Gate:
    """ASGI wrapper that bounds bodies, requests at one time, and the time of each."""

    def __init__(self, app: ASGIApp, *, slots: int, most: int, body_limit: int, seconds: float) -> None:
        self._app = app
        self._slots = asyncio.Semaphore(slots)
        self._most_waiting = max(0, most - slots)
        self._body_limit = body_limit
        self._seconds = seconds
        self._waiting = 0
        self.busy = 0
        self.abandoned = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(scope, receive, self._body_limit)
        except BodyTooLarge as problem:
            if problem.more:
                await discard(scope, receive)
            await self._too_large(scope, receive, send)
            return
        except ClientDisconnect:
            return
        if (why := await self.enter()) is not None:
            REFUSED.labels(why).inc()
            await self._overloaded(scope, receive, send)
            return
        await self._work(scope, replay(body, receive), send)

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        leave = _once(self.leave)
        answer = _Answer(send, leave)
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._seconds, answer.give_up, scope, receive)
        try:
            await self._app(scope, receive, answer.send)
        except asyncio.CancelledError:
            self.abandoned += 1  # the server stops, and its thread can't be stopped
            raise
        finally:
            timer.cancel()
            leave()

    async def enter(self) -> str | None:
        """Take a slot; what comes back is why there is none: too many wait already, or none came free in time."""
        if self._slots.locked():
            if self._waiting >= self._most_waiting:
                return "queue full"
            self._waiting += 1
            WAITING.set(self._waiting)
            try:
                await asyncio.wait_for(self._slots.acquire(), PATIENCE)
            except TimeoutError:
                return "waited too long"
            finally:
                self._waiting -= 1
                WAITING.set(self._waiting)
        else:
            await self._slots.acquire()
        self.busy += 1
        BUSY.set(self.busy)
        return None

    def leave(self) -> None:
        """Give back a slot that `enter` took."""
        self.busy -= 1
        BUSY.set(self.busy)
        self._slots.release()

    async def _too_large(self, scope: Scope, receive: Receive, send: Send) -> None:
        REFUSED.labels("body too large").inc()
        message = f"The request body is larger than {self._body_limit:,} bytes; send less at a time."
        answer = error(413, "LIMIT_EXCEEDED", message, headers={"connection": "close"})
        await answer(scope, receive, send)

    async def _overloaded(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = "The server is busy; nothing was done. Send the request again in a moment."
        await error(503, "OVERLOADED", message, headers={"retry-after": "1"})(scope, receive, send)


class _Answer:
    """The way out of one request: whoever answers first, the application or the clock."""

    def __init__(self, send: Send, leave: Callable[[], None]) -> None:
        self._send = send
        self._leave = leave
        self._begun = False
        self._late: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        """What the application sends; nobody hears it once the time is over."""
        self._leave()
        if self._late is None:
            self._begun = True
            await self._send(message)

    def give_up(self, scope: Scope, receive: Receive) -> None:
        """Answer instead of the application, which keeps its slot until it really ends."""
        if self._begun:
            return
        REFUSED.labels("took too long").inc()
        message = (
            "This takes too long; the server goes on with it. Ask for its result by sending it again with the same "
            "idempotencyKey, or ask for less."
        )
        answer = error(503, "TIMEOUT", message, headers={"retry-after": "10"})
        self._late = asyncio.get_running_loop().create_task(answer(scope, receive, self._send))


def _once(function: Callable[[], None]) -> Callable[[], None]:
    done = False

    def run() -> None:
        nonlocal done
        if not done:
            done = True
            function()

    return run
