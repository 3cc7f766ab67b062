"""Reads of a unit of work: as the session's own, but along plans where there are some."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, exists, select
from sqlalchemy.engine import Row
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.orm import ColumnProperty, InstrumentedAttribute, Session
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.sql.cache_key import CacheKey

from huikuan.db.base import TenantModel
from huikuan.db.instances import InstanceLoader
from huikuan.db.plans import Plan, is_plain, plan_of, plans_of
from huikuan.db.session import GuardedSession

__all__ = ["find", "first", "get", "has", "rows", "scalars"]

M = TypeVar("M", bound=TenantModel)
Convert = Callable[[Any], Any]
_Make = Callable[[type[Any], Mapping[str, Any]], Select[*tuple[Any, ...]]]
_UNKNOWN = object()
_UNNAMED = "_no_label"
_PLAIN = frozenset({UUID, str, int, Decimal, date, datetime})
_MADE: dict[tuple[_Make, type[Any], tuple[tuple[str, type[Any]], ...]], tuple[Select[*tuple[Any, ...]], CacheKey]] = {}


@dataclass(frozen=True, slots=True)
class _Read:
    """A plan, and what its rows become: an instance each, or a row of columns."""

    plan: Plan
    metadata: Any
    results: Sequence[Any]
    """Conversions of the columns."""
    loader: InstanceLoader | None

    def rows(self, session: GuardedSession, found: Sequence[Any]) -> list[Any]:
        names = self.metadata._key_to_index
        if self.loader is not None:
            return [Row(self.metadata, None, names, (item,)) for item in self.loader.load(session, found)]
        return [Row(self.metadata, self.results, names, row) for row in found]

    def scalars(self, session: GuardedSession, found: Sequence[Any]) -> list[Any]:
        if self.loader is not None:
            return self.loader.load(session, found)
        convert = self.results[0]
        return [row[0] for row in found] if convert is None else [convert(row[0]) for row in found]


def scalars(session: GuardedSession, statement: Select[*tuple[Any, ...]]) -> list[Any]:
    """The first column of every row, as `session.scalars(statement).all()` gives it."""
    read, found = _execute(session, statement)
    return list(found.scalars().all()) if read is None else read.scalars(session, found)


def first(session: GuardedSession, statement: Select[*tuple[Any, ...]]) -> Any | None:
    """The first column of the first row, or None, as `session.scalars(statement).first()` gives it."""
    read, found = _execute(session, statement)
    if read is None:
        return found.scalars().first()
    return read.scalars(session, found[:1])[0] if found else None


def rows(session: GuardedSession, statement: Select[*tuple[Any, ...]]) -> list[Any]:
    """Every row, as `session.execute(statement).all()` gives it."""
    read, found = _execute(session, statement)
    return list(found.all()) if read is None else read.rows(session, found)


def get(session: GuardedSession, model: type[M], id: UUID) -> M | None:
    """As `session.get(model, id)`."""
    tenant_id = session.scope.tenant_id
    held = session.identity_map.get((model, (tenant_id, id), None))
    if held is None or instance_state(held).expired:
        found = find(session, model, {"tenant_id": tenant_id, "id": id})
        if found:
            return found[0]
        if held is None:
            return None
    row: M | None = session.get(model, id)
    return row


def find(session: GuardedSession, model: type[M], equals: Mapping[str, Any]) -> list[M]:
    """The rows whose attributes equal these values."""
    return _by_values(session, _find, model, equals)


def has(session: GuardedSession, model: type[TenantModel], equals: Mapping[str, Any]) -> bool:
    """Whether any row has these values."""
    return bool(_by_values(session, _has, model, equals)[0])


def _find(model: type[Any], equals: Mapping[str, Any]) -> Select[*tuple[Any, ...]]:
    return select(model).filter_by(**equals)


def _has(model: type[Any], equals: Mapping[str, Any]) -> Select[*tuple[Any, ...]]:
    return select(exists(select(model.id).filter_by(**equals)))


def _execute(session: GuardedSession, statement: Select[*tuple[Any, ...]]) -> tuple[_Read | None, Any]:
    """(how to read them, rows as the driver gives them), or (None, a Result) of a statement without a plan."""
    key = statement._generate_cache_key() if is_plain(statement) else None
    if key is None or key.params:  # values given by params(), here or within a part of it, stand in no bind
        return None, session.execute(statement)
    reads, place = _place(session, key)
    read = reads.get(place, _UNKNOWN)
    if isinstance(read, _Read):
        return read, _fetch(session, read, [bind.effective_value for bind in key.bindparams])
    result: Any = session.execute(statement)
    if read is _UNKNOWN and isinstance(result, IteratorResult):  # else it is the driver's own
        cursor: Any = result.raw
        plan = plan_of(cursor.context, key.bindparams, session.scope.tenant_id)
        reads[place] = _read_of(statement, result, plan)
    return None, result


def _place(session: GuardedSession, key: CacheKey) -> tuple[Any, Hashable]:
    connection = session.get_bind()
    assert isinstance(connection, Connection)
    return plans_of(connection.engine), (session.criteria is None, key.key)


def _fetch(session: GuardedSession, read: _Read, values: Sequence[Any]) -> Sequence[Any]:
    """What is pending is written first, as before each of the session's own reads."""
    session._autoflush()
    return read.plan.fetch(Session.connection(session), values, session.scope.tenant_id)


