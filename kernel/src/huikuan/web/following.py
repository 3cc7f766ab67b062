"""The feeds that subscriptions of this process follow: one task for each tenant reads on for all who follow it.

A follower has a position of its own and takes what comes after it. The newest events are kept in memory; who is
further behind reads on by itself, in pages. So nothing is queued for a follower, however slow it is.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol
from uuid import UUID

import structlog

from huikuan.graphql import FeedEvent
from huikuan.web.threads import Threads

__all__ = ["Feed", "Feeds", "Reader"]

log = structlog.get_logger("huikuan.web.feeds")
PAGE = 200
KEPT = 1_000


class Reader(Protocol):
    """Reads a tenant's feed, on a worker thread."""

    def newest(self, tenant_id: UUID) -> int:
        """The last position."""

    def read_on(self, tenant_id: UUID, after: int, types: Collection[str] | None, limit: int) -> list[FeedEvent]:
        """The next events after a position."""


class Feed:
    """One tenant's feed, while somebody follows it."""

    def __init__(self, tenant_id: UUID, reader: Reader, threads: Threads) -> None:
        self._tenant_id = tenant_id
        self._reader = reader
        self._threads = threads
        self._head: int | None = None
        self._kept: list[FeedEvent] = []
        self._before = 0  # the position that all kept events come after
        self._moved = asyncio.Event()

    async def after(
        self, position: int, types: Collection[str] | None = None, limit: int = PAGE
    ) -> tuple[list[FeedEvent], int]:
        """The next events of these types, and the position up to which that is all; waits until there is something.

        The list may be empty: then there were only events of other types.
        """
        while self._head is None or position >= self._head:
            await self._moved.wait()
        if position < self._before:
            return await self._from_database(position, types, limit, self._head)
        start = bisect_right(self._kept, position, key=_position)
        found = self._kept[start : start + limit]
        wanted = [event for event in found if types is None or event.type in types]
        return wanted, found[-1].position if found else self._head

    async def _from_database(
        self, position: int, types: Collection[str] | None, limit: int, head: int
    ) -> tuple[list[FeedEvent], int]:
        found = await self._threads.run_behind(
            partial(self._reader.read_on, self._tenant_id, position, types, limit),
        )
        last = found[-1].position if found else position
        return found, last if len(found) == limit else max(head, last)

    async def keep_up(self, interval: float) -> None:
        """Read on for ever."""
        while True:
            try:
                more = await self._read()
            except Exception as problem:  # the database may come back
                log.warning("the feed could not be read", tenant=str(self._tenant_id), error=type(problem).__name__)
                more = False
            if not more:
                await asyncio.sleep(interval)

    async def _read(self) -> bool:
        """Read one page; whether there may be more."""
        if self._head is None:
            newest = await self._threads.run_behind(partial(self._reader.newest, self._tenant_id))
            self._move([], newest)
            self._before = newest
            return False
        found = await self._threads.run_behind(
            partial(self._reader.read_on, self._tenant_id, self._head, None, PAGE),
        )
        if found:
            self._move(found, found[-1].position)
        return len(found) == PAGE

    def _move(self, found: list[FeedEvent], head: int) -> None:
        self._kept += found
        if len(self._kept) > 2 * KEPT:
            self._before = self._kept[-KEPT - 1].position
            del self._kept[:-KEPT]
        self._head = head
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


class Feeds:
    """All feeds that are followed."""

    def __init__(self, reader: Reader, threads: Threads, interval: float) -> None:
        self._reader = reader
        self._threads = threads
        self._interval = interval
        self._followed: dict[UUID, tuple[Feed, asyncio.Task[None]]] = {}
        self._followers: dict[UUID, int] = {}

    @asynccontextmanager
    async def follow(self, tenant_id: UUID) -> AsyncIterator[Feed]:
        """A tenant's feed; it is read as long as somebody follows it."""
        if tenant_id not in self._followed:
            feed = Feed(tenant_id, self._reader, self._threads)
            self._followed[tenant_id] = feed, asyncio.create_task(feed.keep_up(self._interval))
        self._followers[tenant_id] = self._followers.get(tenant_id, 0) + 1
        feed, task = self._followed[tenant_id]
        try:
            yield feed
        finally:
            self._followers[tenant_id] -= 1
            if not self._followers[tenant_id]:
                del self._followers[tenant_id], self._followed[tenant_id]
                task.cancel()
                await asyncio.wait([task])

    def __len__(self) -> int:
        return len(self._followed)


def _position(event: FeedEvent) -> int:
    return event.position
