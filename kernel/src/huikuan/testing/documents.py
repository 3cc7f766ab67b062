"""Mutation documents made from the schema, so that tests name only what they care about."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_required_argument,
)

__all__ = ["mutation_document"]

REFUSALS = "{ code message field level advice data hold { id } }"


def mutation_document(schema: GraphQLSchema, name: str, arguments: Mapping[str, Any], select: str = "") -> str:
    """A document that sends ``name`` with variables for ``arguments`` and reads ids and plain fields."""
    mutations = schema.mutation_type
    field = mutations.fields.get(name) if mutations else None
    if field is None:
        known = list(mutations.fields) if mutations else []
        near = difflib.get_close_matches(name, known, n=3)
        raise AssertionError(f"there is no mutation {name}; near: {', '.join(near) or 'none'}")
    names = [key for key in field.args if key in arguments or key == "idempotencyKey"]
    declared = ", ".join(f"${key}: {field.args[key].type}" for key in names)
    given = ", ".join(f"{key}: ${key}" for key in names)
    return f"mutation({declared}) {{ {name}({given}) {{ {_payload(field)} {select} }} }}"


def _payload(field: GraphQLField) -> str:
    payload = get_named_type(field.type)
    assert isinstance(payload, GraphQLObjectType)
    parts = []
    for key, item in payload.fields.items():
        if key in ("warnings", "refusals"):
            parts.append(f"{key} {REFUSALS}")
        else:
            plain = _plain_fields(item)
            if plain is not None:
                parts.append(f"{key} {plain}".strip())
    return " ".join(parts)


def _plain_fields(field: GraphQLField) -> str | None:
    """The selection of a payload field: its own plain fields, nothing that leads further."""
    named = get_named_type(field.type)
    if isinstance(named, GraphQLScalarType | GraphQLEnumType):
        return ""
    if not isinstance(named, GraphQLObjectType):
        return "{ __typename id }" if named.name == "Node" else None
    plain = [
        key
        for key, item in named.fields.items()
        if isinstance(get_named_type(item.type), GraphQLScalarType | GraphQLEnumType)
        and not any(is_required_argument(argument) for argument in item.args.values())
    ]
    return "{ " + " ".join(plain) + " }" if plain else None
