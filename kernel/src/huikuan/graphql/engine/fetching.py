"""Statements by identity: how rows are asked for by many ids with one statement whose text never changes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Dialect, Integer, String, Uuid, any_, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from huikuan.db.prepared import PreparedRead
from huikuan.graphql.engine.fields import Completed, ObjectPlan, spread
from huikuan.graphql.engine.groups import Rows
from huikuan.graphql.engine.places import ChosenPlaces, Places
from huikuan.graphql.engine.projection import Projection

if TYPE_CHECKING:
    from huikuan.graphql.engine.run import Run

__all__ = ["ID", "IDS", "ById", "among", "id_list", "is_one", "raw_id", "whole"]

ID = "huikuan_id"
IDS = "huikuan_ids"
CHUNK = 5_000


def among(column: Any, dialect: Dialect) -> Any:
    """The condition that a column holds one of the ids in the bind `IDS`."""
    if dialect.name == "postgresql":
        return column == any_(cast(bindparam(IDS, type_=ARRAY(String)), ARRAY(Uuid)))
    return column.in_(select(func.json_each(bindparam(IDS, type_=String)).table_valued("value").c.value))


def is_one(column: Any, dialect: Dialect) -> Any:
    """The condition that a column holds the id in the bind `ID`."""
    bind = bindparam(ID, type_=String)
    return column == (cast(bind, Uuid) if dialect.name == "postgresql" else bind)


def whole(number: int) -> Any:
    """A number that stands in the text of a statement, where the planner can see it."""
    return literal_column(str(number), Integer)


def id_list(ids: Sequence[str], dialect: Dialect) -> Any:
    """The value of that bind."""
    return list(ids) if dialect.name == "postgresql" else json.dumps(list(ids))


def raw_id(id: UUID, dialect: Dialect) -> str:
    """An id as rows hold it."""
    return str(id) if dialect.name == "postgresql" else id.hex


class ById:
    """Objects of one type by their ids: a statement, and what is selected of them."""

    def __init__(self, projection: Projection, plan: ObjectPlan) -> None:
        self.projection = projection
        self.plan = plan
        self.permission = projection.root.decl.permission
        self._prepared: PreparedRead | None = None

    def rows(self, run: Run, ids: Iterable[str | None]) -> tuple[Rows, dict[str, int]]:
        """The rows that there are, and where each id stands among them."""
        wanted = [id for id in dict.fromkeys(ids) if id is not None]
        found: list[Any] = []
        for start in range(0, len(wanted), CHUNK):
            part = id_list(wanted[start : start + CHUNK], self.projection.dialect)
            found += run.fetch(self.prepared, {IDS: part})
        identity = self.projection.identity
        return Rows.of(self.projection, found, None), {row[identity]: number for number, row in enumerate(found)}

    @property
    def prepared(self) -> PreparedRead:
        """The statement, made at the first use."""
        if self._prepared is None:
            condition = among(self.projection.root.columns.id, self.projection.dialect)
            self._prepared = self.projection.prepared(("ids",), lambda statement: statement.where(condition))
        return self._prepared

    def complete(self, run: Run, ids: Sequence[str | None], places: Places, *, checked: bool = True) -> Completed:
        """The objects with these ids, null where there is none."""
        if checked:
            run.require(self.permission)
        rows, where = self.rows(run, ids)
        numbers = [where.get(id) if id is not None else None for id in ids]
        return self.place(run, rows, numbers, places)

    def place(self, run: Run, rows: Rows, numbers: Sequence[int | None], places: Places) -> Completed:
        """The objects of these rows, by their numbers, null where there is no number."""
        members = [member for member, number in enumerate(numbers) if number is not None]
        chosen = [number for number in numbers if number is not None]
        whole = len(members) == len(numbers)
        standing = places if whole else ChosenPlaces(places, members)
        in_order = chosen == list(range(rows.count))
        group = rows.at(standing) if in_order else rows.choose(chosen, standing)
        objects, failed = self.plan.complete(run, group)
        return (objects, failed) if whole else spread(objects, failed, members, len(numbers))
