"""Reads along plans answer as the session's own do, at the first time and at every other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Integer, Select, cast, event, func, inspect, select, union_all
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, aliased

from huikuan.db import Database, GuardedSession, reads
from huikuan.db.errors import SessionUseError, TenantGuardError
from huikuan.ids import new_id
from huikuan.money import Money
from kernel.tests.db.shop import CLOCK, MINE, THEIRS, Customer, Line, Order, State, order, trial

Other = aliased(Customer)
limit_amount: Any = Customer.limit_amount  # type: ignore[attr-defined]
STATEMENTS: dict[str, Select[*tuple[Any, ...]]] = {
    "instances": select(Customer).order_by(Customer.name),
    "with relationships": select(Order).order_by(Order.number),
    "columns": select(Customer.id, Customer.name, limit_amount).order_by(Customer.name),
    "of many kinds": select(Order.total, Order.state, Order.created_at, Order.extra, Order.currency).order_by(Order.id),
    "money": select(Customer.name, Customer.limit).order_by(Customer.name),
    "a value twice": select(Customer.name, Customer.name).order_by(Customer.name),
    "distinct": select(Customer.name).order_by(Customer.name).distinct(),
    "named": select(Customer.name.label("who"), func.length(Customer.name).label("long")),
    "functions": select(func.count(Order.id), func.max(Order.number)),
    "grouped": select(Line.order_id, func.sum(Line.quantity)).group_by(Line.order_id),
    "joined": select(Order.number, Line.sku).join(Line, Line.order_id == Order.id),
    "outer join": select(Order.number, Customer.name).outerjoin(Customer, Customer.id == Order.customer_id),
    "instances of a join": select(Customer).join(Order, Order.customer_id == Customer.id),
    "instances that are not there": select(Customer).select_from(Order).outerjoin(Customer, Customer.name == "no one"),
    "an instance and a column": select(Customer, Order.number).join(Order, Order.customer_id == Customer.id),
    "an alias": select(Other).order_by(Other.name),
    "columns of an alias": select(Other.name, Customer.name).join(Other, Other.id == Customer.id),
    "subquery": select(Order.number).where(Order.customer_id.in_(select(Customer.id))),
    "literal": select(Order.number, Order.total > Decimal(-1)),
    "limited": select(Customer.name).order_by(Customer.name).limit(1).offset(1),
    "no rows": select(Customer).where(Customer.name == "no one"),
}


@pytest.fixture
def session(database: Database) -> Iterator[GuardedSession]:
    with trial(database) as session:
        session.add_all([Customer(name="a", limit=Money(Decimal("12.50"), "EUR")), Customer(name="b")])
        session.add(order("x", total=Decimal("3.25"), extra={"a": [1]}, state=State.DRAFT))
        session.flush()
        yield session


@contextmanager
def sent(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield found
    event.remove(database.engine, "before_cursor_execute", note)


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What goes through the session itself."""
    found: list[Any] = []
    execute = Session.execute

    def note(self: Session, statement: Any, *args: Any, **kwargs: Any) -> Any:
        found.append(statement)
        return execute(self, statement, *args, **kwargs)

    monkeypatch.setattr(Session, "execute", note)
    return found


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_time_the_answer_is_the_sessions(session: GuardedSession, name: str) -> None:
    statement = STATEMENTS[name]
    rows, values = session.execute(statement).all(), session.scalars(statement).all()
    for _ in range(3):
        found = reads.rows(session, statement)
        assert found == rows
        assert [row._fields for row in found] == [row._fields for row in rows]
        assert [dict(row._mapping) for row in found] == [dict(row._mapping) for row in rows]
        assert [[type(value) for value in row] for row in found] == [[type(value) for value in row] for row in rows]
        assert reads.scalars(session, statement) == values
        assert reads.first(session, statement) == (values[0] if values else None)


def test_plain_statements_go_through_the_session_once(session: GuardedSession, executed: list[Any]) -> None:
    for name in ("a", "b", "a"):
        reads.scalars(session, select(Customer).where(Customer.name == name).order_by(Customer.id))
        reads.rows(session, select(Customer.name, Customer.id).where(Customer.name == name).order_by(Customer.id))
    assert len(executed) <= 2


def test_who_listens_to_statements_hears_of_each(database: Database, session: GuardedSession) -> None:
    with sent(database) as statements:
        for _ in range(3):
            reads.scalars(session, select(Customer.name).where(Customer.name == "a"))
    assert len(statements) == 3
    assert len(set(statements)) == 1


