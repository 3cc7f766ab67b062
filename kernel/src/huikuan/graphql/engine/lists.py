"""Lists of rows that belong to other rows: one statement for all parents."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from graphql import FieldNode
from sqlalchemy import Integer, bindparam, func, select

from huikuan.db.prepared import PreparedRead
from huikuan.errors import LimitExceeded
from huikuan.graphql.engine.fetching import IDS, among, id_list
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
LIMIT = "huikuan_limit"


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
        self.parent = projection.root.index(attribute)
        self._prepared: PreparedRead | None = None
        self._numbered: PreparedRead | None = None

    def of_rows(self, run: Run, rows: Rows) -> Completed:
        decl = self.projection.root.decl
        run.require(decl.permission)
        parents = rows.column(self.index)
        wanted = list(dict.fromkeys(parents))
        ids = id_list(wanted, self.projection.dialect)
        limit = min(LIST_LIMIT * len(wanted), TOTAL_LIMIT)
        found = run.fetch(self.prepared, {IDS: ids, LIMIT: limit + 1})
        if len(found) > limit:
            # Somebody has more rows than are shown: let the database cut each list.
            found = run.fetch(self.numbered, {IDS: ids, LIMIT: TOTAL_LIMIT + 1})
            if len(found) > TOTAL_LIMIT:
                raise LimitExceeded(f"More than {TOTAL_LIMIT:,} {decl.plural} at once; ask for smaller pages.")
        lists = by_parent(found, self.parent, parents)
        if len(found) > LIST_LIMIT:
            lists = [children[:LIST_LIMIT] for children in lists]
        lengths = [len(children) for children in lists]
        places = ItemPlaces(FieldPlaces(self, rows), lengths, nullable=False)
        group = Rows.of(self.projection, list(chain.from_iterable(lists)), places)
        objects, failed = self.plan.complete(run, group)
        return gather(objects, failed, places, [True] * len(lists), lengths)

    @property
    def prepared(self) -> PreparedRead:
        """The statement, made at the first use."""
        if self._prepared is None:
            columns = self.projection.root.columns
            parent = getattr(columns, self.attribute)
            statement = self.projection.select().where(among(parent, self.projection.dialect))
            statement = statement.order_by(parent, *order_clauses(columns, self.terms))
            statement = statement.limit(bindparam(LIMIT, type_=Integer()))
            self._prepared = PreparedRead(statement, self.projection.dialect)
        return self._prepared

    @property
    def numbered(self) -> PreparedRead:
        """As `prepared`, with every list cut to what is shown."""
        if self._numbered is None:
            columns = self.projection.root.columns
            parent = getattr(columns, self.attribute)
            order = order_clauses(columns, self.terms)
            place = func.row_number().over(partition_by=parent, order_by=order).label("huikuan_place")
            inner = self.projection.select(place).where(among(parent, self.projection.dialect)).subquery()
            statement = (
                select(*inner.c)
                .where(inner.c.huikuan_place <= LIST_LIMIT)
                .order_by(inner.c[f"c{self.parent}"], inner.c.huikuan_place)
                .limit(bindparam(LIMIT, type_=Integer()))
            )
            self._numbered = PreparedRead(statement, self.projection.dialect)
        return self._numbered
