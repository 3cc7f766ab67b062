"""Input types, and the way from coerced GraphQL values to plain ones that a command can be hashed by."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from copy import deepcopy
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from strawberry import ID
from strawberry.scalars import JSON
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.unset import UNSET

from huikuan.errors import BadInput, SetupError
from huikuan.graphql.decls import NodeDecl
from huikuan.graphql.fielddecls import ArgumentDecl
from huikuan.graphql.ids import decode_id
from huikuan.graphql.inputdecls import input_fields, is_nullable, published_default
from huikuan.graphql.naming import camel, humanise, humanise_type
from huikuan.graphql.resolve import module_of
from huikuan.graphql.scalars import CurrencyCode, graphql_scalar
from huikuan.graphql.storable import storable
from huikuan.graphql.strawberry_types import Argument, Field, enum_definition, make_type
from huikuan.graphql.typespec import Kind, TypeSpec
from huikuan.money import Money, MoneyError

if TYPE_CHECKING:
    from huikuan.graphql.build import Build

__all__ = ["argument", "plain_arguments"]


def argument(build: Build, decl: ArgumentDecl, where: str) -> Argument:
    """One argument of a field."""
    type_ = input_type(build, decl.type, f"{where}: {decl.name}")
    return Argument(
        decl.name,
        StrawberryOptional(type_) if is_nullable(decl) else type_,
        decl.description,
        decl.default if published_default(decl) and not is_nullable(decl) else UNSET,
    )


def input_type(build: Build, spec: TypeSpec, where: str) -> Any:
    """The Strawberry type of a value that is sent, without its own nullability."""
    if spec.item is not None:
        item = input_type(build, spec.item, where)
        return StrawberryList(StrawberryOptional(item) if spec.item.nullable else item)
    match spec.kind:
        case Kind.MONEY:
            return money_input()
        case Kind.ENUM:
            build.claim("enum", spec.python.__name__, f"{spec.python.__module__}.{spec.python.__qualname__}")
            return enum_definition(spec.python)
        case Kind.NAMED:
            return build.named[spec.name]
        case Kind.NODE:
            return reference_type(build.node(spec, where))
        case Kind.ID:
            build.node(spec, where)
            return ID
        case Kind.JSON:
            return JSON
        case Kind.DATACLASS:
            build.claim("type", input_name(spec.python), module_of(spec.python))
            return dataclass_input(spec.python)
        case Kind.ANY:
            raise SetupError(f"{where}: an object of any type cannot be sent; name its type")
    return graphql_scalar(spec.python, spec.name)


def input_name(cls: type[Any]) -> str:
    """``OrderLine`` -> ``OrderLineInput``."""
    return cls.__name__ if cls.__name__.endswith("Input") else f"{cls.__name__}Input"


@cache
def dataclass_input(cls: Any) -> type[Any]:
    """The input type of a dataclass."""

    def fields(build: Build) -> list[Field]:
        found = []
        for decl in input_fields(cls):
            item = argument(build, decl, cls.__name__)
            found.append(Field(decl.name, item.type, decl.description, default=item.default))
        return found

    doc = inspect.cleandoc(cls.__doc__ or "")
    text = doc if doc and not doc.startswith(f"{cls.__name__}(") else humanise_type(cls.__name__)
    return make_type(input_name(cls), text, fields, kind="input")


@cache
def reference_type(decl: NodeDecl) -> type[Any]:
    """``OrderRef``: an existing object by its id or by one of its own keys."""

    def fields(build: Build) -> list[Field]:
        found = [Field("id", StrawberryOptional(ID), "Its global id.")]
        for key in decl.keys:
            text = f"Its {humanise(key).rstrip('.').lower()}, which is unique."
            found.append(Field(key, StrawberryOptional(key_type(decl, key)), text))
        return found

    text = f"An existing {humanise(decl.name).rstrip('.').lower()}, by exactly one of these."
    return make_type(f"{decl.name}Ref", text, fields, kind="input", one_of=True)


def key_type(decl: NodeDecl, key: str) -> Any:
    """The type of a key."""
    field = decl.fields.get(key)
    if field is None or field.type.kind is not Kind.SCALAR:
        return str
    return graphql_scalar(field.type.python, field.type.name)


@cache
def money_input() -> type[Any]:
    """``MoneyInput``."""

    def fields(build: Build) -> list[Field]:
        return [
            Field("amount", Decimal, "The exact amount, with no more digits than the currency has."),
            Field("currency", CurrencyCode, "Its currency."),
        ]

    return make_type("MoneyInput", "An exact amount of one currency.", fields, kind="input")


# --- values -------------------------------------------------------------------------------------


def plain_arguments(
    build: Build, declared: Sequence[ArgumentDecl], given: Mapping[str, Any], path: str = ""
) -> dict[str, Any]:
    """Coerced values by Python name: ids become UUIDs, references dicts; what was left out stays out."""
    found: dict[str, Any] = {}
    for decl in declared:
        name = camel(decl.name)
        if name not in given:
            continue
        value = given[name]
        where = f"{path}.{name}" if path else name
        if value is None and not decl.type.nullable:
            if decl.required:
                raise BadInput(f"{where} may not be null.", field=where)
            continue
        found[decl.name] = plain(build, decl.type, value, where)
    return found


def plain(build: Build, spec: TypeSpec, value: Any, where: str) -> Any:
    """One coerced value in plain form."""
    if value is None:
        return None
    if spec.item is not None:
        return [plain(build, spec.item, item, f"{where}.{place}") for place, item in enumerate(value)]
    match spec.kind:
        case Kind.ID:
            return decode_id(build.node(spec, where).name, value, where)
        case Kind.NODE:
            return _reference(build.node(spec, where), value, where)
        case Kind.MONEY:
            return money_of(value["amount"], value["currency"], where)
        case Kind.DATACLASS:
            return plain_arguments(build, input_fields(spec.python), value, where)
        case Kind.NAMED:
            return value.value
        case Kind.JSON:
            _refuse_floats(value, where)
            value = deepcopy(value)  # a plan keeps the literals of its document; a module may change what it gets
    return storable(value, where)


def _reference(decl: NodeDecl, value: Mapping[str, Any], where: str) -> dict[str, Any]:
    ((name, item),) = value.items()
    if name == "id":
        return {"id": decode_id(decl.name, item, f"{where}.id")}
    return {next(key for key in decl.keys if camel(key) == name): storable(item, f"{where}.{name}")}


def money_of(amount: Decimal, currency: str, where: str) -> Money:
    """Money, or an error that says which input is wrong."""
    try:
        return Money(amount, currency)
    except MoneyError as error:
        raise BadInput(error.message, field=where) from error


def _refuse_floats(value: Any, where: str) -> None:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, float):
            raise BadInput(f"{where} holds the float {item}, which is not exact: send it as a string.", field=where)
        stack += item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
