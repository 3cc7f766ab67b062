"""Prepared reads: guarded as every statement is, and honest about a connection that is gone."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Select, Uuid, bindparam, delete, literal_column, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from huikuan.db import Database
from huikuan.db.errors import ReadOnlyError, TenantGuardError
from huikuan.db.prepared import COLUMNS, PreparedRead, fetch_rows
from kernel.tests.db.lost import lose
from kernel.tests.db.shop import CLOCK, MINE, THEIRS, Line, Order, order, trial

ORDERS: Any = Order.__table__
LINES: Any = Line.__table__


def fence(table: Any, name: str = "tenant") -> Any:
    """The condition that a tenant's statement needs."""
    return table.c.tenant_id == bindparam(name, type_=Uuid())


@pytest.fixture(scope="module")
def numbers(database: Database) -> PreparedRead:
    """The numbers of a tenant's orders."""
    return PreparedRead(select(ORDERS.c.number).where(fence(ORDERS)), database.engine.dialect)


# --- whose rows ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("tenant", "number"), [(MINE, "MINE"), (THEIRS, "THEIRS")])
def test_one_statement_serves_each_tenant_its_own_rows(
    database: Database, numbers: PreparedRead, tenant: UUID, number: str
) -> None:
    with database.snapshot(tenant, CLOCK) as connection:
        assert [tuple(row) for row in numbers.fetch(connection, {"tenant": tenant})] == [(number,)]


@pytest.mark.parametrize("connected", [THEIRS, None])
def test_a_connection_of_another_tenant_is_refused(
    database: Database, numbers: PreparedRead, connected: UUID | None
) -> None:
    with (
        database.snapshot(connected, CLOCK) as connection,
        pytest.raises(TenantGuardError, match="another tenant"),
    ):
        numbers.fetch(connection, {"tenant": MINE})


def test_each_table_is_held_against_the_connections_tenant(database: Database) -> None:
    """One fence that is right does not excuse the other."""
    statement = select(ORDERS.c.number, LINES.c.sku).where(
        fence(ORDERS), fence(LINES, "other"), LINES.c.order_id == ORDERS.c.id
    )
    prepared = PreparedRead(statement, database.engine.dialect)
    with database.snapshot(MINE, CLOCK) as connection:
        assert len(prepared.fetch(connection, {"tenant": MINE, "other": MINE})) == 1
        for tenants in ({"tenant": MINE, "other": THEIRS}, {"tenant": THEIRS, "other": MINE}):
            with pytest.raises(TenantGuardError):
                prepared.fetch(connection, tenants)


UNFENCED: dict[str, Select[Any]] = {
    "no condition": select(ORDERS.c.number),
    "an alternative": select(ORDERS.c.number).where(fence(ORDERS) | (ORDERS.c.number == "THEIRS")),
    "a joined table": select(LINES.c.sku).join(ORDERS, ORDERS.c.id == LINES.c.order_id).where(fence(ORDERS)),
    "an outer join": select(ORDERS.c.number).outerjoin(LINES, fence(LINES)).where(fence(ORDERS, "other") | True),
    "a subquery": select(ORDERS.c.number).where(
        fence(ORDERS), ORDERS.c.id.in_(select(LINES.c.order_id).where(LINES.c.sku == "THEIRS"))
    ),
    "text": select(literal_column("number FROM shop_order --")),
    "text in a condition": select(ORDERS.c.number).where(fence(ORDERS), text("1 = 1")),
}


@pytest.mark.parametrize("statement", UNFENCED.values(), ids=UNFENCED)
def test_a_statement_that_leaks_is_never_prepared(database: Database, statement: Select[Any]) -> None:
    with pytest.raises(TenantGuardError, match="refused"):
        PreparedRead(statement, database.engine.dialect)


def test_a_statement_that_writes_is_never_prepared(database: Database) -> None:
    statement: Any = delete(ORDERS).where(fence(ORDERS))
    with pytest.raises(ReadOnlyError):
        PreparedRead(statement, database.engine.dialect)


