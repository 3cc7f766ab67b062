"""What a command has read already is not read again, until it locks or writes where it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select, update

from huikuan.db import Database, GuardedSession, LockKey, lock
from huikuan.db.seen import locked_rows, once, quietly, rows_by_id
from huikuan.ids import new_id
from kernel.tests.db.shop import MINE, THEIRS, Customer, Line, Order, order, trial


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(" ".join(statement.split()))

    event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine, "before_cursor_execute", note)


def numbers(session: GuardedSession, **how: bool) -> list[str]:
    """The numbers of all orders, asked once."""

    def read() -> list[str]:
        return sorted(session.scalars(select(Order.number)))

    return once(session, "shop.numbers", read, (Order,), rows=how.get("rows", False), lasting=how.get("lasting", False))


def orders(session: GuardedSession) -> list[str]:
    """The numbers of all orders, by their rows, asked once."""
    rows = once(
        session, "shop.orders", lambda: session.scalars(select(Order)).all(), (Order,), rows=True, lasting=False
    )
    return sorted(row.number for row in rows)


def test_an_answer_is_asked_once(database: Database) -> None:
    with trial(database) as session, counted(database) as sent:
        assert numbers(session) == numbers(session) == ["MINE"]
        assert len(sent) == 1


def test_a_read_outside_a_command_is_asked_each_time(database: Database) -> None:
    with database.read(MINE) as session, counted(database) as sent:
        assert numbers(session) == numbers(session)
        assert len(sent) == 2


@pytest.mark.parametrize("flushed", [True, False])
def test_new_and_changed_rows_make_another_answer(database: Database, flushed: bool) -> None:
    with trial(database) as session:
        numbers(session)
        row = order("new")
        session.add(row)
        if flushed:
            session.flush()
        assert numbers(session) == ["MINE", "new"]
        row.number = "newer"
        if flushed:
            session.flush()
        assert numbers(session) == ["MINE", "newer"]
        session.flush()
        session.delete(row)
        if flushed:
            session.flush()
        assert numbers(session) == ["MINE"]


def test_rows_show_their_changes_themselves(database: Database) -> None:
    with trial(database) as session:
        assert orders(session) == ["MINE"]
        session.scalars(select(Order)).one().number = "changed"
        session.flush()
        with counted(database) as sent:
            assert orders(session) == ["changed"]
        assert not [text for text in sent if "UPDATE" in text]
        session.add(order("new"))
        session.flush()
        assert orders(session) == ["changed", "new"]


def test_statements_that_write_make_another_answer(database: Database) -> None:
    with trial(database) as session:

        def names() -> list[str]:
            return once(
                session,
                "shop.names",
                lambda: [*session.scalars(select(Customer.name))],
                (Customer,),
                rows=True,
                lasting=True,
            )

        assert names() == ["MINE"]
        session.execute(update(Customer).values(name="changed"))
        assert names() == ["changed"]


def test_writes_elsewhere_do_not(database: Database) -> None:
    with trial(database) as session:
        numbers(session)
        session.add(Customer(name="new"))
        session.flush()
        with counted(database) as sent:
            numbers(session)
        assert not sent


def test_what_a_savepoint_took_back_is_asked_anew(database: Database) -> None:
    with trial(database) as session:
        savepoint = session.begin_nested()
        session.add(order("new"))
        assert numbers(session, lasting=True) == ["MINE", "new"]
        savepoint.rollback()
        assert numbers(session, lasting=True) == ["MINE"]


def test_after_a_lock_everything_is_asked_anew_but_what_lasts(database: Database) -> None:
    with trial(database) as session:
        mine = session.scalars(select(Customer.id)).one()
        reads: list[Callable[[], Any]] = [
            lambda: numbers(session),
            lambda: once(
                session,
                "shop.version 1",
                lambda: [*session.scalars(select(Line.sku))],
                (Line,),
                rows=False,
                lasting=True,
            ),
        ]
        for read in reads:
            read()
        lock(session, [LockKey(1, Customer, mine)])
        with counted(database) as sent:
            for read in reads:
                read()
        assert len(sent) == 1
        assert "shop_order" in sent[0]


def test_rows_by_id_are_read_once(database: Database) -> None:
    with trial(database) as session:
        mine, unknown = session.scalars(select(Order.id)).one(), new_id()
        with counted(database) as sent:
            assert (
                rows_by_id(session, Order, [mine, mine]).keys() == rows_by_id(session, Order, [mine]).keys() == {mine}
            )
        assert len(sent) == 1
        assert rows_by_id(session, Order, [unknown]) == {}
        row = order("new")
        session.add(row)
        assert rows_by_id(session, Order, [row.id]) == {row.id: row}
        session.delete(row)
        assert rows_by_id(session, Order, [row.id]) == {}


def test_rows_of_another_tenant_are_not_found(database: Database) -> None:
    with trial(database, THEIRS) as session:
        theirs = session.scalars(select(Order.id)).one()
    with trial(database) as session:
        assert rows_by_id(session, Order, [theirs]) == {}


def test_locked_rows_are_read_with_the_lock(database: Database) -> None:
    with trial(database) as session:
        mine = session.scalars(select(Customer.id)).one()
        assert locked_rows(session, Customer) == []
        lock(session, [LockKey(1, Customer, mine)])
        with counted(database) as sent:
            names = [row.name for row in locked_rows(session, Customer)]
            assert [row.name for row in rows_by_id(session, Customer, [mine]).values()] == ["MINE"]
        if database.dialect == "sqlite":
            assert names == []  # nothing was locked, so nothing was read
        else:
            assert (names, sent) == (["MINE"], [])


def test_what_is_to_be_deleted_waits_for_no_quiet_read(database: Database) -> None:
    with trial(database) as session, counted(database) as sent:
        row = order("new")
        session.add(row)
        session.flush()
        session.delete(row)
        sent.clear()
        quietly(session, (Customer,), lambda: session.scalars(select(Customer.name)).all())
        assert [text.split()[0] for text in sent] == ["SELECT", "DELETE", "SELECT"]  # its lines are asked for first


def test_an_answer_from_nobody_knows_where_sees_everything(database: Database) -> None:
    with trial(database) as session:
        session.add(order("new"))
        found = once(
            session, "shop.all", lambda: session.scalars(select(Order.number)).all(), (), rows=False, lasting=True
        )
        assert set(found) == {"MINE", "new"}


def test_a_quiet_read_lets_what_waits_for_other_tables_wait(database: Database) -> None:
    with trial(database) as session, counted(database) as sent:
        session.add(Customer(name="new"))
        quietly(session, (Order,), lambda: session.scalars(select(Order.number)).all())
        assert [text.split()[0] for text in sent] == ["SELECT"]
        session.add(order("new"))
        found = quietly(session, (Order,), lambda: session.scalars(select(Order.number)).all())
        assert set(found) == {"MINE", "new"}
        assert {text.split()[0] for text in sent[1:-1]} == {"INSERT"}
