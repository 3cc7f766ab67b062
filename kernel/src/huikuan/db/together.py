"""Many rows for PostgreSQL as one JSON document: one more row costs the server a row, not a message and a plan.

COPY would do the same, and is not allowed where rows are secured. Arrays would, too, but the driver takes longer to
write them, and a cast of an array cuts texts that are too long where it should refuse them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    Dialect,
    Insert,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy import column as named_column
from sqlalchemy.types import TypeEngine

from huikuan.db.types import Amount, Json, Quantity, UtcDateTime
from huikuan.ids import new_id

__all__ = ["can_insert_together", "insert_together"]

Writer = Callable[[Any], Any]
_FORMS = (Amount, BigInteger, Boolean, Date, Integer, Json, Quantity, String, UtcDateTime, Uuid)
"""Types whose values have a form in JSON that PostgreSQL reads back exactly."""


def can_insert_together(table: Table, row: Mapping[str, Any], common: Mapping[str, Any]) -> bool:
    """Whether nothing but values of such rows is written: no defaults of Python, no other tenant or time, no bytes."""
    given = {"id", *row}
    return common.keys().isdisjoint(row) and all(
        isinstance(column.type, _FORMS) if column.key in given else column.key in common or column.default is None
        for column in table.columns
    )


def insert_together(
    table: Table, rows: Sequence[Mapping[str, Any]], common: Mapping[str, Any], dialect: Dialect
) -> Insert:
    """`INSERT … SELECT … FROM json_to_recordset(…)`; ``common`` are the values that all rows have."""
    names = list({"id": None, **rows[0]})
    writers = [(name, _writer(table.columns[name].type, dialect)) for name in names]
    document = [
        {name: write(row[name] if name in row or name != "id" else new_id()) for name, write in writers} for row in rows
    ]
    columns = [named_column(name, _read_as(table.columns[name].type)) for name in names]
    records = func.json_to_recordset(literal(document, JSON)).table_valued(*columns)
    given = records.render_derived(name="given", with_types=True)
    same = [literal(value, table.columns[name].type).label(name) for name, value in common.items()]
    return insert(table).from_select([*common, *names], select(*same, *(given.columns[name] for name in names)))


def _read_as(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Texts without their lengths, which the table itself checks."""
    return Text() if isinstance(kind, String) else kind


def _writer(kind: TypeEngine[Any], dialect: Dialect) -> Writer:
    """What puts a value of a column into the document, checked as it would be on any other way to the database."""
    if isinstance(kind, Json):
        return _same
    check: Writer = kind.dialect_impl(dialect).bind_processor(dialect) or _same
    if isinstance(kind, Uuid):
        return lambda value: None if value is None else str(check(value))
    if isinstance(kind, Date | UtcDateTime):
        return lambda value: None if value is None else _moment(check(value))
    return check


def _same(value: Any) -> Any:
    return value


def _moment(value: date) -> str:
    return value.isoformat()
