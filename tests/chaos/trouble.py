"""Kills: of server processes, of database sessions, of the database, one after the other at random moments."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from huikuan.testing.postgres import PostgresServer
from tests.chaos.journal import Story
from tests.chaos.supervised import Supervised, children_of
from tests.reliability.sessions import end_a_session, open_transactions, overseer

__all__ = ["Trouble"]

WHOLE_SERVER = 10
"""Every so many kills of a server process, it is the one that started the others."""
WAIT_SECONDS = 60
T = TypeVar("T")


@dataclass
class Trouble:
    """Who kills, and how often; ``hits`` are the kills that ended at least one transaction."""

    server: Supervised
    postgres: PostgresServer
    admin: str
    story: Story
    rng: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    slowest_start: float = 0

    def __str__(self) -> str:
        told = (f"{count} {kind} kills, {self.hits[kind]} in an open transaction" for kind, count in self.kills.items())
        return f"{'; '.join(told)}; the database was back within {self.slowest_start:.1f} s"

    def make(self, plan: Mapping[str, int], seconds: float) -> None:
        """So many kills of each kind, each kind evenly over this time; later if they take longer."""
        began = time.monotonic()
        for after, kind in self._moments(plan, seconds):
            time.sleep(max(0.0, began + after - time.monotonic()))
            self._wait_for_work()
            self._kill(kind)
            self.story.read()
        time.sleep(max(0.0, began + seconds - time.monotonic()))

    def _moments(self, plan: Mapping[str, int], seconds: float) -> list[tuple[float, str]]:
        """When which kind strikes: at a random moment of each of its equal parts of the time."""
        kinds = [(kind, count, place) for kind, count in plan.items() for place in range(count)]
        return sorted(((place + self.rng.random()) * seconds / count, kind) for kind, count, place in kinds)

    def _kill(self, kind: str) -> None:
        kill: dict[str, Callable[[Connection], bool]] = {
            "server": self._kill_server,
            "session": self._end_session,
            "postmaster": self._kill_postmaster,
        }
        with overseer(self.admin) as connection:
            hit = kill[kind](connection)
        if kind == "postmaster":
            began = time.monotonic()
            self.postgres.start()
            self.slowest_start = max(self.slowest_start, time.monotonic() - began)
        self.kills[kind] += 1
        self.hits[kind] += hit

    def _wait_for_work(self) -> None:
        """A kill strikes those who work: until something is acknowledged after the last one, it waits."""
        known = len(self.story.done)
        _until(lambda: len(self.story.read().done) > known, "a command is acknowledged")

    def _kill_server(self, connection: Connection) -> bool:
        """kill -9 of a process that works on a request, now and then of the one that started them."""
        pid = _until(lambda: self._busy(connection), "a server process works")
        if self.kills["server"] % WHOLE_SERVER == WHOLE_SERVER // 2:
            pid = self.server.pid
        os.kill(pid, signal.SIGSTOP)  # so that what it has open stays open until it is killed
        hit = not _ports(pid).isdisjoint(open_transactions(connection))
        os.kill(pid, signal.SIGKILL)
        return hit

    def _busy(self, connection: Connection) -> int | None:
        """A process of the server that has a transaction open."""
        at_work = open_transactions(connection)
        processes = [self.server.pid, *children_of(self.server.pid)]
        self.rng.shuffle(processes)
        return next((pid for pid in processes if not _ports(pid).isdisjoint(at_work)), None)

    def _end_session(self, connection: Connection) -> bool:
        return _until(lambda: end_a_session(connection), "a session is in a transaction")

    def _kill_postmaster(self, connection: Connection) -> bool:
        """By turns kill -9, after which sessions end one by one, and an immediate shutdown, which ends all at once."""
        hit = len(open_transactions(connection)) > 0
        end = self.postgres.stop if self.kills["postmaster"] % 2 else self.postgres.kill
        end()
        return hit


def _until(look: Callable[[], T | None], what: str) -> T:
    """What is found as soon as something is."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, f"for {WAIT_SECONDS} s it is not so: {what}"
        time.sleep(0.02)
    return found


def _ports(pid: int) -> set[int]:
    """The local ports of a process's connections; none once it is dead."""
    process = Path(f"/proc/{pid}")
    try:
        sockets = {os.readlink(descriptor) for descriptor in (process / "fd").iterdir()}
        connections = [line.split() for line in (process / "net" / "tcp").read_text().splitlines()[1:]]
    except FileNotFoundError:
        return set()
    return {int(fields[1].rpartition(":")[2], 16) for fields in connections if f"socket:[{fields[9]}]" in sockets}
