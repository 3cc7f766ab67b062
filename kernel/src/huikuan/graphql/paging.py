"""Pages: keyset paging of a whole table or of the rows that belong to each parent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from huikuan.errors import BadInput
from huikuan.graphql.filters import condition
from huikuan.graphql.ordering import Term, after, decode_cursor, encode_cursor, order_clauses, terms_of
from huikuan.graphql.rows import Group, Item, NodePlan, Row

if TYPE_CHECKING:
    from huikuan.graphql.execution import Execution

__all__ = ["DEFAULT_SIZE", "MAX_SIZE", "Edge", "Page", "Window", "load_pages", "window_of"]

MAX_SIZE = 1_000
DEFAULT_SIZE = 50


@dataclass(frozen=True, slots=True)
class Window:
    """What the arguments of a list ask for."""

    size: int
    backward: bool
    terms: tuple[Term, ...]
    after: list[Any] | None
    before: list[Any] | None
    conditions: list[ColumnElement[bool]]


class Page(Item):
    """One page of rows."""

    __slots__ = ("has_next", "has_previous", "rows", "terms")
    _group: PageGroup

    def __init__(self, group: PageGroup, rows: list[Row], window: Window, more: bool) -> None:
        super().__init__(group, None)
        self.rows = rows
        self.terms = window.terms
        self.has_next = (window.before is not None) if window.backward else more
        self.has_previous = more if window.backward else (window.after is not None)

    def cursor(self, row: Row) -> str:
        """Where a row stands in this order."""
        index = row._group.plan.index
        values = [row._values[index[term.column]] for term in self.terms]
        return encode_cursor(row._group.plan.decl, self.terms, values)

    @property
    def total(self) -> int:
        """How many rows match in all; counted at the first use, for all sibling pages at once."""
        totals = self._group.column("total", self._group.count)
        return int(totals[self._place])


@dataclass(frozen=True, slots=True)
class Edge:
    """A row and its page."""

    page: Page
    row: Row


class PageGroup(Group):
    """Sibling pages: of one table, or one for each parent."""

    __slots__ = ("parent", "parents", "plan", "window")

    def __init__(
        self, execution: Execution, plan: NodePlan, window: Window, parent: str | None, parents: Sequence[UUID]
    ) -> None:
        super().__init__(execution)
        self.plan = plan
        self.window = window
        self.parent = parent
        self.parents = parents

    def matching(self, statement: Any) -> Any:
        """The statement restricted to what the arguments and the parents allow."""
        model = self.plan.decl.model
        if self.parent is not None:
            column = getattr(model, self.parent)
            one = len(self.parents) == 1
            statement = statement.where(column == self.parents[0] if one else column.in_(self.parents))
        return statement.where(*self.window.conditions)

    def count(self) -> list[int]:
        """Rows in all, for each page."""
        model, ctx = self.plan.decl.model, self.execution.ctx
        columns = [func.count(model.id)]
        if self.parent is not None:
            columns.insert(0, getattr(model, self.parent))
        statement = select(*columns)
        if self.plan.tenanted:
            statement = statement.where(model.tenant_id == ctx.tenant.id)
        if self.parent is None:
            return [ctx.rows(self.matching(statement))[0][0]]
        grouped = self.matching(statement).group_by(getattr(model, self.parent))
        counts: dict[UUID, int] = {row[0]: row[1] for row in ctx.rows(grouped)}
        return [counts.get(id, 0) for id in self.parents]


def window_of(execution: Execution, plan: NodePlan, given: Mapping[str, Any]) -> Window:
    """Read ``first, after, last, before, filter, orderBy``."""
    first, last = given.get("first"), given.get("last")
    if first is not None and last is not None:
        raise BadInput("Give either first or last, not both.", field="last")
    size = last if last is not None else first
    if size is not None and not 0 <= size <= MAX_SIZE:
        name = "last" if last is not None else "first"
        raise BadInput(f"{name} must be between 0 and {MAX_SIZE}; page on with the cursor.", field=name)
    terms = terms_of(plan.decl, [getattr(item, "value", item) for item in given.get("orderBy") or ()])
    cursors = {
        name: decode_cursor(plan.decl, terms, given[name], name) if given.get(name) is not None else None
        for name in ("after", "before")
    }
    conditions = condition(execution.build, plan.decl, given.get("filter"))
    return Window(
        DEFAULT_SIZE if size is None else size, last is not None, terms, cursors["after"], cursors["before"], conditions
    )


def load_pages(
    execution: Execution, plan: NodePlan, given: Mapping[str, Any], parent: str | None, parents: Sequence[UUID]
) -> list[Page]:
    """One page for each parent, or one of the whole table; their rows are one group of siblings."""
    execution.require(plan.decl.permission)
    group = PageGroup(execution, plan, window_of(execution, plan, given), parent, parents)
    if parent is None or len(parents) == 1:
        found: list[Sequence[Any]] = [execution.ctx.rows(_single(group))]
    elif not parents:
        found = []
    else:
        found = [*_split(execution.ctx.rows(_windowed(group)), parents, len(plan.columns))]
    return _pages(group, found)


def _ordered(group: PageGroup) -> tuple[list[ColumnElement[bool]], list[ColumnElement[Any]]]:
    """Conditions of the cursors, and the order, which runs backward for ``last``."""
    model, window = group.plan.decl.model, group.window
    turned = [term.turned() for term in window.terms]
    bounds = []
    if window.after is not None:
        bounds.append(after(model, window.terms, window.after))
    if window.before is not None:
        bounds.append(after(model, turned, window.before))
    return bounds, order_clauses(model, turned if window.backward else window.terms)


def _single(group: PageGroup) -> Any:
    bounds, order = _ordered(group)
    statement = group.matching(group.plan.select(group.execution.ctx.tenant.id))
    return statement.where(*bounds).order_by(*order).limit(group.window.size + 1)


def _windowed(group: PageGroup) -> Any:
    """The first rows of each parent, numbered by the database."""
    bounds, order = _ordered(group)
    column = getattr(group.plan.decl.model, group.parent or "id")
    place = func.row_number().over(partition_by=column, order_by=order).label("huikuan_place")
    statement = group.plan.select(group.execution.ctx.tenant.id, column.label("huikuan_parent"), place)
    inner = group.matching(statement).where(*bounds).subquery()
    return (
        select(*inner.c)
        .where(inner.c.huikuan_place <= group.window.size + 1)
        .order_by(inner.c.huikuan_parent, inner.c.huikuan_place)
    )


def _split(rows: Sequence[Any], parents: Sequence[UUID], place: int) -> list[list[Any]]:
    by_parent: dict[UUID, list[Any]] = {id: [] for id in parents}
    for row in rows:
        by_parent[row[place]].append(row)
    return [by_parent[id] for id in parents]


def _pages(group: PageGroup, found: Sequence[Sequence[Any]]) -> list[Page]:
    window = group.window
    cut = [rows[: window.size][::-1] if window.backward else rows[: window.size] for rows in found]
    members = iter(group.plan.group(group.execution, [row for rows in cut for row in rows]).members)
    for rows, kept in zip(found, cut, strict=True):
        Page(group, [next(members) for _ in kept], window, len(rows) > window.size)
    return group.members
