"""TenantSchema: the GraphQL schema of one composition, built from its declarations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import strawberry
from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from huikuan.errors import SetupError
from huikuan.graphql.build import Build, SchemaParts
from huikuan.graphql.documents import Documents
from huikuan.graphql.mutations import mutation_type
from huikuan.graphql.nodes import node_type
from huikuan.graphql.roots import query_type
from huikuan.graphql.scalars import SCALAR_MAP
from huikuan.graphql.strawberry_types import Definition
from huikuan.graphql.subscriptions import subscription_type

__all__ = ["TenantSchema", "build_schema"]


class CompositionSchema(strawberry.Schema):
    """A Strawberry schema whose types take their fields from a Build."""

    def __init__(self, build: Build) -> None:
        self.build = build
        exposed = any(command.exposed for command, _ in build.commands)
        super().__init__(
            query=query_type(),
            mutation=mutation_type() if exposed else None,
            subscription=subscription_type() if build.subscriptions else None,
            types=[node_type(decl) for decl in build.nodes.values()],
            config=StrawberryConfig(scalar_map=SCALAR_MAP),
        )

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """New field objects for each schema: a build changes them, and modules contribute to them."""
        if isinstance(type_definition, Definition):
            return list(type_definition.make_fields(self.build))
        return super().get_fields(type_definition)

    def _collect_schema_directives(self, *_: Any) -> list[type]:
        # None are used, and looking for them walks every type.
        self._schema_directives_in_use: list[object] = []
        self._schema_graphql_directives: dict[type, Any] = {}
        return []

    def _extend_introspection(self) -> None:
        # graphql-core knows isOneOf itself; the original changes a type that all schemas share.
        return None


class TenantSchema:
    """What a composition answers: the executable schema and the documents seen lately."""

    def __init__(self, build: Build, core: GraphQLSchema, documents: Documents) -> None:
        self.build = build
        self.core = core
        self.documents = documents

    @cached_property
    def sdl(self) -> str:
        """The schema in the schema definition language, with its descriptions."""
        return print_schema(self.core) + "\n"


def build_schema(parts: SchemaParts, documents: Documents | None = None) -> TenantSchema:
    """Build the schema of a composition; what is wrong is said with the module's name and the remedy.

    ``documents`` is the cache that it shares with others.
    """
    build = Build(parts)
    try:
        core = CompositionSchema(build)._schema
    except SetupError:
        raise
    except Exception as error:
        raise _setup_error(error) from error
    _install(core)
    return TenantSchema(build, core, documents if documents is not None else Documents())


def _install(core: GraphQLSchema) -> None:
    """What Strawberry does not say of a type. No field gets a resolver: the engine reads the declarations."""
    backref = GraphQLCoreConverter.DEFINITION_BACKREF
    for type_ in core.type_map.values():
        definition = type_.extensions.get(backref)
        if isinstance(definition, Definition):
            if isinstance(type_, GraphQLObjectType):
                type_.is_type_of = None
            elif isinstance(type_, GraphQLInputObjectType) and definition.one_of:
                type_.is_one_of = True


def _setup_error(error: BaseException) -> SetupError:
    for cause in _causes(error):
        if isinstance(cause, SetupError):
            return cause
    return SetupError(f"the GraphQL schema cannot be built: {error}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
