"""The same SELECT is sent once in a command, until a write may have changed its answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Select, delete, event, select, update

from huikuan.db import Database, GuardedSession
from huikuan.db.locks import LockKey, lock
from huikuan.db.reads import read_once
from huikuan.db.writes import insert_rows
from kernel.tests.db.shop import MINE, Customer, Line, Order, order, trial


def names() -> Select[str]:
    return select(Customer.name).order_by(Customer.name)


def numbered(number: str) -> Select[Order]:
    return select(Order).where(Order.number == number)


def read(session: GuardedSession, statement: Select[Any]) -> list[Any]:
    return read_once(session, statement, "scalars", lambda: session.scalars(statement).all())


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine, "before_cursor_execute", note)


def test_the_same_statement_is_sent_once(database: Database) -> None:
    with trial(database) as session, counted(database) as sent:
        assert read(session, names()) == read(session, names()) == ["MINE"]
        assert len(sent) == 1
        assert read(session, names().where(Customer.name == "other")) == []
        assert len(sent) == 2


def test_who_changes_the_list_changes_only_his_own(database: Database) -> None:
    with trial(database) as session:
        read(session, names()).clear()
        assert read(session, names()) == ["MINE"]


@pytest.mark.parametrize("flushed", [True, False])
def test_new_rows_are_seen_before_and_after_they_are_written(database: Database, flushed: bool) -> None:
    with trial(database) as session:
        assert read(session, numbered("new")) == read(session, names())[1:] == []
        session.add_all([order("new"), Customer(name="new")])
        if flushed:
            session.flush()
        assert len(read(session, numbered("new"))) == 1
        assert read(session, names()) == ["MINE", "new"]


@pytest.mark.parametrize("flushed", [True, False])
def test_changed_columns_are_seen_where_they_are_compared(database: Database, flushed: bool) -> None:
    with trial(database) as session:
        row = order("a")
        session.add(row)
        session.flush()
        assert read(session, numbered("a")) == [row]
        row.number = "b"
        if flushed:
            session.flush()
        assert (read(session, numbered("a")), read(session, numbered("b"))) == ([], [row])


def test_other_columns_change_no_list_of_rows_but_lists_of_values(database: Database) -> None:
    with trial(database) as session:
        row = order("a")
        session.add(row)
        totals = select(Order.total).where(Order.number == "a")
        assert (read(session, numbered("a")), read(session, totals)) == ([row], [Decimal(0)])
        with counted(database) as sent:
            row.total = Decimal(5)
            assert read(session, numbered("a"))[0].total == 5
            assert not sent, "the order need not be written for that"
            assert read(session, totals) == [5]
            assert len(sent) == 2


def test_reads_of_other_tables_let_writes_wait_for_more(database: Database) -> None:
    with trial(database) as session, counted(database) as sent:
        session.add(order("a"))
        read(session, names())
        assert [it.split()[0] for it in sent] == ["SELECT"]
        read(session, select(Line.sku).where(Line.order_id.in_(select(Order.id))))
        assert [it.split()[0] for it in sent] == ["SELECT", "INSERT", "SELECT"]


def test_statements_that_write_are_seen(database: Database) -> None:
    with trial(database) as session:
        assert read(session, names()) == ["MINE"]
        insert_rows(session, Customer, [{"name": "inserted"}])
        assert read(session, names()) == ["MINE", "inserted"]
        session.execute(update(Customer).where(Customer.name == "inserted").values(name="changed"))
        assert read(session, names()) == ["MINE", "changed"]
        session.execute(delete(Customer).where(Customer.name == "changed"))
        assert read(session, names()) == ["MINE"]


def test_after_a_delete_everything_is_read_anew(database: Database) -> None:
    with trial(database) as session:
        row = order("a")
        session.add(row)
        session.flush()
        assert (read(session, numbered("a")), read(session, names())) == ([row], ["MINE"])
        session.delete(row)
        assert read(session, numbered("a")) == []
        with counted(database) as sent:
            read(session, names())
        assert len(sent) == 1, "what is deleted may take rows of other tables along"


def test_what_a_savepoint_took_back_is_read_anew(database: Database) -> None:
    with trial(database) as session:
        savepoint = session.begin_nested()
        session.add(Customer(name="new"))
        assert read(session, names()) == ["MINE", "new"]
        savepoint.rollback()
        assert read(session, names()) == ["MINE"]


def test_after_a_lock_everything_is_read_anew(database: Database) -> None:
    with trial(database) as session, counted(database) as sent:
        read(session, names())
        [mine] = session.scalars(select(Customer.id))
        lock(session, [LockKey(1, Customer, mine)])
        before = len(sent)
        read(session, names())
        assert len(sent) == before + 1


def test_a_query_asks_each_time(database: Database) -> None:
    with database.read(MINE) as session, counted(database) as sent:
        read(session, names())
        read(session, names())
        assert len(sent) == 2
