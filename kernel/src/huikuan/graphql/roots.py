"""The query root: one object, a list, node and nodes, and the queries that modules write."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from strawberry import ID
from strawberry.types.base import StrawberryList, StrawberryOptional

from huikuan.graphql.decls import NodeDecl, QueryDecl
from huikuan.graphql.inputs import argument, key_type
from huikuan.graphql.naming import humanise
from huikuan.graphql.nodes import connection_arguments, connection_type, node_type, shown_type
from huikuan.graphql.outputs import node_interface
from huikuan.graphql.strawberry_types import Argument, Field, make_type

if TYPE_CHECKING:
    from huikuan.graphql.build import Build

__all__ = ["query_type"]

MAX_IDS = 1_000


@cache
def query_type() -> type[Any]:
    """``Query``."""

    def fields(build: Build) -> list[Field]:
        found = [field for decl in build.nodes.values() if decl.root for field in _node_roots(build, decl)]
        found += [_custom(build, decl) for decl in build.queries]
        if build.nodes:
            found += _by_id(build)
        if not found:
            found.append(Field("version", str, "Version of the kernel."))
        return sorted(found, key=lambda field: str(field.graphql_name))

    return make_type("Query", "Everything that can be read; one request sees one state of the data.", fields)


def _node_roots(build: Build, decl: NodeDecl) -> list[Field]:
    words = humanise(decl.name).rstrip(".").lower()
    arguments = [Argument("id", StrawberryOptional(ID), "Its global id.")]
    arguments += [
        Argument(key, StrawberryOptional(key_type(decl, key)), f"Its {humanise(key).rstrip('.').lower()}.")
        for key in decl.keys
    ]

    found = Field(
        decl.noun,
        StrawberryOptional(node_type(decl)),
        f"One {words}, by exactly one of these arguments; null if there is none.",
        arguments=arguments,
        decl=decl,
    )
    listed = Field(
        decl.plural,
        connection_type(decl),
        f"All {humanise(decl.plural).rstrip('.').lower()} that match, page by page.",
        arguments=connection_arguments(decl),
        decl=decl,
    )
    return [found, listed]


def _by_id(build: Build) -> list[Field]:
    one = StrawberryOptional(node_interface())
    return [
        Field(
            "node",
            one,
            "Any object by its global id; null if there is none.",
            arguments=[Argument("id", ID, "Its global id.")],
        ),
        Field(
            "nodes",
            StrawberryList(one),
            f"Up to {MAX_IDS} objects by their global ids, in this order; null where there is none.",
            arguments=[Argument("ids", StrawberryList(ID), "Their global ids.")],
        ),
    ]


def _custom(build: Build, decl: QueryDecl) -> Field:
    where = f"query {decl.name} ({decl.function.__module__})"
    return Field(
        decl.name,
        shown_type(build, decl.type, where),
        decl.description,
        arguments=[argument(build, item, where) for item in decl.arguments],
        decl=decl,
    )
