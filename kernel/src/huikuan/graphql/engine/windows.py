"""Statements of connections: one page of a table, one page for each parent, and how many there are in all.

The text depends only on the size, the order, the direction and which cursors are given, so it is kept; a filter makes
a statement for this one time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, select

from huikuan.db.prepared import PreparedRead, fetch_rows
from huikuan.graphql.engine.fetching import ID, IDS, among, id_list, is_one, whole
from huikuan.graphql.engine.projection import TENANT, Projection
from huikuan.graphql.ordering import Term, after, order_clauses
from huikuan.graphql.paging import Window

if TYPE_CHECKING:
    from huikuan.graphql.engine.run import Run

__all__ = ["PageStatements"]

MOST_KEPT = 16


class PageStatements:
    """The statements of one connection field; ``parent`` is the attribute that refers to the parents, if any."""

    def __init__(self, projection: Projection, parent: str | None) -> None:
        self.projection = projection
        self.parent = parent
        self._kept: dict[Any, PreparedRead] = {}

    # --- pages -------------------------------------------------------------------------------

    def rows(self, run: Run, window: Window, parents: Sequence[str]) -> tuple[Sequence[Any], int | None]:
        """The rows, one more than the page holds, and where the parent's id stands in them, if it does.

        After the projection's own columns come those of the order.
        """
        width = self.projection.width + len(window.terms)
        values: dict[str, Any] = {}
        many = len(parents) > 1
        if many:
            values[IDS] = id_list(parents, self.projection.dialect)
        elif self.parent is not None:
            values[ID] = parents[0]
        if window.conditions:
            statement = self.statement(window, many)
            return fetch_rows(run.connection, statement.params({**values, TENANT: run.tenant_id})), width
        for name, cursor in (("after", window.after), ("before", window.before)):
            values.update({f"{name}{place}": value for place, value in enumerate(cursor or ()) if value is not None})
        return run.fetch(self._prepared(window, many), values), width

    def _prepared(self, window: Window, many: bool) -> PreparedRead:
        key = (window.size, window.terms, window.backward, many, _nulls(window.after), _nulls(window.before))
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            if many:
                found = PreparedRead(self._windowed(window), self.projection.dialect)
            else:
                extra = [term.column for term in window.terms] + ([self.parent] if self.parent is not None else [])
                kind = ("page", self.parent, *key)
                found = self.projection.prepared(kind, lambda statement: self._page(statement, window), extra)
            self._kept[key] = found
        return found

    def statement(self, window: Window, many: bool) -> Select[Any]:
        """One page, or one for each of many parents."""
        if many:
            return self._windowed(window)
        return self._page(self.projection.select(*self._shown(window)), window)

    def _shown(self, window: Window) -> list[Any]:
        """The columns of the order, and the parent's id."""
        shown = [
            self.projection.expression(term.column).label(f"term{place}") for place, term in enumerate(window.terms)
        ]
        if self.parent is not None:
            shown.append(self.projection.expression(self.parent).label("parent"))
        return shown

    def _order(self, window: Window) -> list[Any]:
        terms = [term.turned() for term in window.terms] if window.backward else window.terms
        return order_clauses(self.projection.root.columns, terms)

    def _page(self, statement: Select[Any], window: Window) -> Select[Any]:
        matching = self._matching(statement, window, many=False)
        return matching.order_by(*self._order(window)).limit(whole(window.size + 1))

    def _windowed(self, window: Window) -> Select[Any]:
        parent = getattr(self.projection.root.columns, self.parent or "id")
        place = func.row_number().over(partition_by=parent, order_by=self._order(window)).label("place")
        inner = self._matching(self.projection.select(*self._shown(window), place), window, many=True).subquery()
        cut = select(*inner.c).where(inner.c.place <= whole(window.size + 1))
        return cut.order_by(inner.c.parent, inner.c.place)

    def _matching(self, statement: Select[Any], window: Window, many: bool) -> Select[Any]:
        columns = self.projection.root.columns
        turned = [term.turned() for term in window.terms]
        for name, terms, cursor in (("after", window.terms, window.after), ("before", turned, window.before)):
            if cursor is not None:
                values = _binds(columns, name, terms, cursor, window.conditions)
                statement = statement.where(after(columns, terms, values))
        return self._of_parents(statement, many).where(*window.conditions)

    def _of_parents(self, statement: Select[Any], many: bool) -> Select[Any]:
        if self.parent is None:
            return statement
        column = getattr(self.projection.root.columns, self.parent)
        return statement.where((among if many else is_one)(column, self.projection.dialect))

    # --- counting ----------------------------------------------------------------------------

    def totals(self, run: Run, window: Window, parents: Sequence[str]) -> Mapping[str | None, int]:
        """How many rows match in all, by parent."""
        root = self.projection.root
        counted = func.count(root.columns.id)
        shown = [counted]
        if self.parent is not None:
            shown.append(self.projection.expression(self.parent))
        statement: Any = select(*shown).select_from(root.columns.table).where(*root.fence())
        statement = self._of_parents(statement, many=True).where(*window.conditions)
        if self.parent is not None:
            statement = statement.group_by(getattr(root.columns, self.parent))
        values: dict[str, Any] = {TENANT: run.tenant_id}
        if self.parent is not None:
            values[IDS] = id_list(parents, self.projection.dialect)
        rows = fetch_rows(run.connection, statement.params(values))
        return {row[1] if self.parent is not None else None: row[0] for row in rows}


def _nulls(cursor: Sequence[Any] | None) -> Any:
    return None if cursor is None else tuple(value is None for value in cursor)


def _binds(
    columns: Any, name: str, terms: Sequence[Term], cursor: Sequence[Any], conditions: Sequence[Any]
) -> list[Any]:
    """Values of a cursor: as they are in a statement for one time, else as binds that each execution fills."""
    if conditions:
        return list(cursor)
    return [
        None if value is None else bindparam(f"{name}{place}", type_=getattr(columns, term.column).type)
        for place, (term, value) in enumerate(zip(terms, cursor, strict=True))
    ]
