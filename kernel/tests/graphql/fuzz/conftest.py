"""The arena on both databases, with a seed of its own."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator

import pytest
import structlog

from huikuan.auth.keys import KeyRing
from huikuan.db import Database
from kernel.tests.graphql.fuzz.arena import Arena
from kernel.tests.graphql.fuzz.campaign import VARIABLE, chosen_seed

DATA_SETS = 12


@pytest.fixture(autouse=True)
def only_the_worst_is_logged() -> Iterator[None]:
    """Fields fail by the thousand here, and each would be logged."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.configure(**before)


@pytest.fixture(scope="module")
def fuzz_seed() -> int:
    """Printed, so that a run can be repeated."""
    seed = chosen_seed()
    sys.stdout.write(f"{VARIABLE}={seed}\n")
    return seed


@pytest.fixture(scope="module")
def sqlite_arena(fuzz_seed: int, tmp_path_factory: pytest.TempPathFactory, signing_keys: KeyRing) -> Iterator[Arena]:
    yield from _arena(f"sqlite:///{tmp_path_factory.mktemp('fuzz') / 'fuzz.db'}", signing_keys, fuzz_seed)


@pytest.fixture(scope="module")
def arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    """The arena on the database that the test names."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_arena")
        return
    server = request.getfixturevalue("postgres_server")
    name = f"fuzz_{secrets.token_hex(6)}"
    keys, seed = request.getfixturevalue("signing_keys"), request.getfixturevalue("fuzz_seed")
    yield from _arena(server.create_database(name), keys, seed)
    server.drop_database(name)


def _arena(url: str, keys: KeyRing, seed: int) -> Iterator[Arena]:
    database = Database(url, sqlite_synchronous="OFF", pool_size=3, system_role="none_but_the_login")
    yield Arena(database, keys, seed, DATA_SETS)
    database.dispose()
