"""Commands at the same time: each rule holds as if they had come one after the other, and no client sees a deadlock."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.models import AuditEntry, OutboxEvent
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.errors import Conflict
from huikuan.ids import new_id
from huikuan.runner import CommandResult
from huikuan.testing.databases import DatabaseTemplates
from huikuan.testing.postgres import PostgresServer
from huikuan.testing.shop import Shop, make_shop
from huikuan_orders.models import Order, OrderTransition
from kernel.tests.core.kit import rows
from tests.reliability.served import CONFIRM, at_once, codes, open_site, serve
from tests.reliability.sessions import end_a_session, overseer

THREADS = 64
CUSTOMERS = 3


@pytest.fixture
def shop(database_with: Callable[..., Database], installed_modules: ModuleCatalog, signing_keys: KeyRing) -> Shop:
    """A tenant with a few customers, on a database with a connection for each thread."""
    return _stocked(make_shop(database_with(pool_size=THREADS), installed_modules, ("orders",), keys=signing_keys))


def _stocked(shop: Shop) -> Shop:
    for number in range(CUSTOMERS):
        customer = {"code": f"C{number}", "name": "Busy", "currency": "EUR"}
        assert shop.run("customer_create", input=customer).done
    assert shop.run("product_create", sku="A1", name="Goods").done
    return shop


@dataclass
class Client:
    """Sends again, with the same key, what it is told to send again; counts what it is told."""

    shop: Shop
    told: Counter[str] = field(default_factory=Counter)
    lost: tuple[type[Exception], ...] = ()

    def run(self, command: str, key: str, **arguments: Any) -> CommandResult:
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.shop.kernel.run(self.shop.scope, command, arguments, key=key)
            except Conflict as conflict:
                self.told[conflict.data["reason"]] += 1
                assert time.monotonic() < deadline, self.told
            except self.lost as error:
                self.told[type(error).__name__] += 1
            time.sleep(0.02)

    def create(self, key: str, customer: int = 0, bill_to: int = 0) -> UUID:
        line = {"sku": "A1", "quantity": Decimal(1), "unit_price": Decimal(10)}
        parties = {"customer": {"code": f"C{customer}"}, "bill_to": {"code": f"C{bill_to}"}}
        result = self.run("order_create", f"create {key}", input={**parties, "lines": [line], "currency": "EUR"})
        assert result.done, result.refusals
        return UUID(result.values["order"])

    def confirm(self, order: UUID, key: str) -> CommandResult:
        return self.run("order_confirm", f"confirm {key}", id=order)


def test_one_order_is_confirmed_once(shop: Shop) -> None:
    _confirm_one(shop)


def test_orders_of_few_customers_are_confirmed_without_a_deadlock(shop: Shop) -> None:
    _confirm_crosswise(shop)


def test_numbers_are_unique(shop: Shop) -> None:
    _number(shop, 1)


@pytest.mark.soak
def test_50_rounds(shop: Shop) -> None:
    for _ in range(50):
        _confirm_one(shop)
        _confirm_crosswise(shop)
    _number(shop, 50)
    assert not shop.check()


def _confirm_one(shop: Shop) -> None:
    client, before = Client(shop), len(rows(shop, OrderTransition))
    order = client.create(new_id().hex)
    results = at_once([lambda: client.confirm(order, new_id().hex)] * THREADS, THREADS)
    assert all(found.done and not found.refusals for found in results)
    assert {found.values["order"] for found in results} == {str(order)}
    assert len(rows(shop, OrderTransition)) == before + 1
    assert len(rows(shop, OutboxEvent, type="ORDER_CONFIRMED", aggregate_id=order)) == 1
    assert len(rows(shop, AuditEntry, command="order_confirm", subject_id=order)) == THREADS
    assert "CONCURRENT" not in client.told


def _confirm_crosswise(shop: Shop) -> None:
    """Whose locks are not sorted deadlocks here: A's order is billed to B, and B's to A."""
    client, before = Client(shop), len(rows(shop, OrderTransition))
    pairs = [(number % CUSTOMERS, number // CUSTOMERS % CUSTOMERS) for number in range(THREADS)]
    orders = at_once([lambda pair=pair: client.create(new_id().hex, *pair) for pair in pairs], 8)  # type: ignore[misc]
    results = at_once([lambda id=id: client.confirm(id, id.hex) for id in orders], THREADS)  # type: ignore[misc]
    assert all(found.done for found in results)
    assert len(rows(shop, OrderTransition)) == before + THREADS
    assert len({row.order_id for row in rows(shop, OrderTransition)}) == before + THREADS
    assert "CONCURRENT" not in client.told
    assert _deadlocks(shop.kernel.database) == 0


def _number(shop: Shop, each: int) -> None:
    client, before = Client(shop), len(rows(shop, Order))
    names = [str(number) for number in range(THREADS * each)]
    ids = at_once([lambda name=name: client.create(f"n{name}") for name in names], THREADS)  # type: ignore[misc]
    stored = rows(shop, Order)
    assert len(set(ids)) == len(names) == len(stored) - before
    assert len({order.number for order in stored}) == len(stored)


def _deadlocks(database: Database) -> int:
    """How many PostgreSQL had to break, whether or not a client saw it."""
    if database.dialect == "sqlite":
        return 0
    database.dispose()  # its sessions report when they end
    with database.system() as session:
        return int(session.scalar(text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")))


# --- sessions that are ended by force -----------------------------------------------------------


@pytest.fixture
def killable(
    postgres_server: PostgresServer,
    database_templates: DatabaseTemplates,
    with_partner: ModuleCatalog,
    signing_keys: KeyRing,
) -> Iterator[tuple[Shop, str]]:
    """A shop on PostgreSQL, and the superuser's URL of its database."""
    with database_templates.postgres(postgres_server, migration_sources(with_partner)) as urls:
        database = Database(urls.app, system_url=urls.system)
        yield _stocked(make_shop(database, with_partner, ("orders",), keys=signing_keys)), urls.admin
        database.dispose()


