"""Rows of a tenant in which every text holds a canary: whoever else sees one has seen a foreign byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import combinations
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Date, Integer, LargeBinary, String, Table, Uuid, insert, select
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from huikuan.db import Amount, Base, Database, Json, Quantity, UtcDateTime
from huikuan.ids import new_id

CANARY = "CANARY7f3a"
WHEN = datetime(2026, 1, 3, 12, 0, tzinfo=UTC)


def plant(database: Database, tenant_id: UUID, modules: frozenset[str], rows: int = 2) -> dict[str, list[UUID]]:
    """Insert ``rows`` rows in every tenant table of the modules; returns their ids by table."""
    planted: dict[str, list[UUID]] = {}
    with database.command(tenant_id, WHEN) as session:
        for table in tenant_tables(modules):
            for number in range(rows):
                row = _row(table, tenant_id, number, planted)
                _insert(session, table, row)
                planted.setdefault(table.name, []).append(row["id"])
    return planted


def _insert(session: Session, table: Table, row: Mapping[str, Any]) -> None:
    """Insert the row, or the first one of its variants that satisfies the table's checks."""
    refused: list[IntegrityError] = []
    for variant in _variants(table, row):
        try:
            with session.begin_nested():
                session.execute(insert(table), [variant])
            return
        except IntegrityError as error:
            refused.append(error)
    raise refused[0]


def _variants(table: Table, row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The row; one with a single quantity above zero; and both without one to four of what may be missing."""
    numbers = [column.name for column in table.columns if isinstance(column.type, Amount | Quantity)]
    bases = [dict(row), {**row, **dict.fromkeys(numbers[1:], Decimal(0))}]
    yield from bases
    optional = [column.name for column in table.columns if column.nullable]
    for count in range(1, 5):
        for base in bases:
            yield from ({**base, **dict.fromkeys(names)} for names in combinations(optional, count))


def tenant_tables(modules: frozenset[str]) -> list[Table]:
    """Tables that hold tenants' data, parents first."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if table.info.get("tenant") and table.info["module"] in modules | {"kernel"}
    ]


def fingerprint(database: Database, tenant_id: UUID, modules: frozenset[str]) -> dict[str, str]:
    """A hash of everything that the tenant has, by table."""
    found = {}
    with database.read(tenant_id, WHEN) as session:
        for table in tenant_tables(modules):
            rows = session.execute(select(table).where(table.c.tenant_id == tenant_id).order_by(table.c.id)).all()
            found[table.name] = hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()
    return found


def _row(table: Table, tenant_id: UUID, number: int, planted: Mapping[str, list[UUID]]) -> dict[str, Any]:
    parents = _parents(table)
    row: dict[str, Any] = {"tenant_id": tenant_id, "id": new_id()}
    for column in table.columns:
        if column.name in row:
            continue
        if column.name in parents:
            ids = planted.get(parents[column.name])
            row[column.name] = ids[number % len(ids)] if ids else None
        else:
            row[column.name] = _value(table, column, number)
    return row


def _parents(table: Table) -> dict[str, str]:
    """Column to the table that it refers to within the tenant."""
    found = {}
    for constraint in table.foreign_key_constraints:
        for column, element in zip(constraint.columns, constraint.elements, strict=True):
            if column.name != "tenant_id":
                found[column.name] = element.column.table.name
    return found


def _value(table: Table, column: Any, number: int) -> Any:
    kind = column.type
    if isinstance(kind, SqlEnum):
        return next(iter(kind.enum_class)) if kind.enum_class else kind.enums[0]
    if "currency" in column.name:
        return "EUR"
    if isinstance(kind, Uuid):
        return new_id()
    if isinstance(kind, Json):
        return {"note": f"{CANARY} {table.name}.{column.name}"}
    if isinstance(kind, LargeBinary):
        return f"{CANARY} {table.name}.{column.name}".encode()
    if isinstance(kind, UtcDateTime):
        return WHEN
    if isinstance(kind, Amount | Quantity):
        return Decimal(number + 1)
    if isinstance(kind, Boolean):
        alone = any(index.unique and column.name in index.columns for index in table.indexes)
        return number == 0 or not alone
    if isinstance(kind, Date):
        return date(2026, 1, 3 + number)
    if isinstance(kind, Integer):
        return number + 1
    assert isinstance(kind, String), f"{table.name}.{column.name} has a type this test does not know: {kind!r}"
    text = f"{CANARY} {number} {table.name}.{column.name}"
    short = kind.length is not None and kind.length < len(CANARY) + 4
    return str(number).zfill(kind.length or 0) if short else text[: kind.length]
