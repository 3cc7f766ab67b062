"""No read shows another tenant's rows: each statement is refused, or filtered by the session."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    MetaData,
    String,
    Table,
    and_,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
    true,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload, selectinload, subqueryload

from huikuan.db import Database
from huikuan.db.errors import SessionUseError, TenantGuardError
from kernel.tests.db.shop import CLOCK, MINE, THEIRS, Customer, Line, Order, trial

orders: Any = Order.__table__
lines: Any = Line.__table__
other = Table("shop_order", MetaData(), Column("number", String))
BY_LINE = orders.c.id == lines.c.order_id
SOLD = select(lines.c.sku).subquery()
THEIR_ROWS = exists(select(lines.c.id).where(lines.c.sku == "THEIRS"))

# Every statement selects marks; "THEIRS" among them is a leak.
CORE: dict[str, Any] = {
    "table": select(orders.c.number),
    "another tenant": select(orders.c.number).where(orders.c.tenant_id == THEIRS),
    "either tenant": select(orders.c.number).where(orders.c.tenant_id.in_([MINE, THEIRS])),
    "tenant or anything": select(orders.c.number).where(or_(orders.c.tenant_id == MINE, orders.c.number != "")),
    "not my tenant": select(orders.c.number).where(orders.c.tenant_id != MINE),
    "alias": select(orders.alias().c.number),
    "predicate on the other alias": select(orders.alias("a").c.number).join(
        orders, orders.c.tenant_id == MINE, full=False
    ),
    "subquery": select(select(orders.c.number).subquery().c.number),
    "subquery beside a model": select(SOLD.c.sku).select_from(Order).join(SOLD, true()),
    "CTE": select(select(orders.c.number).cte().c.number),
    "union": union_all(select(orders.c.number), select(lines.c.sku)),
    "exists": select(func.min("THEIRS")).where(THEIR_ROWS),
    "exists beside a model": select(Order.number, func.upper("THEIRS")).where(THEIR_ROWS),
    "scalar subquery": select(select(func.max(lines.c.sku)).scalar_subquery()),
    "join to a table": select(lines.c.sku).select_from(Order).join(lines, lines.c.order_id != Order.id),
    "outer join restricts only its right side": select(orders.c.number).select_from(
        orders.outerjoin(lines, and_(BY_LINE, orders.c.tenant_id == MINE, lines.c.tenant_id == MINE))
    ),
    "full join restricts neither side": select(orders.c.number).select_from(
        orders.outerjoin(lines, and_(BY_LINE, orders.c.tenant_id == MINE, lines.c.tenant_id == MINE), full=True)
    ),
    "text in WHERE": select(Order.number).where(text("1=1 OR 1=1")),
    "literal column": select(Order.number).where(literal_column("1=1 OR 1=1")),
    "operator as text": select(Order.number).where(Order.number.op("= '' OR 1=1 OR 1 =", 100)(1)),
    "text as subquery": select(text("SELECT number FROM shop_order").columns(column("number")).subquery().c.number),
    "table by name": select(table("shop_order", column("number")).c.number),
    "table declared anew": select(other.c.number),
    "from_statement": select(Order.number).from_statement(select(orders.c.number)),
    "from_statement of text": select(Order.number).from_statement(text("SELECT number FROM shop_order")),
}


@pytest.mark.parametrize("name", CORE)
def test_a_statement_that_is_not_pinned_to_the_tenant_is_refused(
    name: str, database: Database, unguarded: Database
) -> None:
    with unguarded.read(MINE, CLOCK) as session:
        assert "THEIRS" in marks(session.execute(CORE[name]))
    with (
        pytest.raises(TenantGuardError, match=r"refused|carries another tenant"),
        database.read(MINE) as session,
    ):
        session.execute(CORE[name])


PAIR = aliased(Order)
# The ORM's criteria reach these. Without the session's filter they would leak.
FILTERED: dict[str, Any] = {
    "model": select(Order),
    "column": select(Order.number),
    "alias": select(PAIR.number),
    "join": select(Line.sku).join(Order, Line.order_id == Order.id),
    "cross join": select(PAIR.number).join(Order, true()),
    "outer join": select(Line.sku).select_from(Order).outerjoin(Line, true()),
    "any": select(Order.number).where(Order.lines.any(Line.sku != "")),
    "has": select(Line.sku).where(Line.order.has(Order.number != "")),
    "exists": select(Order.number).where(select(Line.id).where(Line.order_id == Order.id).exists()),
    "exists of theirs": select(func.min("THEIRS")).where(exists(select(Line.id).where(Line.sku == "THEIRS"))),
    "in subquery": select(Order.number).where(Order.id.in_(select(Line.order_id))),
    "scalar subquery": select(select(func.max(Line.sku)).scalar_subquery()),
    "subquery": select(select(Order.number).subquery().c.number),
    "aliased subquery": select(aliased(Order, select(Order).subquery()).number),
    "CTE": select(select(Order.number).cte().c.number),
    "union": union_all(select(Order.number), select(Line.sku)),
    "aggregate": select(func.max(Order.number)),
    "window": select(Order.number, func.row_number().over(order_by=Order.number)),
    "joined load": select(Order).options(joinedload(Order.lines)),
    "joined load with limit": select(Order).options(joinedload(Order.lines)).order_by(Order.number.desc()).limit(9),
    "select-in load": select(Order).options(selectinload(Order.lines)),
    "subquery load": select(Order).options(subqueryload(Order.lines)),
    "Core, pinned by hand": select(orders.c.number)
    .join(lines, and_(BY_LINE, lines.c.tenant_id == MINE))
    .where(orders.c.tenant_id == MINE),
}


@pytest.mark.parametrize("name", FILTERED)
def test_a_model_shows_only_the_rows_of_the_tenant(name: str, database: Database) -> None:
    with database.read(MINE) as session:
        shown = marks(session.execute(FILTERED[name]))
    assert "THEIRS" not in shown
    assert "MINE" in shown or name == "exists of theirs"


@pytest.mark.parametrize("name", [name for name in FILTERED if "Core" not in name])
def test_without_the_session_the_same_statement_leaks(name: str, database: Database) -> None:
    with database.system() as session:
        assert "THEIRS" in marks(session.execute(FILTERED[name]))


def test_relationships_load_only_the_rows_of_the_tenant(database: Database) -> None:
    with database.read(MINE) as session:
        [line] = session.scalars(select(Order)).one().lines
        assert line.sku == "MINE"
    with database.read(MINE) as session:
        assert session.scalars(select(Line)).one().order.number == "MINE"


def test_another_tenants_row_is_not_found_by_its_id(database: Database) -> None:
    with database.read(THEIRS) as session:
        theirs = session.scalars(select(Order.id)).one()
        assert session.get(Order, theirs) is not None
    with database.read(MINE) as session:
        assert session.get(Order, theirs) is None
        with pytest.raises(TenantGuardError):
            session.get(Order, (THEIRS, theirs))


def test_a_cached_statement_is_checked_again_for_each_tenant(database: Database) -> None:
    for tenant_id, mark in ((MINE, "MINE"), (THEIRS, "THEIRS"), (MINE, "MINE")):
        with database.read(tenant_id) as session:
            assert marks(session.execute(select(Order.number))) == {mark}
    statement = select(orders.c.number).where(orders.c.tenant_id == MINE)
    with database.read(MINE) as session:
        assert marks(session.execute(statement)) == {"MINE"}
    with pytest.raises(TenantGuardError), database.read(THEIRS) as session:
        session.execute(statement)


def test_a_session_without_tenant_reaches_no_tenant_table(database: Database) -> None:
    with pytest.raises(TenantGuardError), database.read(None) as session:
        session.execute(select(Customer.name))
    with pytest.raises(TenantGuardError, match="no tenant"), database.read(None) as session:
        session.execute(select(Customer.name).where(Customer.tenant_id == MINE))


def test_a_row_of_another_session_is_refused(database: Database) -> None:
    with database.read(THEIRS) as session:
        theirs = session.scalars(select(Order)).one()
    with trial(database) as session, pytest.raises(TenantGuardError):
        session.add(theirs)
        session.refresh(theirs)


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(lambda session: session.execute(text("SELECT number FROM shop_order")), id="text"),
        pytest.param(lambda session: session.scalars(text("SELECT number FROM shop_order")), id="text scalars"),
        pytest.param(lambda session: session.connection(), id="connection"),
        pytest.param(lambda session: session.commit(), id="commit"),
        pytest.param(lambda session: session.rollback(), id="rollback"),
        pytest.param(lambda session: session.close(), id="close"),
        pytest.param(lambda session: session.bulk_update_mappings(Order, []), id="bulk_update_mappings"),
        pytest.param(lambda session: session.bulk_save_objects([]), id="bulk_save_objects"),
        pytest.param(lambda session: session.execute(select(Order).with_for_update()), id="FOR UPDATE"),
    ],
)
def test_what_belongs_to_the_kernel_is_refused(run: Callable[[Any], Any], database: Database) -> None:
    with trial(database) as session, pytest.raises(SessionUseError):
        run(session)


def test_text_is_refused_on_the_connection_behind_the_session(database: Database, unguarded: Database) -> None:
    statement = "SELECT number FROM shop_order"
    with unguarded.read(MINE) as session:
        bare: Any = session.get_bind()
        assert "THEIRS" in marks(bare.execute(text(statement)))
        assert "THEIRS" in marks(bare.exec_driver_sql(statement))
    with database.read(MINE) as session:
        guarded: Any = session.get_bind()
        with pytest.raises(TenantGuardError):
            guarded.execute(text(statement))
        with pytest.raises(TenantGuardError):
            guarded.exec_driver_sql(statement)


def test_functions_that_undo_the_fences_are_refused(database: Database) -> None:
    with pytest.raises(TenantGuardError, match="set_config"), database.read(MINE) as session:
        session.execute(select(func.set_config("app.tenant", str(THEIRS), True)))


def marks(rows: Iterable[Any]) -> set[str]:
    """The texts in a result: columns, or the numbers of orders and the articles of their lines."""
    found: set[str] = set()
    unique_rows = rows.unique() if hasattr(rows, "unique") else rows
    for row in unique_rows:
        for value in row:
            found |= {value.number, *(line.sku for line in value.lines)} if isinstance(value, Order) else {value}
    return found