def test_ended_sessions_lose_and_double_nothing(killable: tuple[Shop, str]) -> None:
    _end_sessions(*killable, hits=10)


@pytest.mark.soak
def test_200_ended_sessions_lose_and_double_nothing(killable: tuple[Shop, str]) -> None:
    _end_sessions(*killable, hits=200)


def test_a_client_is_told_to_send_again_when_its_session_ends(
    killable: tuple[Shop, str],
    with_partner: ModuleCatalog,
    behaviour: dict[str, Callable[..., Any]],
) -> None:
    shop, admin = killable
    with serve(shop.kernel.database, with_partner, shop.kernel.services.keys) as server, open_site(server) as site:
        caller = site.caller()
        order = caller.draft()

        def end_own_session(ctx: Any, _order: Any) -> None:
            _terminate(admin, 1)
            ctx.scalars(select(Order.id))

        behaviour["orders_before_confirm"] = end_own_session
        answer = caller.post(CONFIRM, {"id": order, "key": "once"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert codes(answer.json()) == {"OVERLOADED"}, "no module is to blame"
        behaviour.clear()
        assert caller.confirm(order, "once")["data"]["orderConfirm"]["order"]["status"] == "CONFIRMED"
        assert site.count(OrderTransition) == 1


def _end_sessions(shop: Shop, admin: str, hits: int) -> None:
    client, stop = Client(shop, lost=(DBAPIError,)), threading.Event()
    done: list[str] = []

    def write(number: int) -> None:
        count = 0
        while not stop.is_set():
            count += 1
            key = f"{number}-{count}"
            order = client.create(key, number % CUSTOMERS)
            assert client.confirm(order, key).done
            done.append(key)

    def end() -> int:
        try:
            return _terminate(admin, hits)
        finally:
            stop.set()

    with ThreadPoolExecutor(7) as pool:
        writers = [pool.submit(write, number) for number in range(6)]
        ended = pool.submit(end).result()
        for writer in writers:
            writer.result()
    print(f"\n{ended} sessions ended in a transaction; {len(done)} orders; clients were told {dict(client.told)}")
    assert client.told["OperationalError"] > 0
    assert len(rows(shop, Order)) == len(rows(shop, OrderTransition)) == len(done)
    assert {row.status.name for row in rows(shop, Order)} == {"CONFIRMED"}
    for command in ("order_create", "order_confirm"):
        assert len(rows(shop, AuditEntry, command=command)) == len(done)
    assert not shop.check()


def _terminate(admin: str, hits: int) -> int:
    """End sessions that are in a transaction, at random moments, until so many were hit."""
    hit, rng = 0, random.Random(7)
    with overseer(admin) as connection:
        while hit < hits:
            time.sleep(rng.uniform(0.01, 0.05))
            hit += end_a_session(connection)
    return hit