def _read_of(statement: Select[*tuple[Any, ...]], result: Any, plan: Plan | None) -> _Read | None:
    """How rows of a statement are read whose first execution had this result."""
    cursor = result.raw._metadata
    described = statement.column_descriptions
    names = list(result.keys())
    if plan is None or cursor._tuplefilter is not None:
        return None
    results = cursor._processors
    loader: InstanceLoader | None = None
    if len(described) == 1 and described[0]["expr"] is described[0]["entity"]:
        model: Any = described[0]["entity"]
        if not described[0]["aliased"]:
            loader = InstanceLoader.of(model, lambda column: cursor._index_for_key(column, False), results)
        if loader is None:
            return None
    elif not all(_is_column(item["expr"]) for item in described) or not _are_in_order(names, list(cursor.keys)):
        return None
    extra = [entity._extra_entities for entity in plan.compiled.compile_state._entities]
    return _Read(plan, SimpleResultMetaData(names, extra), results, loader)


def _are_in_order(names: Sequence[str], sent: Sequence[str]) -> bool:
    """Whether the columns asked for are those of the rows, one for one: SQLAlchemy leaves out repetitions, say."""
    return len(set(names)) == len(names) == len(sent) and all(
        name in (column, _UNNAMED) or column.startswith(f"{name}_") for name, column in zip(names, sent, strict=True)
    )


def _is_column(expression: Any) -> bool:
    if isinstance(expression, InstrumentedAttribute):
        return isinstance(expression.property, ColumnProperty)
    return isinstance(expression, ColumnElement)


def _by_values(session: GuardedSession, make: _Make, model: type[Any], equals: Mapping[str, Any]) -> list[Any]:
    """The first column of every row of what ``make`` makes for these values.

    Statements are kept, with the values of whoever came first; along a plan other values are sent with them.
    """
    values = list(equals.values())
    if not all(type(value) in _PLAIN or isinstance(value, Enum) for value in values):
        return scalars(session, make(model, equals))  # None and truth values are written into the statement
    # A bind takes its type from the value where the column's own does not fit it: a date and a moment, say.
    place = (make, model, tuple((name, type(value)) for name, value in equals.items()))
    kept = _MADE.get(place)
    if kept is not None:
        reads, where = _place(session, kept[1])
        read = reads.get(where)
        if read is not None:
            return read.scalars(session, _fetch(session, read, values))  # type: ignore[no-any-return]
    statement = make(model, equals)
    key = statement._generate_cache_key()
    if kept is None and key is not None and _carries(key, values):
        _MADE[place] = statement, key
    return scalars(session, statement)


def _carries(key: CacheKey, values: Sequence[Any]) -> bool:
    """Whether a statement has these values in this order, and no others."""
    return len(key.bindparams) == len(values) and all(
        bind.callable is None and bind.value is value for bind, value in zip(key.bindparams, values, strict=True)
    )
