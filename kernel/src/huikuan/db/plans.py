"""Plans: what a SELECT compiles to, kept, and sent again with other values.

SQLAlchemy keeps the compiled text, too, but adds the tenant's criteria, makes an execution context, reads the
cursor's description and builds the row loaders anew for each execution: four times the cost of the statement itself.
The first execution of a statement goes that way, through the session, with everything that listens there. What
it was compiled to, guard's findings included, is a plan, if it is of a plain kind; all others go that way always.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Select
from sqlalchemy.exc import DontWrapMixin, StatementError
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.util import LRUCache

from huikuan.db.guard import GuardedCompiler
from huikuan.db.prepared import Rows, send

__all__ = ["Plan", "plan_of", "plans_of"]

_KEPT = 1_000
_SIZES_KEPT = 200
_LONGEST_KEPT = 100
"""Texts of longer lists are large and seldom wanted twice; making one costs less than sending it."""
Convert = Callable[[Any], Any]
TENANT = -1
"""The source of a bind that carries the session's tenant."""


@dataclass(slots=True)
class _Sent:
    """What listeners of a statement find where SQLAlchemy's execution context is otherwise."""

    compiled: Any
    compiled_parameters: list[dict[str, Any]]
    _tenant_checked: bool = False


@dataclass(frozen=True, slots=True)
class _Text:
    """A plan's text for lists of certain lengths."""

    text: str
    positions: Sequence[str] | None
    expanded: Mapping[str, Sequence[str]]


@dataclass(slots=True)
class Plan:
    """One statement for one dialect."""

    compiled: Any
    sources: tuple[tuple[str, int], ...]
    """Each bind's name and which of the statement's values it carries, or `TENANT`."""
    lists: tuple[str, ...]
    """Binds whose values are lists: as many binds are sent as they are long."""
    convert: Mapping[str, Convert]
    results: Sequence[Convert | None] = ()
    """Conversions of the columns; known from the first execution."""
    _texts: dict[tuple[int, ...], _Text] = field(default_factory=dict)

    def fetch(self, connection: Connection, values: Sequence[Any], tenant_id: Any) -> Rows:
        """All rows for these values, as the driver gives them."""
        named = {name: tenant_id if place == TENANT else values[place] for name, place in self.sources}
        found = self._text(named)
        sent = self._converted(named, found)
        parameters: Any = sent if found.positions is None else tuple(sent[name] for name in found.positions)
        return send(connection, found.text, parameters, _Sent(self.compiled, [named]))

    def _converted(self, named: Mapping[str, Any], found: _Text) -> dict[str, Any]:
        """The values as the driver takes them; what a type refuses is told as SQLAlchemy tells it."""
        sent: dict[str, Any] = {}
        try:
            for name, value in named.items():
                convert = self.convert.get(name)
                names = found.expanded.get(name)
                if names is not None:
                    items = value if convert is None else map(convert, value)
                    sent.update(zip(names, items, strict=True))
                else:
                    sent[name] = value if convert is None else convert(value)
        except Exception as error:
            if isinstance(error, DontWrapMixin):
                raise
            raise StatementError(f"{type(error).__name__}: {error}", found.text, None, error) from error
        return sent

    def _text(self, named: dict[str, Any]) -> _Text:
        lengths = tuple(len(named[name]) for name in self.lists)
        found = self._texts.get(lengths)
        if found is None:
            found = self._make_text(named)
            if sum(lengths) <= _LONGEST_KEPT:
                if len(self._texts) >= _SIZES_KEPT:
                    self._texts.clear()
                self._texts[lengths] = found
        return found

    def _make_text(self, named: dict[str, Any]) -> _Text:
        compiled = self.compiled
        if not self.lists:
            return _Text(compiled.string, compiled.positiontup, {})
        state = compiled._process_parameters_for_postcompile(dict(named))
        return _Text(state.statement, state.positiontup, state.parameter_expansion)


_PLANS: WeakKeyDictionary[Engine, LRUCache[Any, Plan | None]] = WeakKeyDictionary()


def plans_of(engine: Engine) -> LRUCache[Any, Any]:
    """The plans of an engine, by what makes statements the same; the ones that were used last are kept."""
    found: LRUCache[Any, Any] | None = _PLANS.get(engine)
    return found if found is not None else _PLANS.setdefault(engine, LRUCache(_KEPT))


def is_plain(statement: Any) -> bool:
    """Whether a statement may have a plan: a SELECT without options, locks and the like."""
    return (
        type(statement) is Select
        and not statement._with_options
        and not statement._execution_options
        and statement._for_update_arg is None
        and statement._propagate_attrs.get("compile_state_plugin") == "orm"
    )


def plan_of(context: Any, bindparams: Sequence[BindParameter[Any]], tenant_id: UUID | None) -> Plan | None:
    """The plan of a statement that was just executed in ``context``; None if it is not of a plain kind.

    ``bindparams``: the statement's own, whose values are given to each execution in this order. ``tenant_id``: the
    session's, which its criteria have added.
    """
    compiled = context.compiled
    if compiled.cache_key is None or compiled.literal_execute_params or compiled.escaped_bind_names:
        return None
    if isinstance(compiled, GuardedCompiler) and compiled.findings.writes:
        return None
    sources = _sources(compiled, context.extracted_parameters, bindparams, tenant_id)
    lists = [bind for bind in compiled.bind_names if bind in compiled.post_compile_params]
    if sources is None or any(bind.type._is_tuple_type for bind in lists):
        return None
    names = tuple(compiled.bind_names[bind] for bind in lists)
    return Plan(compiled, sources, names, dict(compiled._bind_processors))


def _sources(
    compiled: Any, executed: Sequence[BindParameter[Any]], own: Sequence[BindParameter[Any]], tenant_id: UUID | None
) -> tuple[tuple[str, int], ...] | None:
    """Where each bind's value comes from; None if that of any is not known.

    Compiled binds are copies of those of the statement that was compiled; by their places these are the ones of the
    statement that was executed, which has the statement's own, and the tenant's from the session's criteria.
    """
    copies, _ = compiled._cache_key_bind_match
    places = {id(copy): place for place, bind in enumerate(compiled.cache_key[1]) for copy in copies[bind]}
    mine = {id(bind): place for place, bind in enumerate(own)}
    found = []
    for bind, name in compiled.bind_names.items():
        place = places.get(id(bind))
        if place is None or bind.callable is not None or bind.required:
            return None
        sent = executed[place]
        source = mine.get(id(sent), TENANT)
        if source == TENANT and (tenant_id is None or sent.value != tenant_id):
            return None
        found.append((name, source))
    return tuple(found)
