"""Output types: what a TypeSpec is in the schema, and the object types made from dataclasses."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from strawberry import ID
from strawberry.scalars import JSON
from strawberry.types.base import StrawberryList, StrawberryOptional

from huikuan.errors import SetupError
from huikuan.graphql.decls import OutputDecl
from huikuan.graphql.fielddecls import BatchDecl
from huikuan.graphql.inputs import argument
from huikuan.graphql.scalars import CurrencyCode, graphql_scalar
from huikuan.graphql.strawberry_types import Field, enum_definition, make_type
from huikuan.graphql.typespec import NODE_MARK, Kind, TypeSpec

if TYPE_CHECKING:
    from huikuan.graphql.build import Build

__all__ = ["money_type", "node_interface", "output_type"]


def output_type(build: Build, spec: TypeSpec, where: str, node_type: Callable[[Any], type[Any]]) -> Any:
    """The Strawberry type of a value that is shown."""
    found = _output_type(build, spec, where, node_type)
    return StrawberryOptional(found) if spec.nullable else found


def _output_type(build: Build, spec: TypeSpec, where: str, node_type: Callable[[Any], type[Any]]) -> Any:
    if spec.item is not None:
        return StrawberryList(output_type(build, spec.item, where, node_type))
    match spec.kind:
        case Kind.MONEY:
            return money_type()
        case Kind.ENUM:
            build.claim("enum", spec.python.__name__, f"{spec.python.__module__}.{spec.python.__qualname__}")
            return enum_definition(spec.python)
        case Kind.NAMED:
            return build.named[spec.name]
        case Kind.NODE:
            return node_type(build.node(spec, where))
        case Kind.ANY:
            return node_interface()
        case Kind.ID:
            return ID
        case Kind.JSON:
            return JSON
        case Kind.DATACLASS:
            decl = vars(spec.python).get(NODE_MARK)
            if not isinstance(decl, OutputDecl):
                raise SetupError(f"{where}: {spec.python.__name__} is shown; declare it with @output")
            build.claim("type", decl.name, decl.module)
            return dataclass_type(decl, node_type)
    return graphql_scalar(spec.python, spec.name)


@cache
def dataclass_type(decl: OutputDecl, node_type: Callable[[Any], type[Any]]) -> type[Any]:
    """The object type of a dataclass, with what the modules of a composition contribute to it."""

    def fields(build: Build) -> list[Field]:
        where = f"{decl.module}: {decl.name}"
        own = [
            Field(
                item.name,
                output_type(build, item.type, f"{where}.{item.name}", node_type),
                item.description,
                decl=item,
            )
            for item in decl.fields
        ]
        return own + [_added(build, decl, item, node_type) for item in build.added(decl).values()]

    return make_type(decl.name, decl.description, fields, decl=decl)


def _added(build: Build, decl: OutputDecl, item: BatchDecl, node_type: Callable[[Any], type[Any]]) -> Field:
    where = f"{item.module}: {decl.name}.{item.name}"
    arguments = [argument(build, given, where) for given in item.arguments]
    type_ = output_type(build, item.type, where, node_type)
    return Field(item.name, type_, item.description, arguments=arguments, decl=item)


@cache
def money_type() -> type[Any]:
    """``Money``."""

    def fields(build: Build) -> list[Field]:
        return [
            Field("amount", Decimal, "The exact amount."),
            Field("currency", CurrencyCode, "Its currency."),
        ]

    return make_type("Money", "An exact amount of one currency.", fields)


@cache
def node_interface() -> type[Any]:
    """``Node``: everything that has a global id."""

    def fields(build: Build) -> list[Field]:
        return [Field("id", ID, "The object's global id.")]

    return make_type("Node", "Anything with a global id.", fields, kind="interface")
