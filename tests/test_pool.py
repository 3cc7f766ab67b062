"""Tenants share two PostgreSQL connections and never see each other's rows, whatever breaks in between."""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, NullPool, Table, create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.module import migration_sources
from huikuan.db import Base, Database
from huikuan.db.admin import parse_url
from huikuan.db.rls import unfenced_tables
from huikuan.errors import BadInput, HookError
from huikuan.graphql.ids import decode_any_id, encode_id
from huikuan.ids import new_id
from huikuan.testing.databases import DatabaseTemplates, PostgresUrls
from huikuan.testing.postgres import PostgresServer
from huikuan.testing.shop import Shop, make_shop
from huikuan_customers.models import Customer
from huikuan_orders.models import Order
from tests.isolation.canaries import plant, tenant_tables
from tests.reliability.served import at_once

pytestmark = pytest.mark.usefixtures("quiet_log")

TENANTS, THREADS = 4, 6


@dataclass
class Street:
    """Several shops on one database, and the URLs of its roles."""

    shops: list[Shop]
    urls: PostgresUrls
    database: Database


@pytest.fixture
def street(
    postgres_server: PostgresServer,
    database_templates: DatabaseTemplates,
    with_partner: ModuleCatalog,
    signing_keys: KeyRing,
) -> Iterator[Street]:
    """Tenants t0, t1 …, each with customers and orders that carry its name, on a pool of two."""
    with database_templates.postgres(postgres_server, migration_sources(with_partner)) as urls:
        database = Database(urls.app, system_url=urls.system, pool_size=2, pool_timeout=30)
        modules = tuple(with_partner.names)
        first = make_shop(database, with_partner, modules, keys=signing_keys, slug="t0")
        shops = [first, *(first.other_tenant(*modules, slug=f"t{number}") for number in range(1, TENANTS))]
        for shop in shops:
            shop.run("customer_create", input={"code": "C1", "name": f"of {shop.tenant}", "currency": "EUR"})
            for _ in range(3):
                _create(shop)
        yield Street(shops, urls, database)
        database.dispose()


def _create(shop: Shop, **more: Any) -> UUID:
    line = {"quantity": 1, "unit_price": 10, "description": f"of {shop.tenant}"}
    given = {"customer": {"code": "C1"}, "lines": [line], "notes": f"of {shop.tenant}", **more}
    return UUID(shop.run("order_create", input=given).values["order"])


# --- pooled connections -------------------------------------------------------------------------


def _read(shop: Shop) -> list[str]:
    with shop.reading() as ctx:
        names = ctx.scalars(select(Customer.name))
        return [*names, *(str(order.notes) for order in ctx.scalars(select(Order)))]


def _query(shop: Shop) -> list[str]:
    data = shop.query("{ customers { nodes { name } } orders { nodes { notes lines { description } } } }")
    orders = data["orders"]["nodes"]
    texts = [node["name"] for node in data["customers"]["nodes"]] + [order["notes"] for order in orders]
    return texts + [line["description"] for order in orders for line in order["lines"]]


def _write(shop: Shop) -> list[str]:
    order = _create(shop)
    with shop.reading() as ctx:
        return [str(ctx.get(Order, order).notes)]


def _fail_in_a_read(shop: Shop) -> list[str]:
    with pytest.raises(ZeroDivisionError), shop.reading() as ctx:
        found = [str(order.notes) for order in ctx.scalars(select(Order))]
        raise ZeroDivisionError
    return found


def _fail_in_a_command(shop: Shop) -> list[str]:
    with pytest.raises(BadInput):
        _create(shop, lines=[{"quantity": 1, "sku": "NOTHING"}])
    return []


def _fail_in_a_hook(shop: Shop) -> list[str]:
    order = _create(shop)
    with pytest.raises(HookError):
        shop.run("order_confirm", id=order)
    return []


def _fail_in_the_database(shop: Shop) -> list[str]:
    with pytest.raises(DBAPIError), shop.writing() as ctx:
        ctx.add(Customer(code="C1", name=f"of {shop.tenant}", currency="EUR", language="en"))
    return []


ACTIONS: list[Callable[[Shop], list[str]]] = [
    _read, _query, _write, _fail_in_a_read, _fail_in_a_command, _fail_in_a_hook, _fail_in_the_database,
]  # fmt: skip


