"""Rows to the session's own instances, for statements that have a plan: what SQLAlchemy's loaders do, made once.

The rules are its own: a row whose identity the session has is that instance, as it is, only attributes that it has
not (those that were expired, say) are filled in; a new one is attached to the session, with its tenant's criteria.
This leans on the instance state from inside; models with more than plain columns are left to SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

from sqlalchemy import inspect
from sqlalchemy.orm import ColumnProperty, CompositeProperty, Mapper
from sqlalchemy.orm.attributes import instance_state

from huikuan.db.session import GuardedSession

__all__ = ["InstanceLoader"]

Convert = Callable[[Any], Any]
Place = tuple[str, int, Convert | None]


class InstanceLoader:
    """Makes instances of one model of the rows of one statement."""

    def __init__(self, mapper: Mapper[Any], places: Sequence[Place]) -> None:
        self._mapper = mapper
        self._places = tuple(places)
        self._keys = frozenset(key for key, _, _ in places)
        by_key = {key: (index, convert) for key, index, convert in places}
        self._identity = tuple(by_key[mapper.get_property_by_column(column).key] for column in mapper.primary_key)

    @classmethod
    def of(
        cls, model: type[Any], index_of: Callable[[Any], int | None], results: Sequence[Convert | None]
    ) -> Self | None:
        """For a statement whose columns stand at these places; None if the model has more than plain columns."""
        mapper: Mapper[Any] = inspect(model)
        if not _is_plain(mapper):
            return None
        places: list[Place] = []
        for attribute in mapper.column_attrs:
            place = index_of(attribute.columns[0])
            if place is None:
                return None
            places.append((attribute.key, place, results[place]))
        return cls(mapper, places)

    def load(self, session: GuardedSession, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """The instance of each row; None for a row of an outer join that has none."""
        return [self._load(session, row) for row in rows]

    def _load(self, session: GuardedSession, row: Sequence[Any]) -> Any:
        identity = tuple(row[place] if convert is None else convert(row[place]) for place, convert in self._identity)
        key = (self._mapper.class_, identity, None)
        found = session.identity_map.get(key)
        if found is None:
            return None if all(value is None for value in identity) else self._new(session, key, row)
        state = instance_state(found)
        if not self._keys <= state.dict.keys():
            self._complete(state, row)
        return found

    def _new(self, session: GuardedSession, key: Any, row: Sequence[Any]) -> Any:
        manager: Any = self._mapper.class_manager
        instance = manager.new_instance()
        state: Any = instance_state(instance)
        values = state.dict
        state.key = key
        state.identity_token = None
        state.session_id = session.hash_key
        session.identity_map._add_unpresent(state, key)
        state.load_options = () if session.criteria is None else (session.criteria,)
        state.load_path = self._mapper._path_registry
        for name, place, convert in self._places:
            value = row[place]
            values[name] = value if convert is None else convert(value)
        manager.dispatch.load(state, None)  # money is put together of its columns here
        return instance

    def _complete(self, state: Any, row: Sequence[Any]) -> None:
        values, missing = state.dict, state.unloaded
        for name, place, convert in self._places:
            if name in missing:
                value = row[place]
                values[name] = value if convert is None else convert(value)
        state.manager.dispatch.refresh(state, None, missing)
        state._commit(values, missing)


def _is_plain(mapper: Mapper[Any]) -> bool:
    """One table, each column an attribute that is loaded at once, nothing else but what is made of columns."""
    return (
        mapper.inherits is None
        and mapper.polymorphic_on is None
        and len(list(mapper.self_and_descendants)) == 1
        and not mapper.always_refresh
        and all(isinstance(item, ColumnProperty | CompositeProperty) for item in mapper.attrs)
        and all(
            len(item.columns) == 1
            and not item.deferred
            and getattr(item.columns[0], "table", None) is mapper.local_table
            for item in mapper.column_attrs
        )
    )


def _columns_of(attribute: ColumnProperty[Any], table: Any) -> int:
    return len([column for column in attribute.columns if getattr(column, "table", None) is table])
