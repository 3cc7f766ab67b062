"""Lookups: one SELECT of global tables, without a transaction, on whatever connection is alive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Select, String, Table, Uuid, bindparam, exists, insert, select
from sqlalchemy.pool import QueuePool

from huikuan.db import Database, UtcDateTime
from huikuan.db.lookup import Lookup
from huikuan.ids import new_id
from kernel.tests.db.lost import lose_pooled
from kernel.tests.db.shop import Line, Order

PLACES = Table(
    "lookup_place",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("name", String(50)),
    Column("since", UtcDateTime),
    Column("size", Integer),
    info={"module": "kernel"},
)
HERE, SINCE = new_id(), datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
BY_NAME = Lookup(select(PLACES).where(PLACES.c.name == bindparam("name", type_=String())))
ORDERS: Any = Order.__table__
LINES: Any = Line.__table__


@pytest.fixture(scope="module")
def places(database: Database) -> Iterator[Database]:
    """A database with a global table of two rows."""
    PLACES.create(database.engine)
    with database.engine.begin() as connection:
        connection.execute(insert(PLACES).values(id=HERE, name="here", since=SINCE, size=3))
        connection.execute(insert(PLACES).values(id=new_id(), name="there", since=None, size=None))
    yield database
    PLACES.drop(database.engine)


def test_the_row_has_the_columns_names_and_python_values(places: Database) -> None:
    row = places.look_up(BY_NAME, name="here")
    assert (row.id, row.name, row.since, row.size) == (HERE, "here", SINCE, 3)  # type: ignore[union-attr]
    row = places.look_up(BY_NAME, name="there")
    assert (row.since, row.size) == (None, None)  # type: ignore[union-attr]


def test_what_is_not_there_is_none(places: Database) -> None:
    assert places.look_up(BY_NAME, name="nowhere") is None


ON = LINES.c.order_id == ORDERS.c.id
TENANTS: dict[str, Select[Any]] = {
    "alone": select(ORDERS.c.id).where(ORDERS.c.tenant_id == bindparam("tenant", type_=Uuid())),
    "joined": select(PLACES.c.name).join(ORDERS, ORDERS.c.id == PLACES.c.id),
    "joined twice": select(PLACES.c.name).join(ORDERS, ORDERS.c.id == PLACES.c.id).join(LINES, ON),
    "under another name": select(ORDERS.alias("o").c.id),
    "in a subquery": select(select(ORDERS.c.id).subquery().c.id),
    "in a condition": select(PLACES.c.name).where(exists().where(ORDERS.c.id == PLACES.c.id)),
    "in a scalar": select(PLACES.c.name, select(ORDERS.c.number).limit(1).scalar_subquery()),
    "in a common table expression": select(select(ORDERS.c.id).cte("c").c.id),
}


@pytest.mark.parametrize("statement", TENANTS.values(), ids=TENANTS)
def test_no_table_of_tenants_stands_in_it(statement: Select[Any]) -> None:
    """Nothing sets the tenant for it, so nothing behind the code would keep rows apart."""
    with pytest.raises(ValueError, match="global tables only"):
        Lookup(statement)


@pytest.mark.parametrize("count", [1, 2, 10])
def test_lost_connections_are_tried_and_closed(places: Database, count: int) -> None:
    """As many as the pool holds: each is found dead only when something is sent on it."""
    lose_pooled(places, count)
    assert places.look_up(BY_NAME, name="here") is not None
    assert isinstance(places.engine.pool, QueuePool)
    assert places.engine.pool.checkedout() == 0
    assert places.look_up(BY_NAME, name="here") is not None
