"""Many rows at once: on PostgreSQL as one document, on SQLite one by one; what is stored is the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError, StatementError

from huikuan.db import Database
from huikuan.db.errors import TenantGuardError, ValueNotExact
from huikuan.db.many import one_of
from huikuan.db.writes import insert_rows
from huikuan.ids import new_id
from kernel.tests.db.shop import CLOCK, MINE, THEIRS, Customer, Line, Order, State, trial

EXTRAS: tuple[Any, ...] = (None, {"a": [1, None, "\\ \" ' { } %s :x"]}, [], "null", 0, False, "回款\t\n ")


def orders(count: int, **values: Any) -> list[dict[str, Any]]:
    return [
        {
            "number": f"N-{place} \\\"'{{}}款",
            "customer_id": None,
            "currency": "EUR",
            "total": Decimal(place) / 10_000 - 7,
            "deposit_amount": Decimal("900000000000000.0001"),
            "deposit_currency": "CNY",
            "state": State.POSTED if place % 2 else State.DRAFT,
            "extra": EXTRAS[place % len(EXTRAS)],
            **values,
        }
        for place in range(count)
    ]


@pytest.mark.parametrize("count", [1, 9, 10, 40])
def test_what_is_inserted_is_what_is_read(database: Database, count: int) -> None:
    rows = orders(count)
    with trial(database) as session:
        insert_rows(session, Order, rows)
        columns = [getattr(Order, name) for name in rows[0]]
        made = (Order.created_at, Order.updated_at, Order.tenant_id)
        found = session.execute(select(*columns, *made).where(Order.number.like("N-%")).order_by(Order.total)).all()
        assert [dict(zip(rows[0], row, strict=False)) for row in found] == rows
        assert {tuple(row[-3:]) for row in found} == {(CLOCK.now(), CLOCK.now(), MINE)}


def test_thousands_are_few_statements_where_they_can_be(database: Database) -> None:
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(arguments[2])

    with trial(database) as session:
        event.listen(database.engine, "before_cursor_execute", note)
        insert_rows(session, Order, orders(6_000))
        event.remove(database.engine, "before_cursor_execute", note)
        inserts = [statement for statement in sent if statement.startswith("INSERT")]
        assert len(inserts) == (1 if database.dialect == "sqlite" else 2)
        assert len(session.execute(select(Order.id).where(Order.number.like("N-%"))).all()) == 6_000


def test_ids_that_are_given_stay(database: Database) -> None:
    ids = [new_id() for _ in range(20)]
    with trial(database) as session:
        insert_rows(session, Customer, [{"id": id, "name": str(id)} for id in ids])
        found = session.execute(
            select(Customer.id, Customer.name).where(one_of(database.engine.dialect, Customer.id, ids))
        )
        assert {row.id: row.name for row in found} == {id: str(id) for id in ids}


def test_what_a_row_leaves_out_has_its_default(database: Database) -> None:
    with trial(database) as session:
        order_id = session.scalars(select(Order.id)).one()
        insert_rows(session, Line, [{"order_id": order_id, "sku": f"S-{place}"} for place in range(20)])
        found = session.execute(select(Line.quantity, Line.price).where(Line.sku.like("S-%"))).all()
        assert set(map(tuple, found)) == {(Decimal(1), Decimal(0))} and len(found) == 20


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"currency": "EURO"}, DBAPIError),
        ({"state": "SOLD"}, StatementError),
        ({"total": Decimal("0.00001")}, ValueNotExact),
        ({"total": 1.5}, ValueNotExact),
        ({"customer_id": new_id()}, DBAPIError),
        ({"number": None}, DBAPIError),
        ({"number": "same"}, DBAPIError),
    ],
    ids=["too long", "no state", "not exact", "float", "no such row", "missing", "twice"],
)
def test_what_does_not_fit_is_refused(database: Database, values: dict[str, Any], error: type[Exception]) -> None:
    if database.dialect == "sqlite" and "currency" in values:
        pytest.skip("SQLite keeps no lengths")
    with pytest.raises((error, LookupError)), trial(database) as session:
        insert_rows(session, Order, orders(20, **values))


def test_rows_of_another_tenant_are_refused(database: Database) -> None:
    with trial(database) as session, pytest.raises(TenantGuardError):
        insert_rows(session, Customer, [{"name": str(place), "tenant_id": THEIRS} for place in range(20)])


@pytest.mark.parametrize("count", [0, 1, 19, 20, 3_000])
def test_one_of_many_values(database: Database, count: int) -> None:
    with trial(database) as session:
        insert_rows(session, Order, orders(50))
        wanted = [Decimal(place) / 10_000 - 7 for place in range(count)]
        found = session.execute(select(Order.number).where(one_of(database.engine.dialect, Order.total, wanted))).all()
        assert len(found) == min(50, count)