def test_lists_of_any_length_are_sent(session: GuardedSession) -> None:
    for names in (["a", "b"], [], ["a"], ["a", "b", "MINE"], ["b", "a"], []):
        statement = select(Customer.name).where(Customer.name.in_(names)).order_by(Customer.name)
        assert reads.scalars(session, statement) == sorted(names)


def test_values_are_those_of_each_time(session: GuardedSession) -> None:
    for total in ("3.25", "0", "3.25"):
        statement = select(Order.number).where(Order.total == Decimal(total), Order.state == State.DRAFT)
        assert ("x" in reads.scalars(session, statement)) == (total == "3.25")


# --- tenants -----------------------------------------------------------------------------------


def test_each_tenant_sees_its_own_along_the_same_plan(database: Database, executed: list[Any]) -> None:
    statement = select(Customer.name).where(Customer.name.in_(["MINE", "THEIRS"]))
    for tenant_id, name in ((MINE, "MINE"), (THEIRS, "THEIRS"), (MINE, "MINE")):
        with database.read(tenant_id) as session:
            assert reads.scalars(session, statement) == [name]
            assert [row.name for row in reads.scalars(session, select(Customer).order_by(Customer.name))] == [name]
            assert [row.name for row in reads.find(session, Customer, {"name": name})] == [name]
    assert len(executed) <= 3


def test_another_tenant_named_in_the_statement_is_refused(database: Database) -> None:
    with database.read(MINE) as session:
        for _ in range(2):
            assert reads.scalars(session, select(Customer.name).where(Customer.tenant_id == MINE)) == ["MINE"]
        with pytest.raises(TenantGuardError):
            reads.scalars(session, select(Customer.name).where(Customer.tenant_id == THEIRS))


def test_a_row_of_another_tenant_is_not_got(database: Database) -> None:
    with database.read(THEIRS) as session:
        theirs = session.scalars(select(Customer.id)).one()
    with database.read(MINE) as session:
        for _ in range(2):
            assert reads.get(session, Customer, theirs) is None
            assert reads.find(session, Customer, {"id": theirs}) == []
            assert not reads.has(session, Customer, {"id": theirs})


def test_what_the_session_refuses_is_refused(session: GuardedSession) -> None:
    statement = select(Customer).order_by(Customer.name)
    for _ in range(2):
        reads.scalars(session, statement)
    with pytest.raises(SessionUseError):
        reads.scalars(session, statement.with_for_update())


def test_unions_go_through_the_session(session: GuardedSession, executed: list[Any]) -> None:
    mine = select(Customer.name).where(Customer.name == "a")
    statement: Any = union_all(mine, mine)
    for _ in range(2):
        assert reads.scalars(session, statement) == ["a", "a"]
    assert len(executed) == 2


# --- instances ---------------------------------------------------------------------------------


def test_an_instance_is_the_sessions_own(session: GuardedSession) -> None:
    statement = select(Customer).where(Customer.name.in_(["a", "b"])).order_by(Customer.name)
    for _ in range(2):
        session.expunge_all()
        a, b = reads.scalars(session, statement)
        assert (a.limit, b.limit, a.limit_amount) == (Money(Decimal("12.50"), "EUR"), None, Decimal("12.50"))
        state = inspect(a)
        assert (state.session, state.persistent, state.modified) == (session, True, False)
        assert state.load_options == (session.criteria,)
        assert session.get(Customer, a.id) is a is reads.get(session, Customer, a.id)
        assert reads.scalars(session, statement) == [a, b]


def test_a_change_of_a_read_instance_is_written(session: GuardedSession) -> None:
    statement = select(Customer).where(Customer.name == "a")
    reads.scalars(session, statement)
    session.expunge_all()
    [row] = reads.scalars(session, statement)
    row.limit = Money(Decimal("99.00"), "EUR")
    assert reads.scalars(session, select(limit_amount).where(Customer.id == row.id)) == [Decimal(99)]
    assert [change["kind"] for change in session.info.get("changes", ())][-1:] in ([], ["update"])


def test_what_is_pending_is_written_first(session: GuardedSession) -> None:
    statement = select(Customer.name).where(Customer.name.startswith("new"))
    for count in range(1, 4):
        session.add(Customer(name=f"new {count}"))
        assert len(reads.scalars(session, statement)) == count