def test_other_columns_keep_the_fence(database: Database) -> None:
    frame = PreparedRead(select(COLUMNS).select_from(ORDERS).where(fence(ORDERS)), database.engine.dialect)
    chosen = frame.selecting("shop_order.number, shop_order.currency")
    with database.snapshot(MINE, CLOCK) as connection:
        assert [tuple(row) for row in chosen.fetch(connection, {"tenant": MINE})] == [("MINE", "CNY")]
        assert [tuple(row) for row in frame.fetch(connection, {"tenant": MINE})] == [(0,)]
    with database.snapshot(THEIRS, CLOCK) as connection, pytest.raises(TenantGuardError):
        chosen.fetch(connection, {"tenant": MINE})


def test_a_statement_for_one_time_is_guarded_as_well(database: Database) -> None:
    statement = select(ORDERS.c.number).where(fence(ORDERS))
    with database.snapshot(MINE, CLOCK) as connection:
        assert [tuple(row) for row in fetch_rows(connection, statement.params(tenant=MINE))] == [("MINE",)]
        with pytest.raises(TenantGuardError):
            fetch_rows(connection, statement.params(tenant=THEIRS))


# --- values -------------------------------------------------------------------------------------


def test_values_are_bound_as_their_columns_store_them(database: Database) -> None:
    """Each by its type: a moment, an amount, an id, a state; a fixed one and one that each execution brings."""
    with trial(database) as session:
        session.add(order("typed", total=Decimal("12.34")))
        session.flush()
        conditions = [
            ORDERS.c.created_at == bindparam("at", type_=ORDERS.c.created_at.type),
            ORDERS.c.total == bindparam("total", type_=ORDERS.c.total.type),
            ORDERS.c.currency == "CNY",
        ]
        statement = select(ORDERS.c.number).where(fence(ORDERS), *conditions)
        prepared = PreparedRead(statement, database.engine.dialect)
        values: dict[str, Any] = {"tenant": MINE, "at": CLOCK.now(), "total": Decimal("12.34")}
        connection = session.get_bind()
        assert [tuple(row) for row in prepared.fetch(connection, values)] == [("typed",)]  # type: ignore[arg-type]
        assert not prepared.fetch(connection, {**values, "total": Decimal("12.35")})  # type: ignore[arg-type]
        earlier = {**values, "at": datetime(2026, 1, 1, tzinfo=CLOCK.now().tzinfo)}
        assert not prepared.fetch(connection, earlier)  # type: ignore[arg-type]


def test_a_missing_value_is_an_error_and_not_a_null(database: Database, numbers: PreparedRead) -> None:
    with database.snapshot(MINE, CLOCK) as connection, pytest.raises(KeyError):
        numbers.fetch(connection, {})


# --- lost connections ---------------------------------------------------------------------------


def test_a_lost_connection_says_so_and_the_pool_recovers(database: Database, numbers: PreparedRead) -> None:
    with pytest.raises(DBAPIError) as caught, database.snapshot(MINE, CLOCK) as connection:
        lose(database, connection)
        numbers.fetch(connection, {"tenant": MINE})
    assert caught.value.connection_invalidated
    with database.snapshot(MINE, CLOCK) as connection:
        assert [tuple(row) for row in numbers.fetch(connection, {"tenant": MINE})] == [("MINE",)]
    assert isinstance(database.engine.pool, QueuePool)
    assert database.engine.pool.checkedout() == 0


def test_an_error_of_the_statement_loses_no_connection(database: Database) -> None:
    broken = PreparedRead(select(ORDERS.c.number).where(fence(ORDERS)), database.engine.dialect)
    broken.text = broken.text.replace("number", "numbre")
    with database.snapshot(MINE, CLOCK) as connection:
        with pytest.raises(DBAPIError, match="numbre") as caught:
            broken.fetch(connection, {"tenant": MINE})
        assert not caught.value.connection_invalidated
        assert not connection.invalidated
