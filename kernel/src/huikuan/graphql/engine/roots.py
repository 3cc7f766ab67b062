"""Plans of the root types: queries, mutations, subscriptions."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, GraphQLField, OperationDefinitionNode, OperationType

from huikuan.codec import encode
from huikuan.commands import Command, PayloadField
from huikuan.graphql.decls import NodeDecl, QueryDecl, SubscriptionDecl
from huikuan.graphql.engine.fields import FieldPlan, ObjectPlan
from huikuan.graphql.engine.introspection import Introspection
from huikuan.graphql.engine.outputs import ReadField
from huikuan.graphql.engine.planner import Planner
from huikuan.graphql.engine.projection import Projection
from huikuan.graphql.engine.rootfields import (
    CommandField,
    EventField,
    NodeByIdField,
    NodesByIdsField,
    OneField,
    QueryField,
    ReadyField,
)
from huikuan.graphql.engine.values import ListValue, NodeValue, OutputValue, ValuePlan
from huikuan.graphql.inputdecls import command_arguments
from huikuan.graphql.mutations import payload_spec, payload_value
from huikuan.graphql.naming import camel
from huikuan.graphql.strawberry_types import declaration
from huikuan.graphql.typespec import Kind, TypeSpec

__all__ = ["RootPlanner"]

Nodes = list[FieldNode]
TEXT = TypeSpec(Kind.SCALAR, str)


class RootPlanner:
    """Plans an operation."""

    def __init__(self, planner: Planner, fragments: list[FragmentDefinitionNode]) -> None:
        self.planner = planner
        self.fragments = fragments
        self.owners = {command.name: (command, owner) for command, owner in planner.build.commands}

    def plan(self, operation: OperationDefinitionNode) -> ObjectPlan:
        """The plan of an operation's root."""
        planner = self.planner
        type_ = planner.schema.core.get_root_type(operation.operation)
        assert type_ is not None
        selected = planner.selections.fields(type_, [operation.selection_set])
        kind = operation.operation

        def make(key: str, name: str, nodes: Nodes) -> FieldPlan:
            if name in ("__schema", "__type"):
                introspection = Introspection(planner.schema.core, operation, nodes, self.fragments, planner.hide)
                return ReadyField(key, nodes, introspection.value)
            field = type_.fields[name]
            if kind is OperationType.MUTATION:
                return self._command(key, nodes, field, declaration(field))
            if kind is OperationType.SUBSCRIPTION:
                return self._event(key, nodes, field, declaration(field))
            return self._query(key, name, nodes, field)

        return ObjectPlan(type_.name, planner.fields(type_, selected, make))

    def _query(self, key: str, name: str, nodes: Nodes, field: GraphQLField) -> FieldPlan:
        planner = self.planner
        decl = declaration(field)
        if isinstance(decl, NodeDecl):
            if name == camel(decl.noun):
                projection = Projection(decl, planner.dialect)
                plan = planner.rows(projection.root, nodes)
                return OneField(key, nodes, planner.arguments(field, nodes), projection, plan)
            return planner.pages.field(key, nodes, field, decl)
        if isinstance(decl, QueryDecl):
            where = f"query {decl.name} ({decl.function.__module__})"
            value = planner.value(decl.type, nodes, where, field)
            arguments = planner.arguments(field, nodes)
            return QueryField(key, nodes, decl.type.nullable, decl, arguments, value)
        if name == "version":
            return ReadyField(key, nodes, lambda run: str(run.build.versions.get("kernel", "")))
        named = NodeByIdField if name == "node" else NodesByIdsField
        return named(key, nodes, planner.arguments(field, nodes), planner.any(nodes))

    def _event(self, key: str, nodes: Nodes, field: GraphQLField, decl: SubscriptionDecl) -> FieldPlan:
        where = f"subscription {decl.name} ({decl.function.__module__})"
        value = self.planner.value(decl.type, nodes, where, field)
        return EventField(key, nodes, decl.type.nullable, decl, self.planner.arguments(field, nodes), value)

    # --- mutations ---------------------------------------------------------------------------

    def _command(self, key: str, nodes: Nodes, field: GraphQLField, command: Command[..., Any]) -> FieldPlan:
        planner = self.planner
        type_: Any = field.type
        payload_fields = {camel(item.name): item for item in command.payload}

        def make(key: str, name: str, nodes: Nodes) -> FieldPlan:
            inner = type_.fields[name]
            own = payload_fields.get(name)
            if own is not None:
                return self._payload(key, nodes, inner, command, own)
            return ReadField(key, nodes, False, attrgetter(name), self._refusals(nodes))

        payload = planner.object(type_, nodes, make)
        arguments = planner.arguments(field, nodes)
        owned = self.owners[command.name]
        return CommandField(key, nodes, owned, command_arguments(command), arguments, payload)

    def _payload(
        self, key: str, nodes: Nodes, field: GraphQLField, command: Command[..., Any], own: PayloadField
    ) -> FieldPlan:
        where = f"command {command.name} ({command.function.__module__}): payload field {own.name}"
        spec = payload_spec(self.planner.build, own, where)

        def read(result: Any) -> Any:
            return payload_value(own, result.values.get(own.name))

        return ReadField(key, nodes, True, read, self.planner.value(spec, nodes, where, field))

    def _refusals(self, nodes: Nodes) -> ValuePlan:
        planner = self.planner
        type_ = planner.type("Refusal")

        def make(key: str, name: str, nodes: Nodes) -> FieldPlan:
            if name == "hold":
                hold = NodeValue(planner.by_id(planner.build.nodes["Hold"], nodes), "Refusal.hold", checked=False)
                return ReadField(key, nodes, True, attrgetter("hold_id"), hold)
            read, spec = _REFUSAL[name]
            nullable = name in ("field", "advice", "module")
            value = planner.value(spec, nodes, f"Refusal.{name}", type_.fields[name])
            return ReadField(key, nodes, nullable, read, value)

        return ListValue(OutputValue(planner.object(type_, nodes, make)), nullable_items=False)


_REFUSAL: dict[str, tuple[Callable[[Any], Any], TypeSpec]] = {
    "code": (attrgetter("code"), TypeSpec(Kind.NAMED, name="RefusalCode")),
    "message": (attrgetter("message"), TEXT),
    "level": (attrgetter("level.name"), TypeSpec(Kind.NAMED, name="RefusalLevel")),
    "field": (attrgetter("field"), TEXT),
    "advice": (attrgetter("advice"), TEXT),
    "data": (lambda refusal: encode(refusal.data), TypeSpec(Kind.JSON)),
    "module": (attrgetter("module"), TEXT),
}
