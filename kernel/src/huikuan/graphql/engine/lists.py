"""Lists of rows that belong to other rows: one statement for all parents."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from graphql import FieldNode
from sqlalchemy import Select, func, select

from huikuan.db.prepared import PreparedRead
from huikuan.errors import LimitExceeded
from huikuan.graphql.engine.fetching import ID, IDS, among, id_list, is_one, whole
from huikuan.graphql.engine.fields import Completed, ObjectPlan
from huikuan.graphql.engine.groups import Rows
from huikuan.graphql.engine.places import FieldPlaces, ItemPlaces
from huikuan.graphql.engine.projection import Projection
from huikuan.graphql.engine.rowfields import RowField
from huikuan.graphql.engine.values import gather
from huikuan.graphql.ordering import Term, order_clauses

if TYPE_CHECKING:
    from huikuan.graphql.engine.run import Run

__all__ = ["ToManyField", "by_parent"]

LIST_LIMIT = 1_000
TOTAL_LIMIT = 100_000


def by_parent(rows: Sequence[Any], place: int, parents: Sequence[Any]) -> list[Sequence[Any]]:
    """Rows that come sorted by the parent's id in ``place``, as one list for each of the parents."""
    known = {parent: list(group) for parent, group in groupby(rows, itemgetter(place))}
    return [known.get(parent, ()) for parent in parents]


class ToManyField(RowField):
    """The rows that refer to each row, in a plain list."""

    sure = True

    def __init__(
        self,
        key: str,
        nodes: list[FieldNode],
        permission: str | None,
        index: int,
        attribute: str,
        terms: Sequence[Term],
        projection: Projection,
        plan: ObjectPlan,
    ) -> None:
        super().__init__(key, nodes, nullable=False, permission=permission)
        self.index = index
        self.attribute = attribute
        self.terms = terms
        self.projection = projection
        self.plan = plan
        self.link = projection.root.index(attribute)
        self._prepared: dict[str, PreparedRead] = {}

    def of_rows(self, run: Run, rows: Rows) -> Completed:
        decl = self.projection.root.decl
        run.require(decl.permission)
        parents = rows.column(self.index)
        wanted = list(dict.fromkeys(parents))
        lists = by_parent(self._fetch(run, wanted), self.link, parents)
        if max(map(len, lists), default=0) > LIST_LIMIT:
            lists = [children[:LIST_LIMIT] for children in lists]
        lengths = [len(children) for children in lists]
        places = ItemPlaces(FieldPlaces(self, rows), lengths, nullable=False)
        group = Rows.of(self.projection, list(chain.from_iterable(lists)), places)
        objects, failed = self.plan.complete(run, group)
        return gather(objects, failed, places, [True] * len(lists), lengths)

    def _fetch(self, run: Run, parents: Sequence[str]) -> Sequence[Any]:
        if len(parents) == 1:
            return run.fetch(self.prepared("one"), {ID: parents[0]})
        ids = {IDS: id_list(parents, self.projection.dialect)}
        found = run.fetch(self.prepared("many"), ids)
        if len(found) > TOTAL_LIMIT:
            # Somebody may have more rows than are shown: let the database cut each list.
            found = run.fetch(self.prepared("numbered"), ids)
            if len(found) > TOTAL_LIMIT:
                names = self.projection.root.decl.plural
                raise LimitExceeded(f"More than {TOTAL_LIMIT:,} {names} at once; ask for smaller pages.")
        return found

    def prepared(self, how: str) -> PreparedRead:
        """The statement for one parent, for many, or for many with every list cut to what is shown."""
        found = self._prepared.get(how)
        if found is None:
            if how == "numbered":
                found = PreparedRead(self._numbered(), self.projection.dialect)
            else:
                finish = self._one if how == "one" else self._many
                kind = ("children", how, self.attribute, tuple(self.terms))
                found = self.projection.prepared(kind, finish)
            self._prepared[how] = found
        return found

    def _one(self, statement: Select[Any]) -> Select[Any]:
        columns = self.projection.root.columns
        statement = statement.where(is_one(getattr(columns, self.attribute), self.projection.dialect))
        return statement.order_by(*order_clauses(columns, self.terms)).limit(whole(LIST_LIMIT))

    def _many(self, statement: Select[Any]) -> Select[Any]:
        columns = self.projection.root.columns
        parent = getattr(columns, self.attribute)
        statement = statement.where(among(parent, self.projection.dialect))
        return statement.order_by(parent, *order_clauses(columns, self.terms)).limit(whole(TOTAL_LIMIT + 1))

    def _numbered(self) -> Select[Any]:
        columns, dialect = self.projection.root.columns, self.projection.dialect
        parent = getattr(columns, self.attribute)
        order = order_clauses(columns, self.terms)
        place = func.row_number().over(partition_by=parent, order_by=order).label("huikuan_place")
        inner = self.projection.select(place).where(among(parent, dialect)).subquery()
        cut = select(*inner.c).where(inner.c.huikuan_place <= whole(LIST_LIMIT))
        return cut.order_by(inner.c[f"c{self.link}"], inner.c.huikuan_place).limit(whole(TOTAL_LIMIT + 1))
