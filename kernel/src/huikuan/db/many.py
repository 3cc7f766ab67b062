"""One of very many values, such as ids: as an array where there are arrays.

`IN` has a parameter for each value; to write, send and read a statement of thousands costs more than to find the rows.
For a few it does not matter.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Dialect, String, Text, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY

__all__ = ["one_of"]

FEW = 20


def one_of(dialect: Dialect, column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """`column = ANY(array)` for many on PostgreSQL, else `column IN (…)`; true of no row where there are no values."""
    found: ColumnElement[bool]
    if len(values) < FEW or dialect.name == "sqlite":
        found = column.in_(values)
    else:
        found = column == any_(literal(list(values), ARRAY(_without_length(column.type), dimensions=1)))
    return found


def _without_length(kind: Any) -> Any:
    """A cast to VARCHAR(n) would cut longer values, which then equal another."""
    return Text() if type(kind) is String else kind
