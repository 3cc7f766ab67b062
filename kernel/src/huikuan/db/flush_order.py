"""Flush parents before children, and delete them after, by the tables' foreign keys.

SQLAlchemy orders a flush by `relationship()` alone. Modules set plain ids (`order_id=order.id`) instead, so
the order is taken from the foreign keys. This is the one place that leans on the unit of work from inside.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Table, inspect
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.orm.unitofwork import _DeleteAll, _SaveUpdateAll

_SAVE: Any = _SaveUpdateAll
_DELETE: Any = _DeleteAll


def order_by_foreign_keys(session: Session, flush: Any) -> None:
    """Adds the missing dependencies to a flush that is about to start."""
    changed = session.dirty if session.new else ()  # a changed row may have come to refer to a new one
    touched = {type(instance) for instance in (*session.new, *session.deleted, *changed)}
    if len(touched) < 2:
        return
    mappers = {inspect(model).base_mapper for model in touched}
    by_table: dict[Any, Mapper[Any]] = {mapper.local_table: mapper for mapper in mappers}
    for child in mappers:
        for parent in (by_table[table] for table in parent_tables(child) if table in by_table):
            if child.local_table not in parent_tables(parent):
                flush.dependencies.add((_SAVE(flush, parent), _SAVE(flush, child)))
                flush.dependencies.add((_DELETE(flush, child), _DELETE(flush, parent)))


@lru_cache(maxsize=1024)
def parent_tables(mapper: Mapper[Any]) -> frozenset[Table]:
    """Other tables that its rows refer to."""
    return frozenset(key.column.table for key in mapper.local_table.foreign_keys) - {mapper.local_table}