def test_1000_alternating_tenants_on_two_connections(
    street: Street, behaviour: dict[str, Callable[..., Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _alternate(street, behaviour, monkeypatch, 1_000)


@pytest.mark.soak
def test_20000_alternating_tenants_on_two_connections(
    street: Street, behaviour: dict[str, Callable[..., Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _alternate(street, behaviour, monkeypatch, 20_000)


def _alternate(
    street: Street, behaviour: dict[str, Callable[..., Any]], monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    def crash(*_: Any) -> None:
        raise OSError("in the middle")

    behaviour["orders_after_confirm"] = crash
    monkeypatch.setattr(street.shops[0].scope.composition.bus._breaker, "limit", times)
    rng, done = random.Random(7), Counter[str]()
    turns = [(street.shops[number % TENANTS], rng.choice(ACTIONS)) for number in range(times)]

    def take(shop: Shop, action: Callable[[Shop], list[str]]) -> int:
        found = action(shop)
        done[action.__name__] += 1
        return sum(item != f"of {shop.tenant}" for item in found)

    mixed = at_once([lambda turn=turn: take(*turn) for turn in turns], THREADS)  # type: ignore[misc]
    print(f"\n{dict(done)}: {sum(mixed)} mixed rows")
    assert sum(mixed) == 0
    for shop in street.shops:
        assert set(_read(shop)) == {f"of {shop.tenant}"}
    assert street.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_full_pool_refuses_and_recovers(street: Street) -> None:
    small = Database(street.urls.app, system_url=street.urls.system, pool_size=2, pool_timeout=0.1)
    tenant = street.shops[0].scope.tenant.id
    with small.read(tenant), small.read(tenant), pytest.raises(PoolTimeout), small.read(tenant):
        pass
    with small.read(tenant) as session:
        assert len(session.scalars(select(Order)).all()) == 3
    small.dispose()


# --- the fence behind the code ------------------------------------------------------------------


def test_without_a_tenant_the_application_sees_no_row(street: Street, with_partner: ModuleCatalog) -> None:
    """Plain SQL, as somebody who got past all code: own rows, or none."""
    tables = tenant_tables(with_partner.names)
    tenants = [shop.scope.tenant.id for shop in street.shops[:2]]
    for tenant in tenants:
        plant(street.database, tenant, with_partner.names)
    assert "acme_fault_mark" in {table.name for table in tables}
    with create_engine(parse_url(street.urls.app), poolclass=NullPool).connect() as connection:
        assert {table.name: _rows(connection, table, None) for table in tables} == dict.fromkeys(
            (table.name for table in tables), (0, 0)
        )
        for tenant in tenants:
            seen = {table.name: _rows(connection, table, tenant) for table in tables}
            assert {name for name, (own, _) in seen.items() if not own} == set(), "there is something to see"
            assert {name for name, (_, foreign) in seen.items() if foreign} == set()


def _rows(connection: Connection, table: Table, tenant: UUID | None) -> tuple[int, int]:
    """How many rows of a table are seen: of this tenant, and of others."""
    if tenant is not None:
        connection.exec_driver_sql(f"SET LOCAL app.tenant = '{tenant}'")
    found = connection.exec_driver_sql(f'SELECT tenant_id FROM "{table.name}"').scalars().all()
    connection.rollback()
    return sum(item == tenant for item in found), sum(item != tenant for item in found)


def test_without_a_tenant_nothing_is_changed(street: Street, with_partner: ModuleCatalog) -> None:
    with create_engine(parse_url(street.urls.app), poolclass=NullPool).connect() as connection:
        for table in tenant_tables(with_partner.names):
            for statement in (f'DELETE FROM "{table.name}"', f'UPDATE "{table.name}" SET tenant_id = tenant_id'):
                try:
                    assert connection.exec_driver_sql(statement).rowcount == 0, statement
                except DBAPIError as error:
                    assert getattr(error.orig, "sqlstate", "") == "42501", error  # no right at all: rows are only added
                connection.rollback()


def test_every_table_is_fenced_also_a_partners(street: Street) -> None:
    shared = [table.name for table in Base.metadata.tables.values() if not table.info.get("tenant")]
    with create_engine(parse_url(street.urls.admin), poolclass=NullPool).connect() as connection:
        fenced = connection.scalars(text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"))
        assert {"acme_fault_mark", "orders_order"} <= set(fenced)
        assert unfenced_tables(connection, shared) == []
        connection.exec_driver_sql("ALTER TABLE acme_fault_mark NO FORCE ROW LEVEL SECURITY")
        assert unfenced_tables(connection, shared) == ["acme_fault_mark"]
        connection.rollback()


# --- foreign and absent -------------------------------------------------------------------------

ONE = "query($id: ID!) { order(id: $id) { id notes lines { description } } node(id: $id) { id } }"
ROUNDS = 150


def test_a_foreign_id_answers_like_an_absent_one_and_as_fast(street: Street) -> None:
    mine, theirs = street.shops[:2]
    foreign = [encode_id("Order", _create(theirs)) for _ in range(10)]
    absent = [encode_id("Order", new_id()) for _ in range(10)]
    seconds: dict[str, list[float]] = {"foreign": [], "absent": []}
    answers: set[str] = set()
    for number in range(ROUNDS):
        kinds = [("foreign", foreign), ("absent", absent)]
        for kind, ids in kinds if number % 2 else reversed(kinds):
            id = ids[number % len(ids)]
            started = time.perf_counter()
            answers.add(str(mine.execute(ONE, id=id)))
            found = mine.mutate("orderConfirm", id=id)
            seconds[kind].append(time.perf_counter() - started)
            [error] = found.errors
            answers.add(
                f"{error['extensions']} {error['message']}".replace(id, "…").replace(str(decode_any_id(id)[1]), "…")
            )
    assert len(answers) == 2, answers
    medians = {kind: statistics.median(found) * 1_000 for kind, found in seconds.items()}
    print(f"\nmedian of {ROUNDS}: {medians} ms")
    assert abs(medians["foreign"] - medians["absent"]) <= 5
