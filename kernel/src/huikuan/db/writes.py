"""Set-based writes of the kernel: one statement for many rows, without entities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Result, Table, event, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import ORMExecuteState

from huikuan.db.base import TenantModel
from huikuan.db.session import GuardedSession
from huikuan.db.together import can_insert_together, insert_together
from huikuan.ids import new_id

__all__ = [
    "forget_writes",
    "has_written",
    "insert_if_absent",
    "insert_rows",
    "note_statement",
    "note_write",
    "rows_touched",
]


WROTE = "huikuan_wrote"
#: From so many rows on, PostgreSQL gets them as one document; at most so many at once.
TOGETHER_FROM, TOGETHER = 10, 5_000


def insert_rows(session: GuardedSession, model: type[TenantModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert plain rows with one statement; tenant and times are filled in. All rows give the same columns."""
    if not rows:
        return
    scope, table, dialect = session.scope, _table(model), session.get_bind().dialect
    common = {"tenant_id": scope.tenant_id, "created_at": scope.now, "updated_at": scope.now}
    alike = (
        len(rows) >= TOGETHER_FROM and dialect.name != "sqlite" and all(row.keys() == rows[0].keys() for row in rows)
    )
    if not alike or not can_insert_together(table, rows[0], common):
        session.execute(insert(table), [{"id": new_id(), **common, **row} for row in rows])
        return
    for start in range(0, len(rows), TOGETHER):
        session.execute(insert_together(table, rows[start : start + TOGETHER], common, dialect))


def insert_if_absent(
    session: GuardedSession, model: type[TenantModel], row: Mapping[str, Any], key: Sequence[str]
) -> bool:
    """Insert unless a row with the same ``key`` (within the tenant) is there; whether it was inserted.

    A duplicate in flight in another transaction is waited for.
    """
    scope = session.scope
    values = {
        "id": new_id(),
        "tenant_id": scope.tenant_id,
        "created_at": scope.now,
        "updated_at": scope.now,
        **row,
    }
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(_table(model)).values(values).on_conflict_do_nothing(index_elements=["tenant_id", *key])
    # RETURNING tells on every driver; the row count of an INSERT does not.
    return session.execute(statement.returning(_table(model).c.id)).first() is not None


def note_statement(session: GuardedSession, table: str, kind: str, rows: int) -> None:
    """A set-based UPDATE or DELETE has no rows in memory: the audit row keeps its table and count."""
    session.info.setdefault("changes", []).append({"table": table, "kind": kind, "rows": rows})


def rows_touched(result: Result[*tuple[Any, ...]]) -> int:
    """How many rows an INSERT, UPDATE or DELETE touched."""
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def has_written(session: GuardedSession) -> bool:
    """Whether anything was written since ``forget_writes``, or waits to be."""
    return bool(session.info.get(WROTE) or session.new or session.dirty or session.deleted)


def note_write(session: GuardedSession) -> None:
    """Something was written past the session, on its transaction."""
    session.info[WROTE] = True


def forget_writes(session: GuardedSession) -> None:
    """Count from here: what was written so far is the kernel's own."""
    session.info[WROTE] = False


@event.listens_for(GuardedSession, "after_flush")
def _flushed(session: GuardedSession, _flush: Any) -> None:
    session.info[WROTE] = True


@event.listens_for(GuardedSession, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        state.session.info[WROTE] = True


def _table(model: type[TenantModel]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
