"""Connections: pages of rows at any depth, their edges and cursors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from graphql import FieldNode

from huikuan.graphql.decls import NodeDecl
from huikuan.graphql.engine.codecs import codec_of
from huikuan.graphql.engine.fields import Completed, FieldPlan, ObjectPlan
from huikuan.graphql.engine.groups import Group, Rows
from huikuan.graphql.engine.lists import by_parent
from huikuan.graphql.engine.places import FieldPlaces, ItemPlaces, Places
from huikuan.graphql.engine.values import gather
from huikuan.graphql.engine.windows import PageStatements
from huikuan.graphql.ordering import encode_cursor
from huikuan.graphql.paging import Window, window_of

if TYPE_CHECKING:
    from huikuan.graphql.engine.arguments import FieldArguments
    from huikuan.graphql.engine.run import Run

__all__ = [
    "ConnectionField",
    "CursorField",
    "EdgesField",
    "InfoField",
    "NodeField",
    "NodesField",
    "PageInfoField",
    "Pages",
    "TotalField",
]


class Pages(Group):
    """Pages of one connection field, one for each parent, and the rows of all of them."""

    def __init__(
        self,
        statements: PageStatements,
        window: Window,
        parents: Sequence[str],
        lists: Sequence[Sequence[Any]],
        places: Places,
    ) -> None:
        super().__init__(len(lists), places)
        self.statements = statements
        self.window = window
        self.parents = parents
        self.more = [len(rows) > window.size for rows in lists]
        cut = [rows[: window.size][::-1] if window.backward else rows[: window.size] for rows in lists]
        self.lengths = [len(rows) for rows in cut]
        self.rows = Rows.of(statements.projection, list(chain.from_iterable(cut)), None)
        self._cursors: list[str] | None = None
        self._totals: Mapping[str | None, int] | None = None

    @property
    def decl(self) -> NodeDecl:
        """What the pages list."""
        return self.statements.projection.root.decl

    def cursors(self) -> list[str]:
        """Where each row stands in this order."""
        if self._cursors is None:
            projection = self.statements.projection
            columns = []
            for place, term in enumerate(self.window.terms if self.rows.count else ()):
                codec = codec_of(getattr(projection.root.columns, term.column).type, projection.dialect)
                columns.append(codec.python(self.rows.column(projection.width + place)))
            terms = self.window.terms
            self._cursors = [encode_cursor(self.decl, terms, values) for values in zip(*columns, strict=True)]
        return self._cursors

    def totals(self, run: Run) -> list[int]:
        """How many match in all, for each page; counted once."""
        if self._totals is None:
            self._totals = self.statements.totals(run, self.window, list(dict.fromkeys(self.parents)))
        found = self._totals
        return [found.get(parent, 0) for parent in self.parents] if self.parents else [found.get(None, 0)]


class ConnectionField(FieldPlan):
    """The rows of a table, or those that refer to each row, in pages."""

    sure = True

    def __init__(
        self,
        key: str,
        nodes: list[FieldNode],
        permission: str | None,
        arguments: FieldArguments,
        statements: PageStatements,
        plan: ObjectPlan,
        index: int | None = None,
    ) -> None:
        super().__init__(key, nodes, nullable=False)
        self.permission = permission
        self.arguments = arguments
        self.statements = statements
        self.plan = plan
        self.index = index

    def compute(self, run: Run, group: Group) -> Completed:
        given = self.arguments.given(run)
        run.require(self.permission)
        root = self.statements.projection.root
        run.require(root.decl.permission)
        window = window_of(run.build, root.decl, root.columns, given)
        places = FieldPlaces(self, group)
        if self.index is None:
            rows, _ = self.statements.rows(run, window, ())
            return self.plan.complete(run, Pages(self.statements, window, (), [rows], places))
        assert isinstance(group, Rows)
        parents = group.column(self.index)
        rows, place = self.statements.rows(run, window, list(dict.fromkeys(parents)))
        lists = by_parent(rows, place or 0, parents)
        return self.plan.complete(run, Pages(self.statements, window, parents, lists, places))


class NodesField(FieldPlan):
    """``nodes``: the objects of each page."""

    sure = True

    def __init__(self, key: str, nodes: list[FieldNode], plan: ObjectPlan) -> None:
        super().__init__(key, nodes, nullable=False)
        self.plan = plan

    def compute(self, run: Run, group: Group) -> Completed:
        assert isinstance(group, Pages)
        places = ItemPlaces(FieldPlaces(self, group), group.lengths, nullable=False)
        objects, failed = self.plan.complete(run, group.rows.at(places))
        return gather(objects, failed, places, [True] * group.count, group.lengths)


class Edges(Group):
    """The edges of all pages, one for each row."""

    def __init__(self, pages: Pages, places: Places) -> None:
        super().__init__(pages.rows.count, places)
        self.pages = pages


class EdgesField(NodesField):
    """``edges``: the objects of each page with a cursor each."""

    def compute(self, run: Run, group: Group) -> Completed:
        assert isinstance(group, Pages)
        places = ItemPlaces(FieldPlaces(self, group), group.lengths, nullable=False)
        objects, failed = self.plan.complete(run, Edges(group, places))
        return gather(objects, failed, places, [True] * group.count, group.lengths)


class CursorField(FieldPlan):
    """``edges.cursor``."""

    sure = True

    def compute(self, run: Run, group: Group) -> Completed:
        assert isinstance(group, Edges)
        return group.pages.cursors(), None


class NodeField(FieldPlan):
    """``edges.node``."""

    sure = True

    def __init__(self, key: str, nodes: list[FieldNode], plan: ObjectPlan) -> None:
        super().__init__(key, nodes, nullable=False)
        self.plan = plan

    def compute(self, run: Run, group: Group) -> Completed:
        assert isinstance(group, Edges)
        return self.plan.complete(run, group.pages.rows.at(FieldPlaces(self, group)))


class TotalField(FieldPlan):
    """``totalCount``."""

    sure = True

    def compute(self, run: Run, group: Group) -> Completed:
        assert isinstance(group, Pages)
        return group.totals(run), None


class Infos(Group):
    """``pageInfo`` of each page."""

    def __init__(self, pages: Pages, places: Places) -> None:
        super().__init__(pages.count, places)
        self.pages = pages


class PageInfoField(FieldPlan):
    """``pageInfo``."""

    sure = True

    def __init__(self, key: str, nodes: list[FieldNode], plan: ObjectPlan) -> None:
        super().__init__(key, nodes, nullable=False)
        self.plan = plan

    def compute(self, run: Run, group: Group) -> Completed:
        assert isinstance(group, Pages)
        return self.plan.complete(run, Infos(group, FieldPlaces(self, group)))


class InfoField(FieldPlan):
    """One field of ``pageInfo``, by its name in the schema."""

    def __init__(self, key: str, nodes: list[FieldNode], name: str) -> None:
        super().__init__(key, nodes, nullable=name in ("startCursor", "endCursor"))
        self.name = name

    def compute(self, run: Run, group: Group) -> Completed:
        assert isinstance(group, Infos)
        pages = group.pages
        window = pages.window
        match self.name:
            case "hasNextPage":
                return ([window.before is not None] * pages.count if window.backward else pages.more), None
            case "hasPreviousPage":
                return (pages.more if window.backward else [window.after is not None] * pages.count), None
        cursors = pages.cursors()
        found: list[Any] = []
        start = 0
        for length in pages.lengths:
            at = start if self.name == "startCursor" else start + length - 1
            found.append(cursors[at] if length else None)
            start += length
        return found, None
