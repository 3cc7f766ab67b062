"""The reference: graphql-core's own executor over plain Python objects, one resolver call per object and field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    execute_sync,
    is_introspection_type,
    parse,
)

from huikuan.actor import Actor
from huikuan.errors import Forbidden
from huikuan.graphql.decls import NodeDecl
from kernel.tests.graphql.fuzz.worlds import World

Resolver = Callable[..., Any]


@dataclass
class Session:
    """What the resolvers of one operation share."""

    world: World
    actor: Actor
    now: datetime
    version: str
    decls: Mapping[str, NodeDecl]
    seen: set[str] = field(default_factory=set)
    """What happened, for the table of what was covered."""

    def require(self, permission: str | None) -> None:
        if permission is not None and not self.actor.may(permission):
            raise Forbidden(f"This needs the permission {permission}.", permission=permission)


def reference_schema(core: GraphQLSchema, resolvers: Mapping[tuple[str, str], Resolver]) -> GraphQLSchema:
    """The same types with other resolvers; scalars, enums and inputs are shared."""
    made: dict[str, Any] = {}

    def converted(type_: Any) -> Any:
        if isinstance(type_, GraphQLNonNull):
            return GraphQLNonNull(converted(type_.of_type))
        if isinstance(type_, GraphQLList):
            return GraphQLList(converted(type_.of_type))
        return made.get(type_.name, type_)

    def fields(type_: Any) -> dict[str, GraphQLField]:
        return {
            name: GraphQLField(
                converted(field.type), args=field.args, resolve=resolvers.get((type_.name, name), _unknown)
            )
            for name, field in type_.fields.items()
        }

    def make(type_: Any) -> Any:
        if isinstance(type_, GraphQLInterfaceType):
            return GraphQLInterfaceType(type_.name, lambda: fields(type_), resolve_type=_type_of)
        interfaces = [made[item.name] for item in type_.interfaces]
        return GraphQLObjectType(type_.name, lambda: fields(type_), interfaces=interfaces)

    composite = [
        item
        for item in core.type_map.values()
        if isinstance(item, GraphQLInterfaceType | GraphQLObjectType) and not is_introspection_type(item)
    ]
    for type_ in sorted(composite, key=lambda item: isinstance(item, GraphQLObjectType)):
        made[type_.name] = make(type_)
    types = [converted(item) for item in core.type_map.values() if not is_introspection_type(item)]
    return GraphQLSchema(
        query=made["Query"],
        mutation=made["Mutation"],
        types=types,
        directives=core.directives,
        assume_valid=True,
    )


@lru_cache(maxsize=4)
def _parsed(text: str) -> DocumentNode:
    return parse(text)


def run_reference(
    schema: GraphQLSchema, session: Session, text: str, variables: Mapping[str, Any], operation: str | None, errors: int
) -> ExecutionResult:
    """One operation; ``errors`` is the limit of errors in variables."""
    return execute_sync(
        schema,
        _parsed(text),
        context_value=session,
        variable_values=dict(variables),
        operation_name=operation,
        max_coercion_errors=errors,
    )


def _type_of(source: Any, info: Any, abstract: Any) -> str:
    return str(source.type_name)


def _unknown(source: Any, info: Any, **given: Any) -> Any:
    raise AssertionError(f"the reference knows no {info.parent_type.name}.{info.field_name}")
