"""What kept plans and remembered answers may not overlook: given values, lengths, writes in CTEs, savepoints."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import StatementError

from huikuan.db import Database, LockKey, lock, reads
from huikuan.db.errors import TenantGuardError
from huikuan.db.many import one_of
from huikuan.db.seen import locked_rows, quietly, with_parents
from huikuan.ids import new_id
from kernel.tests.db.shop import CLOCK, MINE, Customer, Line, Order, State, order, trial


def test_values_given_by_params_are_those_that_are_asked_for(database: Database) -> None:
    with trial(database) as session:
        session.add_all([Customer(name="a"), Customer(name="b")])
        session.flush()
        named: Any = select(Customer.name).where(Customer.name == bindparam("n", "a"))
        for _ in range(2):
            assert reads.scalars(session, named) == ["a"]
            assert reads.scalars(session, named.params(n="b")) == ["b"]


def test_among_many_texts_none_is_cut_to_the_length_of_the_column(database: Database) -> None:
    with trial(database) as session:
        session.add(order("x", currency="EUR"))
        session.flush()
        longer = [f"EUR{number}" for number in range(30)]
        dialect = session.get_bind().dialect
        assert session.scalars(select(Order.number).where(one_of(dialect, Order.currency, longer))).all() == []
        assert session.scalars(select(Order.number).where(one_of(dialect, Order.currency, [*longer, "EUR"]))).all()


@pytest.mark.parametrize("kind", ["UPDATE", "DELETE"])
def test_a_write_within_a_cte_is_refused(database: Database, kind: str) -> None:
    """A session would take it for a read: posted rows, the audit trail and remembered answers hang on that."""
    if database.dialect == "sqlite":
        pytest.skip("SQLite has no writes in CTEs")
    change: Any = update(Line).where(Line.tenant_id == MINE).values(sku="forged")
    if kind == "DELETE":
        change = delete(Line).where(Line.tenant_id == MINE)
    with pytest.raises(TenantGuardError, match="within a CTE"), trial(database) as session:
        reads.rows(session, select(change.returning(Line.id).cte()))


def test_a_savepoint_that_is_taken_back_gives_its_locks_back(database: Database) -> None:
    with trial(database) as session:
        customer = session.scalars(select(Customer.id)).first()
        assert customer is not None
        savepoint = session.begin_nested()
        lock(session, [LockKey(1, Customer, customer)])
        savepoint.rollback()
        assert locked_rows(session, Customer) == []


def test_a_quiet_read_within_another_sees_what_waits_for_its_own_table(database: Database) -> None:
    with trial(database) as session:
        session.add(Customer(name="new"))

        def found() -> list[Customer]:
            return quietly(session, (Customer,), lambda: reads.find(session, Customer, {"name": "new"}))

        assert len(quietly(session, (Order,), found)) == 1


def test_a_row_that_is_written_at_once_may_refer_to_one_that_waits(database: Database) -> None:
    """As `ctx.execute_returning` writes: not all that waits is written before, but what the row refers to is."""
    with trial(database) as session:
        placed, alone = order("waits"), Customer(name="waits on")
        session.add_all([placed, alone])
        row = {
            "id": new_id(),
            "tenant_id": MINE,
            "order_id": placed.id,
            "sku": "S",
            "created_at": CLOCK.now(),
            "updated_at": CLOCK.now(),
        }
        written = insert(Line).values(row).returning(Line.sku)
        assert quietly(session, with_parents(Line), lambda: session.execute(written).scalars().all()) == ["S"]


def test_what_a_type_refuses_is_told_alike_along_a_plan_and_without(database: Database) -> None:
    """The first execution goes SQLAlchemy's way, the second along the plan that was kept of it."""
    with trial(database) as session:
        for state in (State.DRAFT, State.DRAFT):
            reads.scalars(session, select(Order.id).where(Order.state == state))
        wrong: Any = "SOLD"
        with pytest.raises(StatementError, match="SOLD"):
            reads.scalars(session, select(Order.id).where(Order.state == wrong))
        with pytest.raises(StatementError, match="SOLD"):
            session.scalars(select(Order.id).where(Order.state == wrong))
