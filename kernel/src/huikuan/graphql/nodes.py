"""Object types of nodes, their connections, and the fields that lead to them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from strawberry import ID
from strawberry.types.base import StrawberryList, StrawberryOptional

from huikuan.graphql.decls import NodeDecl
from huikuan.graphql.fielddecls import BatchDecl, ConnectionDecl, FieldDecl
from huikuan.graphql.filters import filter_type
from huikuan.graphql.inputs import argument
from huikuan.graphql.ordering import order_values
from huikuan.graphql.outputs import node_interface, output_type
from huikuan.graphql.paging import DEFAULT_SIZE, MAX_SIZE
from huikuan.graphql.strawberry_types import Argument, Field, make_type, text_enum

if TYPE_CHECKING:
    from huikuan.graphql.build import Build

__all__ = ["connection_arguments", "connection_type", "node_type", "shown_type"]


@cache
def node_type(decl: NodeDecl) -> type[Any]:
    """The object type of a node."""

    def fields(build: Build) -> list[Field]:
        own = build.fields(decl)
        return [
            Field("id", ID, "Its global id.", decl=decl),
            *(node_field(build, decl, field) for field in own.values()),
        ]

    return make_type(decl.name, decl.description, fields, interfaces=[node_interface()], carrier=decl.cls, decl=decl)


def node_field(build: Build, decl: NodeDecl, field: FieldDecl) -> Field:
    """One field of a node."""
    where = f"{field.module}: {decl.name}.{field.name}"
    if isinstance(field, ConnectionDecl):
        target = build.node(field.type.core, where)
        return Field(
            field.name,
            connection_type(target),
            field.description,
            arguments=connection_arguments(target),
            decl=field,
        )
    type_ = output_type(build, field.type, where, node_type)
    if not isinstance(field, BatchDecl):
        return Field(field.name, type_, field.description, decl=field)
    arguments = [argument(build, item, where) for item in field.arguments]
    return Field(field.name, type_, field.description, arguments=arguments, decl=field)


def shown_type(build: Build, spec: Any, where: str) -> Any:
    """The type of a value that is shown."""
    return output_type(build, spec, where, node_type)


# --- connections --------------------------------------------------------------------------------


@cache
def connection_type(decl: NodeDecl) -> type[Any]:
    """``OrderConnection``."""

    def fields(build: Build) -> list[Field]:
        rows = StrawberryList(node_type(decl))
        return [
            Field("nodes", rows, "The objects of this page."),
            Field("edges", StrawberryList(edge_type(decl)), "The same with a cursor each."),
            Field("page_info", page_info_type(), "Whether and where the list goes on."),
            Field("total_count", int, "How many there are in all; counted only if asked for."),
        ]

    return make_type(f"{decl.name}Connection", f"A page of {decl.plural}.", fields, decl=decl)


@cache
def edge_type(decl: NodeDecl) -> type[Any]:
    """``OrderEdge``."""

    def fields(build: Build) -> list[Field]:
        return [
            Field("cursor", str, "Where it stands in this order; opaque."),
            Field("node", node_type(decl), "The object."),
        ]

    return make_type(f"{decl.name}Edge", f"A place in a list of {decl.plural}.", fields, decl=decl)


@cache
def page_info_type() -> type[Any]:
    """``PageInfo``."""

    def fields(build: Build) -> list[Field]:
        text = StrawberryOptional(str)
        return [
            Field("has_next_page", bool, "Whether there are more after this page."),
            Field("has_previous_page", bool, "Whether there are more before this page."),
            Field("start_cursor", text, "Cursor of the first object, for before."),
            Field("end_cursor", text, "Cursor of the last object, for after."),
        ]

    return make_type("PageInfo", "Whether and where a list goes on.", fields)


@cache
def order_type(decl: NodeDecl) -> Any:
    """``OrderOrderBy``."""
    values = [(name, text) for name, (_, text) in order_values(decl).items()]
    return text_enum(f"{decl.name}OrderBy", values, f"What {decl.plural} can be ordered by.")


@cache
def connection_arguments(decl: NodeDecl) -> tuple[Argument, ...]:
    """``first, after, last, before, filter, orderBy``."""
    number, text = StrawberryOptional(int), StrawberryOptional(str)
    found = [
        Argument("first", number, f"How many from the start, at most {MAX_SIZE}; {DEFAULT_SIZE} if left out."),
        Argument("after", text, "Only what comes after this cursor."),
        Argument("last", number, f"How many from the end, at most {MAX_SIZE}; instead of first."),
        Argument("before", text, "Only what comes before this cursor."),
        Argument("filter", StrawberryOptional(filter_type(decl)), "Which ones."),
    ]
    if order_values(decl):
        order = StrawberryOptional(StrawberryList(order_type(decl)))
        found.append(Argument("order_by", order, "In which order; by age if left out."))
    return tuple(found)
