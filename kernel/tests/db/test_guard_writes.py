"""No write touches another tenant's rows: each statement is refused, or filtered by the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, insert, literal, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from huikuan.db import Database, GuardedSession
from huikuan.db.errors import ReadOnlyError, TenantGuardError
from huikuan.ids import new_id
from kernel.tests.db.shop import CLOCK, MINE, THEIRS, Customer, Line, trial

customers: Any = Customer.__table__
lines: Any = Line.__table__
STATE = "SELECT name FROM shop_customer WHERE tenant_id = "


@pytest.fixture(scope="module")
def theirs(database: Database) -> UUID:
    with database.read(THEIRS) as session:
        return session.scalars(select(Customer.id)).one()


def row(tenant_id: UUID, name: str = "new") -> dict[str, Any]:
    return {"tenant_id": tenant_id, "id": new_id(), "name": name}


def upsert(session: GuardedSession, theirs: UUID) -> Any:
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(customers).values(row(MINE) | {"id": new_id()})
    return session.execute(
        statement.on_conflict_do_update(index_elements=["tenant_id", "id"], set_={"tenant_id": THEIRS})
    )


OWN = select(Customer.id).where(Customer.tenant_id == MINE).scalar_subquery()
WRITES: dict[str, Callable[[GuardedSession, UUID], Any]] = {
    "update of a table": lambda s, _: s.execute(update(customers).values(name="x")),
    "update of their row": lambda s, id: s.execute(update(customers).values(name="x").where(customers.c.id == id)),
    "update of their row by name": lambda s, _: s.execute(
        update(customers).values(name="x").where(customers.c.tenant_id == THEIRS)
    ),
    "update by primary key": lambda s, id: s.execute(update(Customer), [{"tenant_id": THEIRS, "id": id, "name": "x"}]),
    "update of many by primary key": lambda s, id: s.execute(
        update(Customer),
        [
            {"tenant_id": MINE, "id": s.scalars(select(Customer.id)).one(), "name": "x"},
            {"tenant_id": THEIRS, "id": id, "name": "x"},
        ],
    ),
    "update that gives rows away": lambda s, _: (
        s.execute(insert(Customer), row(MINE, "gift")),
        s.execute(update(Customer).where(Customer.name == "gift").values(tenant_id=THEIRS)),
    ),
    "update that takes a value of theirs": lambda s, _: s.execute(
        update(Customer).values(name=select(func.max(customers.c.name)).scalar_subquery())
    ),
    "delete from a table": lambda s, _: s.execute(delete(lines)),
    "delete chosen by their rows": lambda s, _: s.execute(
        delete(Line).where(Line.sku != select(func.max(customers.c.name)).scalar_subquery())
    ),
    "insert": lambda s, _: s.execute(insert(customers), row(THEIRS)),
    "insert of a model": lambda s, _: s.execute(insert(Customer), row(THEIRS)),
    "insert of many, one foreign": lambda s, _: s.execute(insert(Customer), [row(MINE), row(THEIRS), row(MINE)]),
    "insert of many with RETURNING": lambda s, _: s.scalars(
        insert(Customer).returning(Customer.id), [row(MINE), row(THEIRS)]
    ).all(),
    "insert of several VALUES": lambda s, _: s.execute(insert(customers).values([row(MINE), row(THEIRS)])),
    "insert of a computed tenant": lambda s, _: s.execute(
        insert(customers).values({**row(MINE), "tenant_id": literal(THEIRS)})
    ),
    "insert from their rows": lambda s, _: s.execute(
        insert(Customer).from_select(
            ["id", "tenant_id", "name"],
            select(literal(new_id()), literal(MINE), customers.c.name).where(customers.c.name == "THEIRS"),
        )
    ),
    "insert from select into their rows": lambda s, _: s.execute(
        insert(Customer).from_select(
            ["id", "tenant_id", "name"],
            select(literal(new_id()), literal(THEIRS), Customer.name).where(Customer.name == "MINE"),
        )
    ),
    "upsert that gives the row away": upsert,
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_is_not_pinned_to_the_tenant_is_refused(
    name: str, database: Database, unguarded: Database, theirs: UUID
) -> None:
    with trial(database) as session, pytest.raises(TenantGuardError):
        WRITES[name](session, theirs)
    if name == "upsert that gives the row away":
        return  # it changes no row of theirs yet; it would at the second run
    with trial(unguarded) as session:
        before = snapshot(session)
        WRITES[name](session, theirs)
        assert snapshot(session) != before


def snapshot(session: GuardedSession) -> list[Any]:
    """All tenants' rows, read past the session."""
    bare: Any = session.get_bind()
    rows = bare.execute(text("SELECT tenant_id, name FROM shop_customer UNION ALL SELECT id, sku FROM shop_line"))
    return sorted(map(str, rows))


