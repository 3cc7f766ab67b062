"""Arguments of the right shape for any mutation, made from its schema."""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_required_argument,
    is_required_input_field,
)

from huikuan.commands import Command
from huikuan.graphql.ids import encode_id
from huikuan.graphql.naming import camel
from huikuan.ids import new_id

__all__ = ["sample_arguments"]

_SCALARS: dict[str, Any] = {
    "Boolean": True,
    "CurrencyCode": "EUR",
    "Date": "2026-01-05",
    "DateTime": "2026-01-05T09:00:00Z",
    "Decimal": "1",
    "Float": 1.0,
    "Int": 1,
    "JSON": {},
    "String": "text",
}


def sample_arguments(field: GraphQLField, command: Command[..., Any]) -> dict[str, Any]:
    """A value for every required argument; objects are named by ids that lead nowhere."""
    types = {camel(item.name): item.refers.type_name for item in command.parameters if item.refers is not None}
    return {
        name: _sample(argument.type, types.get(name, "Node"))
        for name, argument in field.args.items()
        if is_required_argument(argument)
    }


def _sample(type_: GraphQLInputType, node: str) -> Any:
    if isinstance(type_, GraphQLNonNull):
        return _sample(type_.of_type, node)
    if isinstance(type_, GraphQLList):
        return [_sample(type_.of_type, node)]
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        return _sample_object(type_, node)
    return encode_id(node, new_id()) if type_.name == "ID" else _SCALARS.get(type_.name, "text")


def _sample_object(type_: GraphQLInputObjectType, node: str) -> dict[str, Any]:
    if type_.is_one_of:
        name, field = next(iter(type_.fields.items()))
        return {name: _sample(field.type, type_.name.removesuffix("Ref"))}
    return {name: _sample(field.type, node) for name, field in type_.fields.items() if is_required_input_field(field)}
