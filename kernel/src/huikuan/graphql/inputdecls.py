"""Inputs as data: the fields of an input dataclass and the arguments of a command."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

from huikuan.commands import Command
from huikuan.graphql.fielddecls import ArgumentDecl
from huikuan.graphql.naming import humanise
from huikuan.graphql.typespec import Kind, hints_of, parse_type, text_of

__all__ = ["command_arguments", "input_fields", "is_nullable", "published_default"]


@cache
def input_fields(cls: Any) -> tuple[ArgumentDecl, ...]:
    """The fields of an input dataclass."""
    where = f"{cls.__name__} ({cls.__module__})"
    hints = hints_of(cls, where)
    found = []
    for item in dataclasses.fields(cls):
        spec = parse_type(hints[item.name], f"{where}.{item.name}", item.name)
        factory = item.default_factory is not dataclasses.MISSING
        required = item.default is dataclasses.MISSING and not factory
        default = None if required or factory else item.default
        text = text_of(hints[item.name]) or humanise(item.name)
        found.append(ArgumentDecl(item.name, spec, required, default, text))
    return tuple(found)


@cache
def command_arguments(command: Command[..., Any]) -> tuple[ArgumentDecl, ...]:
    """The arguments of a command's mutation, without the idempotency key."""
    where = f"command {command.name} ({command.function.__module__})"
    return tuple(
        ArgumentDecl(
            parameter.name,
            parse_type(parameter.annotation, f"{where}: {parameter.name}", parameter.name),
            parameter.required,
            parameter.default,
            text_of(parameter.annotation) or humanise(parameter.name),
        )
        for parameter in command.parameters
    )


def published_default(decl: ArgumentDecl) -> bool:
    """Whether the default can stand in the schema; else leaving the argument out has the same effect."""
    if decl.required or decl.type.kind not in (Kind.SCALAR, Kind.ENUM):
        return False
    return (isinstance(decl.default, decl.type.python) and decl.type.python in (bool, int, str)) or (
        decl.type.kind is Kind.ENUM and isinstance(decl.default, decl.type.python)
    )


def is_nullable(decl: ArgumentDecl) -> bool:
    """Whether the argument may be left out or null."""
    if decl.required:
        return decl.type.nullable
    return decl.type.nullable or not published_default(decl)
