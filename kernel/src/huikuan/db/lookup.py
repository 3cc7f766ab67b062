"""Lookup: what every request begins with, in one round trip.

A single SELECT sees one state of the database by itself, so it needs no transaction around it, which would cost two
more round trips. It reads the kernel's global tables; rows of tenants are read in a snapshot.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Dialect, Engine, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.visitors import iterate

from huikuan.db.predicates import is_tenant_table
from huikuan.db.prepared import PreparedRead, Rows

__all__ = ["Lookup"]

Convert = Callable[[Any], Any]


class Lookup:
    """One SELECT of global tables; its rows have the columns' names and Python values."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        if any(is_tenant_table(element) for element in iterate(statement)):
            raise ValueError("A lookup reads global tables only.")
        self._statement = statement
        make: Any = collections.namedtuple  # mypy wants the names as literals
        self._row = make("Found", [str(column.key) for column in statement.selected_columns])
        self._prepared: dict[Dialect, tuple[PreparedRead, list[Convert | None]]] = {}

    def first(self, engine: Engine, values: Mapping[str, Any]) -> Any | None:
        """The first row, or None."""
        prepared, converts = self._of(engine.dialect)
        rows = _fetch(engine, prepared, values)
        if not rows:
            return None
        return self._row(
            *(value if convert is None else convert(value) for value, convert in zip(rows[0], converts, strict=True))
        )

    def _of(self, dialect: Dialect) -> tuple[PreparedRead, list[Convert | None]]:
        found = self._prepared.get(dialect)
        if found is None:
            converts: list[Convert | None] = [
                column.type.dialect_impl(dialect).result_processor(dialect, None)
                for column in self._statement.selected_columns
            ]
            found = self._prepared[dialect] = PreparedRead(self._statement, dialect), converts
        return found


def _fetch(engine: Engine, prepared: PreparedRead, values: Mapping[str, Any]) -> Rows:
    """As `open_connection` does, pooled connections that a lost server left behind are tried and closed."""
    assert isinstance(engine.pool, QueuePool)
    stale = engine.pool.size()
    while True:
        with engine.connect() as connection:
            try:
                return prepared.fetch(connection, values)
            except DBAPIError as error:
                if not error.connection_invalidated or stale == 0:
                    raise
                stale -= 1
