"""Work of WebSockets on worker threads: it takes the slots that requests take, and streams take but a share of them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

from huikuan.web.gate import Gate
from huikuan.web.metrics import REFUSED

__all__ = ["Busy", "Threads", "finished"]

T = TypeVar("T")
PAUSE_SECONDS = 0.2


class Busy(Exception):
    """No slot came free in time; nothing was done."""


class Threads:
    """Runs functions that read and write the database.

    Whoever is cancelled while a function runs ends when the function has ended: a thread can't be stopped, and
    nobody should be told that a connection is over while something is still done for it.
    """

    def __init__(self, gate: Gate, slots: int) -> None:
        self._gate = gate
        self._slots = slots
        # Streams may lag, requests may not: however many streams there are, most slots stay with requests.
        self._share = asyncio.Semaphore(max(1, slots // 4))

    @cached_property
    def _limiter(self) -> CapacityLimiter:
        return CapacityLimiter(self._slots)

    async def run(self, function: Callable[[], T], *, patience: float) -> T:
        """The result of ``function``; raises Busy when no slot has come free within ``patience`` seconds."""
        deadline = asyncio.get_running_loop().time() + patience
        while (why := await self._gate.enter()) is not None:
            if asyncio.get_running_loop().time() >= deadline:
                REFUSED.labels(why).inc()
                raise Busy
            await asyncio.sleep(PAUSE_SECONDS)
        thread = asyncio.ensure_future(anyio.to_thread.run_sync(function, limiter=self._limiter))
        thread.add_done_callback(self._ended)
        try:
            return await asyncio.shield(thread)
        except asyncio.CancelledError:
            await self._end_of(thread)
            raise

    async def run_behind(self, function: Callable[[], T]) -> T:
        """As `run`, for what may wait: it is never told that the server is busy."""
        async with self._share:
            return await self.run(function, patience=math.inf)

    def _ended(self, thread: asyncio.Future[T]) -> None:
        self._gate.leave()
        if not thread.cancelled():
            thread.exception()  # somebody has asked, so nobody is warned when its task was cancelled

    async def _end_of(self, thread: asyncio.Future[T]) -> None:
        try:
            if not thread.done():
                await asyncio.wait([thread])
        except asyncio.CancelledError:
            self._gate.abandoned += 1  # cancelled again: the server does not wait any longer
            raise


async def finished(task: asyncio.Future[Any]) -> None:
    """Wait for the end of a task that nobody needs any more."""
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.exception()