def test_a_set_based_update_reaches_only_the_rows_of_the_tenant(database: Database) -> None:
    with trial(database) as session:
        assert session.execute(update(Customer).values(name="x")).rowcount == 1  # type: ignore[attr-defined]
        assert session.execute(delete(Line)).rowcount == 1  # type: ignore[attr-defined]
    with trial(database) as session:
        statement = update(Customer).where(Customer.id.in_(select(Customer.id))).values(name="y")
        assert session.scalars(statement.returning(Customer.name)).all() == ["y"]


def test_an_insert_from_select_names_the_tenant_itself(database: Database) -> None:
    with trial(database) as session:
        copied = select(literal(new_id()), Customer.tenant_id, Customer.name + " copied").where(
            Customer.tenant_id == MINE
        )
        session.execute(insert(Customer).from_select(["id", "tenant_id", "name"], copied))
        assert sorted(session.scalars(select(Customer.name))) == ["MINE", "MINE copied"]


def test_tenant_and_times_are_filled_in(database: Database) -> None:
    with trial(database) as session:
        session.execute(insert(Customer), [{"name": "a"}, {"name": "b"}])
        session.add(Customer(name="c"))
        found = session.scalars(select(Customer).where(Customer.name.in_(["a", "b", "c"]))).all()
        assert {(row.tenant_id, row.created_at, row.updated_at) for row in found} == {(MINE, CLOCK.now(), CLOCK.now())}


def test_a_new_row_of_another_tenant_is_refused(database: Database) -> None:
    with trial(database) as session, pytest.raises(TenantGuardError):
        session.add(Customer(tenant_id=THEIRS, name="x"))
        session.flush()


def test_a_row_cannot_be_given_to_another_tenant(database: Database) -> None:
    with trial(database) as session, pytest.raises(TenantGuardError):
        session.scalars(select(Customer)).one().tenant_id = THEIRS
        session.flush()


def test_a_row_cannot_point_into_another_tenant(database: Database, unguarded: Database, theirs: UUID) -> None:
    with trial(unguarded) as session, pytest.raises(IntegrityError):
        session.add(Line(order_id=theirs, sku="x"))
        session.flush()


def test_an_insert_of_many_rows_is_checked_to_the_last(database: Database) -> None:
    with trial(database) as session, pytest.raises(TenantGuardError):
        session.execute(insert(Customer), [*(row(MINE) for _ in range(3000)), row(THEIRS)])


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda s: s.execute(update(Customer).values(name="x")), id="update"),
        pytest.param(lambda s: s.execute(delete(Line)), id="delete"),
        pytest.param(lambda s: s.execute(insert(customers), row(MINE)), id="insert"),
        pytest.param(lambda s: (s.add(Customer(name="x")), s.flush()), id="flush"),
    ],
)
def test_a_read_session_does_not_write(write: Callable[[Any], Any], database: Database) -> None:
    with pytest.raises(ReadOnlyError), database.read(MINE, CLOCK) as session:
        write(session)


def test_the_database_itself_refuses_a_write_in_a_read_transaction(unguarded: Database) -> None:
    with unguarded.read(MINE, CLOCK) as session:
        bare: Any = session.get_bind()
        with pytest.raises(Exception, match=r"readonly database|read-only transaction"):
            bare.execute(text("DELETE FROM shop_line"))
    with trial(unguarded) as session:
        assert session.execute(delete(Line)).rowcount == 1  # type: ignore[attr-defined]
