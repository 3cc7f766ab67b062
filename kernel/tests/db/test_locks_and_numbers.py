"""Locks are taken in one order; numbers have no gaps."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from huikuan.db import Database, LockKey, TenantModel, lock, next_numbers
from huikuan.db.connect import Deadlines
from huikuan.ids import new_id
from kernel.tests.db.shop import CLOCK, MINE, THEIRS, Customer, Order, RolledBack, order, trial


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(" ".join(statement.split()))

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_rows_are_locked_by_rank_and_table_each_once(database: Database, statements: list[str]) -> None:
    with trial(database) as session:
        customer = session.scalars(select(Customer.id)).one()
        orders = session.scalars(select(Order.id)).all()
        keys = [LockKey(2, Order, orders[0]), LockKey(1, Customer, customer), LockKey(2, Order, new_id())]
        statements.clear()
        lock(session, [*keys, *keys])
    locking = [statement for statement in statements if "FOR NO KEY UPDATE" in statement]
    if database.dialect == "sqlite":
        assert not locking  # the transaction itself is the lock: SQLite has one writer
        return
    assert [statement.partition(" FROM ")[2].partition(" WHERE ")[0] for statement in locking] == [
        "shop_customer",
        "shop_order",
    ]
    assert all("ORDER BY" in statement for statement in locking)


def test_what_was_read_before_the_lock_is_read_anew(database: Database, unguarded: Database) -> None:
    with trial(database) as session:
        mine = session.scalars(select(Customer)).one()
        bare: Any = session.get_bind()
        bare.connection.driver_connection.execute("UPDATE shop_customer SET name = 'newer' WHERE name = 'MINE'")
        assert mine.name == "MINE"
        lock(session, [LockKey(1, Customer, mine.id)])
        assert mine.name == "newer"


def test_commands_that_lock_the_same_rows_do_not_deadlock(database: Database) -> None:
    with database.read(MINE) as session:
        keys: list[tuple[int, type[TenantModel], UUID]] = [
            *((1, Customer, id) for id in session.scalars(select(Customer.id))),
            *((2, Order, id) for id in session.scalars(select(Order.id))),
        ]

    def work(seed: int) -> None:
        shuffled = random.Random(seed).sample(keys, len(keys))
        with database.command(MINE, CLOCK) as session:
            lock(session, [LockKey(*key) for key in shuffled])
            session.scalars(select(Customer)).one().name += "."

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(20)))
    with database.command(MINE, CLOCK) as session:
        customer = session.scalars(select(Customer)).one()
        assert customer.name == "MINE" + "." * 20
        customer.name = "MINE"


def test_numbers_have_no_gaps_though_commands_fail(database: Database) -> None:
    def work(seed: int) -> int | None:
        try:
            with database.command(MINE, CLOCK) as session:
                number = next_numbers(session, "invoice")
                if seed % 3 == 0:
                    raise RolledBack
                session.add(order(f"invoice {number}"))
                return number
        except RolledBack:
            return None

    with ThreadPoolExecutor(4) as pool:
        taken = [number for number in pool.map(work, range(60)) if number is not None]
    assert sorted(taken) == list(range(1, 41))


def test_each_series_and_each_tenant_counts_for_itself(database: Database) -> None:
    with trial(database) as session:
        assert [next_numbers(session, "a"), next_numbers(session, "a", 3), next_numbers(session, "a")] == [1, 2, 5]
        assert next_numbers(session, "b") == 1
    with trial(database, THEIRS) as session:
        assert next_numbers(session, "a") == 1
        with pytest.raises(ValueError, match="at least one"):
            next_numbers(session, "a", 0)


def test_tenants_do_not_wait_for_each_others_numbers(database_url: str, database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one writer for all tenants")
    impatient = Database(database_url, deadlines=Deadlines(lock=0.05))
    with trial(impatient) as mine:
        next_numbers(mine, "both")
        with trial(impatient, THEIRS) as theirs:
            assert next_numbers(theirs, "both") == 1
        with pytest.raises(OperationalError, match="lock timeout"), trial(impatient) as second:
            next_numbers(second, "both")
    impatient.dispose()
