"""A relay that dies at a random statement, again and again, then one that lives.

Run as a script: ``kill_relay.py <url> <system url or -> <seed> <kills>``. Each worker is a process of its
own, forked before any connection was opened; it ends by ``os._exit``, as a killed process does.
"""

from __future__ import annotations

import os
import random
import sys
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from huikuan.auth.keys import KeyRing
from huikuan.clock import FixedClock
from huikuan.composition import shared_compositions
from huikuan.db import Database
from huikuan.jobs.worker import Worker
from huikuan.kernel import Kernel
from huikuan.testing.shop import START
from kernel.tests.core.kit import catalog_of

KILLED = 9
# Made before forking, so that a worker's life is short.
CATALOG = catalog_of("huikuan_shelf", "huikuan_label", "huikuan_tag")
KEYS = KeyRing.generate()


def work(url: str, system_url: str | None, round_: int, dies_at: int | None) -> None:
    """One worker's life; a lease that a dead one held has run out by then."""
    database = Database(url, system_url=system_url, sqlite_synchronous="OFF")
    statements = 0

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1
        if statements == dies_at:
            os._exit(KILLED)

    for engine in {database.engine, database._system}:
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(engine, name, count)
    clock = FixedClock(START + timedelta(minutes=6) * round_)
    Worker(Kernel(database, CATALOG, KEYS, clock=clock)).run_until_idle()
    os._exit(0)


def main(url: str, system: str, seed: str, kills: str) -> None:
    shared_compositions(CATALOG).get(["shelf", "label"])
    dice = random.Random(int(seed))
    died = 0
    for round_ in range(1, int(kills) + 2):
        dies_at = dice.randint(1, 400) if round_ <= int(kills) else None
        child = os.fork()
        if child == 0:
            work(url, None if system == "-" else system, round_, dies_at)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, KILLED), code
        died += code == KILLED
    sys.stdout.write(str(died))


if __name__ == "__main__":
    main(*sys.argv[1:])