def test_a_changed_attribute_is_not_read_over(session: GuardedSession) -> None:
    statement = select(Customer).where(Customer.name.in_(["a", "b"])).order_by(Customer.id)
    rows = reads.scalars(session, statement)
    with session.no_autoflush:
        rows[0].limit = Money(Decimal("1.00"), "EUR")
        assert reads.scalars(session, statement) == rows
        assert rows[0].limit == Money(Decimal("1.00"), "EUR")
        session.expire(rows[1])
        rows[1].name = "changed"
        reads.scalars(session, statement)
        assert (rows[1].name, rows[1].limit) == ("changed", None)
        assert inspect(rows[1]).attrs.name.history.has_changes()


def test_expired_instances_are_read_anew(session: GuardedSession) -> None:
    statement = select(Customer).where(Customer.name == "a")
    [row] = reads.scalars(session, statement)
    id = row.id
    table: Any = Customer.__table__
    changed = table.update().where(table.c.tenant_id == MINE, table.c.id == id).values(limit_amount=Decimal(5))
    session.get_bind().execute(changed)  # type: ignore[union-attr]
    assert (reads.scalars(session, statement), row.limit) == ([row], Money(Decimal("12.50"), "EUR"))
    session.expire_all()
    assert reads.scalars(session, statement) == [row]
    assert (inspect(row).expired, row.limit) == (False, Money(Decimal("5.00"), "EUR"))
    session.expire_all()
    found = (reads.get(session, Customer, id), inspect(row).expired, row.limit)
    assert found == (row, False, Money(Decimal(5), "EUR"))


def test_get_finds_no_row_that_is_gone(session: GuardedSession) -> None:
    [row] = reads.find(session, Customer, {"name": "a"})
    session.delete(row)
    session.flush()
    assert reads.get(session, Customer, row.id) is None
    [row] = reads.find(session, Customer, {"name": "b"})
    id = row.id
    table: Any = Customer.__table__
    session.get_bind().execute(table.delete().where(table.c.tenant_id == MINE, table.c.id == id))  # type: ignore[union-attr]
    session.expire_all()
    assert reads.get(session, Customer, id) is None


def test_find_and_has_take_any_values(session: GuardedSession) -> None:
    for _ in range(2):
        assert len(reads.find(session, Customer, {"name": "a"})) == 1
        assert len(reads.find(session, Customer, {"name": "b", "limit_amount": None})) == 1
        assert len(reads.find(session, Customer, {"name": "a", "limit_amount": Decimal("12.5")})) == 1
        assert len(reads.find(session, Customer, {"limit": Money(Decimal("12.50"), "EUR")})) == 1
        assert len(reads.find(session, Order, {"number": "x", "state": State.DRAFT})) == 1
        assert reads.has(session, Customer, {"name": "a"})
        assert not reads.has(session, Customer, {"name": "no one"})
        assert not reads.has(session, Customer, {"id": new_id()})


# --- transactions ------------------------------------------------------------------------------


def test_a_savepoint_that_only_reads_began_in_is_rolled_back(session: GuardedSession) -> None:
    statement = select(Customer.name).where(Customer.name == "later")
    assert reads.scalars(session, statement) == []
    savepoint = session.begin_nested()
    assert reads.scalars(session, statement) == []
    session.add(Customer(name="later"))
    assert reads.scalars(session, statement) == ["later"]
    savepoint.rollback()
    assert reads.scalars(session, statement) == []


def test_errors_of_the_database_are_wrapped(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite casts any text")
    statement = select(cast(Customer.name, Integer)).where(Customer.name == "MINE")
    with database.command(MINE, CLOCK) as session:
        assert reads.scalars(session, statement.where(Customer.name == "no one")) == []
    with pytest.raises(DBAPIError) as caught, database.command(MINE, CLOCK) as session:
        session.execute(statement)
    for _ in range(2):
        with pytest.raises(type(caught.value)), database.command(MINE, CLOCK) as session:
            reads.scalars(session, statement)
    planned = select(cast(Customer.name, Integer)).where(Customer.name == "no one")
    with database.command(MINE, CLOCK) as session:
        assert reads.scalars(session, planned) == []
    with pytest.raises(type(caught.value)), database.command(MINE, CLOCK) as session:
        reads.scalars(session, statement)  # the same but for its value


def test_more_kinds_of_statements_than_one_order_sends_stay_prepared(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite prepares nothing on a server")
    kinds = 350
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        for _ in range(7):
            for kind in range(kinds):
                driver.execute(f"SELECT {kind}")
        [held] = driver.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement ~ '^SELECT [0-9]+$'")
    assert held == (kinds,)
