"""Plans of connections: pages, edges, pageInfo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import FieldNode, GraphQLField

from huikuan.graphql.decls import NodeDecl
from huikuan.graphql.engine.fields import FieldPlan, ObjectPlan
from huikuan.graphql.engine.pages import (
    ConnectionField,
    CursorField,
    EdgesField,
    InfoField,
    NodeField,
    NodesField,
    PageInfoField,
    TotalField,
)
from huikuan.graphql.engine.projection import Projection
from huikuan.graphql.engine.windows import PageStatements

if TYPE_CHECKING:
    from huikuan.graphql.engine.planner import Planner

__all__ = ["PagePlanner"]

Nodes = list[FieldNode]


class PagePlanner:
    """Plans connection fields."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner

    def field(
        self,
        key: str,
        nodes: Nodes,
        field: GraphQLField,
        target: NodeDecl,
        permission: str | None = None,
        parent: str | None = None,
        index: int | None = None,
    ) -> FieldPlan:
        """A connection field: of a whole table, or of the rows whose ``parent`` holds the id in ``index``."""
        projection = Projection(target, self.planner.dialect)
        plan = self._page(projection, nodes)
        statements = PageStatements(projection, parent)
        arguments = self.planner.arguments(field, nodes)
        return ConnectionField(key, nodes, permission, arguments, statements, plan, index)

    def _page(self, projection: Projection, nodes: Nodes) -> ObjectPlan:
        planner = self.planner

        def make(key: str, name: str, nodes: Nodes) -> FieldPlan:
            match name:
                case "nodes":
                    return NodesField(key, nodes, planner.rows(projection.root, nodes))
                case "edges":
                    return EdgesField(key, nodes, self._edge(projection, nodes))
                case "pageInfo":
                    return PageInfoField(key, nodes, self._info(nodes))
            return TotalField(key, nodes, nullable=False)

        return planner.object(planner.type(f"{projection.root.decl.name}Connection"), nodes, make)

    def _edge(self, projection: Projection, nodes: Nodes) -> ObjectPlan:
        planner = self.planner

        def make(key: str, name: str, nodes: Nodes) -> FieldPlan:
            if name == "node":
                return NodeField(key, nodes, planner.rows(projection.root, nodes))
            return CursorField(key, nodes, nullable=False)

        return planner.object(planner.type(f"{projection.root.decl.name}Edge"), nodes, make)

    def _info(self, nodes: Nodes) -> ObjectPlan:
        def make(key: str, name: str, nodes: Nodes) -> FieldPlan:
            return InfoField(key, nodes, name)

        return self.planner.object(self.planner.type("PageInfo"), nodes, make)
