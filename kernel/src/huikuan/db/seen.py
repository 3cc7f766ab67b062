"""What a command has read already, so that its hooks need not read it again: rows it locked, rows by id, answers.

An answer is kept until the command locks or writes where it came from. Nothing outlives the transaction, and nothing
is kept outside commands: a long read would gather too much.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import ORMExecuteState

from huikuan.db.base import TenantModel
from huikuan.db.flush_order import parent_tables
from huikuan.db.many import one_of
from huikuan.db.reads import scalars
from huikuan.db.scope import Mode
from huikuan.db.session import GuardedSession

__all__ = ["forget_all", "forget_answers", "hold_rows", "locked_rows", "once", "quietly", "rows_by_id", "with_parents"]

M = TypeVar("M", bound=TenantModel)
T = TypeVar("T")
_ANSWERS, _LOCKED, _HELD = "huikuan_answers", "huikuan_locked", "huikuan_held"
_QUIET = "huikuan_quiet"
_MOST = 1_000
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class _Answer:
    models: tuple[type[TenantModel], ...]
    tables: frozenset[str]
    above: frozenset[str]
    """Tables whose deleted rows take rows of ``tables`` with them, and these themselves."""
    rows: bool
    lasting: bool
    value: Any

    def touched_by(self, session: GuardedSession) -> bool:
        """Whether what is being written, or waits to be, may change it."""
        changed: tuple[Iterable[object], ...] = (session.new, session.deleted)
        if not self.rows:
            changed = (*changed, session.dirty)
        return any(isinstance(row, self.models) for rows in changed for row in rows) or any(
            getattr(row, "__tablename__", None) in self.above for row in session.deleted
        )


@lru_cache(maxsize=1024)
def _above(table: Any) -> frozenset[str]:
    found: set[str] = set()
    left = [table]
    while left:
        last = left.pop()
        if last.name not in found:
            found.add(last.name)
            left += [key.column.table for key in last.foreign_keys if key.ondelete == "CASCADE"]
    return frozenset(found)


def once(
    session: GuardedSession,
    key: Hashable,
    read: Callable[[], T],
    models: tuple[type[TenantModel], ...],
    *,
    rows: bool,
    lasting: bool,
) -> T:
    """What ``read`` says, or said before; see `Context.once`."""
    if session.scope.mode is not Mode.COMMAND:
        return read()
    answers: dict[Hashable, _Answer] = session.info.setdefault(_ANSWERS, {})
    known = answers.get(key)
    if known is not None and not known.touched_by(session):
        value: T = known.value
        return value
    value = quietly(session, models, read) if models else read()
    if len(answers) >= _MOST:
        answers.clear()
    tables = frozenset(model.__tablename__ for model in models)
    above = frozenset[str]().union(*(_above(model.__table__) for model in models))
    answers[key] = _Answer(models, tables, above, rows, lasting, value)
    return value


def quietly(session: GuardedSession, models: tuple[type[TenantModel], ...], read: Callable[[], T]) -> T:
    """Read from the tables of ``models`` alone: what waits to be written to others may wait for more.

    What waits to be deleted may not: a new row may be about to take its key.
    """
    if session.deleted or any(isinstance(row, models) for rows in (session.new, session.dirty) for row in rows):
        if session.info.get(_QUIET):  # a quiet read around this one lets more wait than this one may
            session.flush()
        return read()
    before = session.info.get(_QUIET, False)
    session.info[_QUIET] = True
    try:
        with session.no_autoflush:
            return read()
    finally:
        session.info[_QUIET] = before


@lru_cache(maxsize=1024)
def with_parents(model: type[TenantModel]) -> tuple[type[TenantModel], ...]:
    """A model, and those whose rows must be written before its own, because these refer to them."""
    tables = parent_tables(inspect(model))
    return (model, *(mapper.class_ for mapper in model.registry.mappers if mapper.local_table in tables))


def forget_answers(session: GuardedSession) -> None:
    """Read anew from here what a lock may have waited for."""
    answers: dict[Hashable, _Answer] = session.info.get(_ANSWERS, {})
    for key in [key for key, answer in answers.items() if not answer.lasting]:
        del answers[key]


def forget_all(session: GuardedSession) -> None:
    """For who empties the session itself: what is kept here would be of no session any more."""
    for kept in (_ANSWERS, _HELD, _LOCKED):
        session.info.pop(kept, None)


def rows_by_id(session: GuardedSession, model: type[M], ids: Collection[UUID]) -> dict[UUID, M]:
    """Rows by id, at most one statement for 500 that were not read yet; unknown ids are left out."""
    found: dict[UUID, M] = {}
    missing = []
    for id in dict.fromkeys(ids):
        row = session.identity_map.get(session.identity_key(model, (session.scope.tenant_id, id)))
        if row is None or inspect(row).expired or row in session.deleted:
            missing.append(id)
        else:
            found[id] = row
    for start in range(0, len(missing), _CHUNK):
        rows = _read(session, model, missing[start : start + _CHUNK])
        hold_rows(session, rows)
        found.update((row.id, row) for row in rows)
    return found


def _read(session: GuardedSession, model: type[M], ids: Sequence[UUID]) -> Sequence[M]:
    statement = select(model).where(one_of(session.get_bind().dialect, model.id, ids))
    return quietly(session, (model,), lambda: scalars(session, statement))


def hold_rows(session: GuardedSession, rows: Collection[TenantModel], *, locked: bool = False) -> None:
    """Keep rows in memory: the session itself forgets what nobody holds."""
    if session.scope.mode is not Mode.COMMAND:
        return
    held: dict[object, TenantModel] = session.info.setdefault(_HELD, {})
    if len(held) >= _MOST:
        held.clear()
    held.update((inspect(row).identity_key, row) for row in rows)
    if locked:
        for row in rows:
            session.info.setdefault(_LOCKED, {}).setdefault(type(row), set()).add(row.id)


def locked_rows(session: GuardedSession, model: type[M]) -> list[M]:
    """The rows of a model that this command locked and read with the lock; none where locks read nothing (SQLite)."""
    ids: set[UUID] = session.info.get(_LOCKED, {}).get(model, set())
    return list(rows_by_id(session, model, ids).values()) if ids else []


@event.listens_for(GuardedSession, "after_flush")
def _flushed(session: GuardedSession, _flush: Any) -> None:
    answers: dict[Hashable, _Answer] = session.info.get(_ANSWERS, {})
    for key in [key for key, answer in answers.items() if answer.touched_by(session)]:
        del answers[key]


@event.listens_for(GuardedSession, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        statement: Any = state.statement
        answers: dict[Hashable, _Answer] = state.session.info.get(_ANSWERS, {})
        name = statement.table.name
        for key in [key for key, it in answers.items() if name in (it.above if state.is_delete else it.tables)]:
            del answers[key]


@event.listens_for(GuardedSession, "after_soft_rollback")
def _rolled_back(session: GuardedSession, _transaction: Any) -> None:
    session.info.pop(_ANSWERS, None)
    session.info.pop(_LOCKED, None)  # a savepoint gives back the locks that were taken in it
