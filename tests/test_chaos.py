"""Servers, database sessions and the database itself are killed under load: what was acknowledged is there, once.

Several processes of `huikuan serve` and a `huikuan worker` run under a supervisor, on a PostgreSQL that writes through
to the disk. Another process sends commands over HTTP and keeps the acknowledgements.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.models import OutboxEvent
from huikuan.testing.postgres import PostgresServer
from tests.chaos.journal import Story, loading
from tests.chaos.load import PATIENCE
from tests.chaos.plant import Plant, open_plant
from tests.chaos.trouble import Trouble
from tests.chaos.verdict import (
    acknowledged_is_there,
    everything_is_paid_once,
    everything_is_there_once,
    invariants_hold,
)
from tests.reliability.served import at_once
from tests.reliability.sessions import overseer, states

WRITERS = 12
CALM_SECONDS = 60


@pytest.fixture
def plant(
    postgres_server: PostgresServer, installed_modules: ModuleCatalog, signing_keys: KeyRing, tmp_path: Path
) -> Iterator[Plant]:
    """A tenant on a durable database of its own."""
    with open_plant(postgres_server.binaries, installed_modules, signing_keys, tmp_path) as found:
        yield found


@pytest.fixture
def till(
    postgres_server: PostgresServer, installed_modules: ModuleCatalog, signing_keys: KeyRing, tmp_path: Path
) -> Iterator[Plant]:
    """As ``plant``, and what is ordered there is invoiced and paid."""
    with open_plant(postgres_server.binaries, installed_modules, signing_keys, tmp_path, pays=True) as found:
        yield found


def test_a_few_kills_lose_and_double_nothing(plant: Plant) -> None:
    _chaos(plant, {"server": 1, "session": 2, "postmaster": 1}, seconds=3, processes=1)


@pytest.mark.soak
def test_a_minute_of_kills_loses_and_doubles_nothing(plant: Plant) -> None:
    rate = _chaos(plant, {"server": 20, "session": 20, "postmaster": 5}, seconds=60, processes=3)
    assert rate >= 50, "the promise is about a busy server"


def test_a_few_kills_lose_and_double_no_payment(till: Plant) -> None:
    _chaos(till, {"server": 1, "session": 2, "postmaster": 1}, seconds=4, processes=1)


@pytest.mark.soak
def test_a_storm_of_confirmations_and_payments(till: Plant) -> None:
    _chaos(till, {"server": 25, "session": 35, "postmaster": 5}, seconds=90, processes=3, hits=50)


def _chaos(plant: Plant, plan: Mapping[str, int], *, seconds: float, processes: int, hits: int = 0) -> float:
    """Kill as planned under load, and look at what is left; returns the acknowledged commands per second."""
    seed = random.SystemRandom().randrange(10**6)
    with plant.serving(processes) as server:
        with loading(plant.task(WRITERS), plant.folder / "load.log") as story:
            trouble = Trouble(server, plant.postgres, plant.urls.admin, story, random.Random(seed))
            began = time.monotonic()
            trouble.make(plan, seconds)
            ended = time.monotonic()
        rate = story.between(began, ended) / (ended - began)
        print(f"\nseed {seed}: {trouble}\n{story}\n{rate:.1f} commands/s in {ended - began:.1f} s")
        _nobody_hangs(plant, story, processes)
        _until(lambda: _feed_is_complete(plant), "every event has its place in the feed")
    assert server.codes[-1] == 0, "the server ends in order"
    assert trouble.hits.total() >= hits, "kills inside a transaction"
    acknowledged_is_there(plant.site, story)
    everything_is_there_once(plant.site, story)
    if plant.pays:
        everything_is_paid_once(plant.site, story)
    print(f"{invariants_hold(plant.environment)} invariants hold")
    return rate


def _nobody_hangs(plant: Plant, story: Story, processes: int) -> None:
    """Every request was answered, no session is left in the middle, and there is room for others."""
    assert story.ended and not story.gave_up, story.gave_up
    assert story.longest < PATIENCE
    caller = plant.site.caller()
    at_once([lambda: caller.send("{ me { tenant } orders(first: 1) { totalCount } }")] * 60)
    plant.site.kernel.database.dispose()
    with overseer(plant.urls.admin) as connection:
        _until(lambda: set(states(connection)) == {"idle"}, "no session is in a transaction")
        assert sum(states(connection).values()) <= plant.most_sessions(processes)
    metrics = httpx.get(f"{plant.site.url}/metrics").text
    assert re.findall(r"^huikuan_http_(?:busy|waiting) (\S+)$", metrics, re.MULTILINE) == ["0.0", "0.0"]


def _feed_is_complete(plant: Plant) -> bool:
    """The worker outlived the chaos too: events have positions 1, 2, … without a gap."""
    with plant.site.kernel.reading(plant.site.scope()) as ctx:
        if ctx.scalar(select(func.count(OutboxEvent.id)).where(OutboxEvent.position.is_(None))):
            return False
        positions = ctx.scalars(select(OutboxEvent.position).order_by(OutboxEvent.position))
    assert positions == list(range(1, len(positions) + 1))
    return True


def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + CALM_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"it is not so: {what}"
        time.sleep(0.1)
