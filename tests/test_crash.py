"""kill -9 while orders are created and confirmed: nothing acknowledged is lost, nothing is doubled.

The short run is part of the suite; the long one, with at least 50 kills that hit an open transaction,
carries the marker soak.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.models import AuditEntry, IdempotencyRecord
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.db.migrate import MigrationSource
from huikuan.testing.databases import DatabaseTemplates
from huikuan.testing.postgres import PostgresServer
from huikuan.testing.shop import Shop, make_shop
from huikuan_orders.models import Order
from tests.crash.storm import WRITERS, OpenTransactions, Target, confirm, create, run

pytestmark = pytest.mark.xdist_group("crash")


@dataclass
class Log:
    """What the parent read from the children's pipes: begun and acknowledged, by kind and key."""

    begun: set[tuple[str, str]] = field(default_factory=set)
    acknowledged: set[tuple[str, str]] = field(default_factory=set)

    def read(self, data: bytes) -> None:
        for line in data.decode().splitlines():
            what, kind, key = line.split()
            (self.begun if what == "B" else self.acknowledged).add((kind, key))


@pytest.fixture(params=["sqlite", "postgresql"])
def target(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    database_templates: DatabaseTemplates,
    installed_modules: ModuleCatalog,
    signing_keys: KeyRing,
) -> Iterator[tuple[Target, Shop]]:
    """A shop with one customer and one product, and how a child process opens it."""
    sources = migration_sources(installed_modules)
    with _urls(request, database_templates, sources, tmp_path) as (url, system_url):
        database = Database(url, system_url=system_url, pool_size=WRITERS + 1)
        shop = make_shop(database, installed_modules, ("orders",), keys=signing_keys)
        customer = shop.mutate("customerCreate", input={"code": "C1", "name": "Storm Ltd"})["customer"]
        product = shop.products.create("A1")
        assert customer["code"] == "C1"
        yield Target(url, system_url, "C1", product.sku, shop.tenant), shop
        database.dispose()


@contextmanager
def _urls(
    request: pytest.FixtureRequest, templates: DatabaseTemplates, sources: Sequence[MigrationSource], folder: Path
) -> Iterator[tuple[str, str | None]]:
    if request.param == "sqlite":
        yield templates.sqlite(sources, folder / "storm.db"), None
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with templates.postgres(server, sources) as urls:
        yield urls.app, urls.system


def test_kills_lose_and_double_nothing(target: tuple[Target, Shop], signing_keys: KeyRing) -> None:
    _storm(*target, signing_keys, hits=5)


@pytest.mark.soak
def test_fifty_kills_lose_and_double_nothing(target: tuple[Target, Shop], signing_keys: KeyRing) -> None:
    _storm(*target, signing_keys, hits=50)


def _storm(target: Target, shop: Shop, keys: KeyRing, *, hits: int) -> None:
    log, seed = Log(), random.SystemRandom().randrange(10**6)
    rng = random.Random(seed)
    hit = kills = 0
    while hit < hits:
        kills += 1
        assert kills < hits * 10, "the kills hit no transaction"
        hit += _kill_one(target, keys, kills, rng.uniform(0.05, 0.4), log)
    acknowledged = len(log.acknowledged)
    print(
        f"\n{shop.dialect}: {kills} kills, {hit} in an open transaction, {acknowledged} acknowledgements, seed {seed}"
    )
    _acknowledged_are_there(shop, log)
    _retry_what_is_unknown(target, shop, log)
    _nothing_is_doubled(shop, log)
    assert not shop.check()


def _kill_one(target: Target, keys: KeyRing, generation: int, after: float, log: Log) -> bool:
    """Start a child, kill it; whether a transaction was open at that moment."""
    opened = OpenTransactions()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            run(target, keys, generation, writer, opened)
        finally:
            os._exit(4)
    os.close(writer)
    first = os.read(reader, 65536)
    log.read(first)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"the child ended by itself with {os.waitstatus_to_exitcode(status)}"
    while data := os.read(reader, 65536):
        log.read(data)
    os.close(reader)
    return opened.total() > 0


def _acknowledged_are_there(shop: Shop, log: Log) -> None:
    with shop.reading() as ctx:
        rows = ctx.rows(select(Order.reference, Order.status))
    state = {row.reference: row.status.name for row in rows}
    lost = [key for kind, key in log.acknowledged if key not in state or (kind == "F" and state[key] != "CONFIRMED")]
    assert not lost


def _retry_what_is_unknown(target: Target, shop: Shop, log: Log) -> None:
    """Clients that saw no answer repeat their request, with the same key."""
    scope = shop.kernel.scope(shop.tenant)  # the same actor as the child's: keys belong to an actor
    for kind, key in sorted(log.begun):
        result = create(shop.kernel, scope, target, key)
        assert result.done
        if kind == "F":
            assert confirm(shop.kernel, scope, UUID(result.values["order"]), key).done


def _nothing_is_doubled(shop: Shop, log: Log) -> None:
    created = {key for kind, key in log.begun if kind == "C"}
    confirmed = {key for kind, key in log.begun if kind == "F"}
    with shop.reading() as ctx:
        references = ctx.scalars(select(Order.reference))
        numbers = ctx.scalars(select(Order.number))
        counted = ctx.rows(
            select(AuditEntry.command, func.count(AuditEntry.id))
            .where(AuditEntry.command.in_(["order_create", "order_confirm"]))
            .group_by(AuditEntry.command)
        )
        keys = ctx.scalar(select(func.count(IdempotencyRecord.id)).where(IdempotencyRecord.command == "order_create"))
    assert sorted(str(reference) for reference in references) == sorted(created)
    assert len(set(numbers)) == len(numbers) == len(created)
    assert {row[0]: row[1] for row in counted} == {"order_create": len(created), "order_confirm": len(confirmed)}
    assert keys == len(created)
