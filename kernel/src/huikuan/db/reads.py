"""What a command has read stays read until somebody writes there: the same SELECT is not sent twice.

Hooks of many modules look at the same rows in one command, each for itself. Between a command's locks and its
commit nobody else changes what it decides by, so the first answer is the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

from sqlalchemy import Alias, Column, ColumnClause, Select, Table, event, inspect, literal
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.sql.visitors import iterate

from huikuan.db.base import TenantModel
from huikuan.db.scope import Mode
from huikuan.db.session import GuardedSession

__all__ = ["forget_reads", "hold", "read_once"]

_READS = "huikuan_reads"
_KEPT = 256
_ROWS_KEPT = 1_000
_Kept = tuple[frozenset[str], Sequence[Any]]


def read_once(
    session: GuardedSession, statement: Select[*tuple[Any, ...]], kind: str, read: Callable[[], Sequence[Any]]
) -> list[Any]:
    """The rows of ``read``, or what the same statement gave earlier in this command."""
    key = _key(statement, kind) if session.scope.mode is Mode.COMMAND else None
    if key is None:
        return list(read())
    reads: dict[Hashable, _Kept] = session.info.setdefault(_READS, {})
    touched = _touched(session)
    kept = reads.get(key)
    if kept is not None and touched is not None and kept[0].isdisjoint(touched):
        return list(kept[1])
    watched = kept[0] if kept is not None else _watched(statement)
    if touched is not None and watched.isdisjoint(touched):
        with session.no_autoflush:  # what is pending makes no difference, so it may wait for more
            rows = read()
    else:
        rows = read()
    if len(rows) <= _ROWS_KEPT:
        _keep(reads, key, (watched, tuple(rows)))
    return list(rows)


def hold(session: GuardedSession, row: TenantModel) -> None:
    """Keep a row that was got by its id: the session itself forgets what nobody holds."""
    if session.scope.mode is Mode.COMMAND:
        reads: dict[Hashable, _Kept] = session.info.setdefault(_READS, {})
        _keep(reads, (type(row), row.id), (frozenset(), (row,)))


def _keep(reads: dict[Hashable, _Kept], key: Hashable, kept: _Kept) -> None:
    if len(reads) >= _KEPT:
        reads.clear()
    reads[key] = kept


def forget_reads(session: GuardedSession, touched: frozenset[str] | None = None) -> None:
    """Read anew from here: what these writes touch, or everything."""
    reads: dict[Hashable, _Kept] = session.info.get(_READS, {})
    if touched is None:
        reads.clear()
    else:
        for key in [key for key, kept in reads.items() if not kept[0].isdisjoint(touched)]:
            del reads[key]


def _key(statement: Select[*tuple[Any, ...]], kind: str) -> Hashable | None:
    """What makes two statements the same; None for those that must be asked each time."""
    if statement.get_execution_options() or statement._with_options or statement._for_update_arg is not None:
        return None
    found = statement._generate_cache_key()
    if found is None:
        return None
    values = (
        frozenset(bound.effective_value) if bound.expanding else bound.effective_value for bound in found.bindparams
    )
    key = (kind, found.key, *values)
    try:
        hash(key)
    except TypeError:  # a value that has no hash, such as a list
        return None
    return key


def _watched(statement: Select[*tuple[Any, ...]]) -> frozenset[str]:
    """Which writes another answer may come from; written as `_touched` writes it.

    Rows of models are the session's own objects: other values show in them anyway. Which rows they are changes with
    new rows, and with the columns that the statement compares or sorts by.
    """
    tables = {part.name for part in _parts(statement) if isinstance(part, Table)}
    if not all(isinstance(column, Table) for column in statement._raw_columns):
        return frozenset(tables)
    compared = _parts(statement.with_only_columns(literal(1)))
    columns = {f"{part.table.name}.{part.name}" for part in compared if isinstance(part, Column)}
    return frozenset({f"{table}+" for table in tables} | columns)


def _parts(statement: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """Every table and column, those of subqueries too; a column of an alias is a column of its table."""
    for element in iterate(statement):
        table = getattr(element, "table", element)
        while isinstance(table, Alias):
            table = table.element
        if isinstance(table, Table):
            yield table
            if isinstance(element, ColumnClause):
                yield table.c[element.key]


def _touched(session: GuardedSession) -> frozenset[str] | None:
    """What is written by a flush: `table` and `table+` by new rows, `table` and `table.column` by changed ones.

    None: what is deleted may take any other rows along.
    """
    if session.deleted:
        return None
    found: set[str] = set()
    for row in session.new:
        found |= {row.__tablename__, f"{row.__tablename__}+"}
    for row in session.dirty:
        state = inspect(row)
        columns = state.mapper.columns
        names = {columns[key].name for key in state.committed_state if key in columns}
        found |= {row.__tablename__, *(f"{row.__tablename__}.{name}" for name in (*names, "updated_at"))}
    return frozenset(found)


@event.listens_for(GuardedSession, "after_flush")
def _flushed(session: GuardedSession, _flush: Any) -> None:
    forget_reads(session, _touched(session))


@event.listens_for(GuardedSession, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    session, statement = state.session, state.statement
    assert isinstance(session, GuardedSession)
    if not state.is_select:
        forget_reads(session, _written(statement))


def _written(statement: Any) -> frozenset[str] | None:
    table = getattr(statement, "table", None)
    if not isinstance(table, Table) or statement.is_delete:
        return None
    if statement.is_insert:
        # One that runs into a row that is there may change it instead.
        return frozenset({table.name, f"{table.name}+", *(f"{table.name}.{column.name}" for column in table.c)})
    changed = (getattr(column, "name", column) for column in statement._values) if statement._values else table.c.keys()
    return frozenset({table.name, f"{table.name}.updated_at", *(f"{table.name}.{name}" for name in changed)})


@event.listens_for(GuardedSession, "after_soft_rollback")
def _rolled_back(session: GuardedSession, _transaction: Any) -> None:
    forget_reads(session)
