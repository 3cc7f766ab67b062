"""Mutations: one field per command, its payload, and the refusals in it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from strawberry.scalars import JSON
from strawberry.types.base import StrawberryList, StrawberryOptional

from huikuan.codec import decode
from huikuan.commands import Command, PayloadField
from huikuan.errors import Level, SetupError
from huikuan.graphql.inputdecls import command_arguments
from huikuan.graphql.inputs import argument
from huikuan.graphql.naming import camel, humanise, pascal, plural
from huikuan.graphql.nodes import node_type, shown_type
from huikuan.graphql.strawberry_types import Argument, Field, make_type, text_enum
from huikuan.graphql.typespec import Kind, TypeSpec, parse_type

if TYPE_CHECKING:
    from huikuan.graphql.build import Build

__all__ = ["mutation_type"]

KEY = "idempotencyKey"
_KEY_TEXT = (
    "Makes a repeat safe: the same key with the same input answers what the first request answered, "
    "without a second effect. Unique per command and caller; 1 to 255 characters."
)


@cache
def mutation_type() -> type[Any]:
    """``Mutation``."""

    def fields(build: Build) -> list[Field]:
        found = [_mutation(build, command, owner) for command, owner in build.commands if command.exposed]
        return sorted(found, key=lambda field: str(field.graphql_name))

    return make_type(
        "Mutation", "Everything that can be done. Each field is a transaction of its own; they run in order.", fields
    )


def check_prefix(build: Build, command: Command[..., Any], owner: str) -> None:
    """A mutation starts with a noun that its module claims."""
    nouns = build.parts.nouns.get(owner, ())
    prefixes = [form for noun in nouns for form in (noun, plural(noun))]
    if owner == "kernel" or any(command.name == item or command.name.startswith(f"{item}_") for item in prefixes):
        return
    raise SetupError(
        f"{owner}: command {command.name} must start with one of its nouns ({', '.join(nouns)}), "
        f"or name the noun in the manifest: Module(nouns=(…))"
    )


def _mutation(build: Build, command: Command[..., Any], owner: str) -> Field:
    check_prefix(build, command, owner)
    where = f"{owner}: command {command.name}"
    build.claim("mutation", camel(command.name), owner)
    declared = command_arguments(command)
    arguments = [argument(build, item, where) for item in declared]
    arguments.append(Argument("idempotency_key", StrawberryOptional(str), _KEY_TEXT))
    return Field(
        command.name,
        StrawberryOptional(payload_type(command)),  # one that fails must not hide what the others have done
        command.description,
        arguments=arguments,
        decl=command,
    )


@cache
def payload_type(command: Command[..., Any]) -> type[Any]:
    """``OrderConfirmPayload``."""

    def fields(build: Build) -> list[Field]:
        found = [_payload_field(build, command, field) for field in command.payload]
        refusals = StrawberryList(refusal_type())
        return [
            *found,
            Field("warnings", refusals, "What the caller should know; nothing was refused for it."),
            Field("refusals", refusals, "Why it was not done; empty if it was."),
        ]

    return make_type(f"{pascal(command.name)}Payload", f"What {camel(command.name)} answers.", fields, decl=command)


def payload_spec(build: Build, field: PayloadField, where: str) -> TypeSpec:
    """What a payload field shows, apart from being null when the command was refused."""
    if field.model is None:
        return parse_type(field.annotation, where, field.name)
    spec = TypeSpec(Kind.NODE, field.model)
    if build.find_node(spec) is None:
        raise SetupError(
            f"{where}: model {field.model.__name__} has no GraphQL type; map it in types.py: "
            f"@node({field.model.__name__}) class {field.model.__name__}Type: …"
        )
    return TypeSpec(Kind.LIST, item=spec) if field.many else spec


def payload_value(field: PayloadField, stored: Any) -> Any:
    """The stored form of a payload value: ids of models, JSON of anything else."""
    if stored is None:
        return None
    if field.model is None:
        return decode(field.annotation, stored)
    return [UUID(item) for item in stored] if field.many else UUID(stored)


def _payload_field(build: Build, command: Command[..., Any], field: PayloadField) -> Field:
    where = f"command {command.name} ({command.function.__module__}): payload field {field.name}"
    spec = payload_spec(build, field, where)
    type_ = shown_type(build, spec, where)
    return Field(
        field.name,
        type_ if spec.nullable else StrawberryOptional(type_),
        f"{humanise(field.name).rstrip('.')}; null if the command was refused.",
        decl=field,
    )


# --- refusals -----------------------------------------------------------------------------------


@cache
def level_enum() -> Any:
    """``RefusalLevel``."""
    texts = {
        Level.WARN: "The command went on.",
        Level.APPROVE: "The command is held until somebody with the right releases it.",
        Level.BLOCK: "The command is refused.",
    }
    return text_enum("RefusalLevel", [(level.name, text) for level, text in texts.items()], "How strongly it says no.")


@cache
def refusal_type() -> type[Any]:
    """``Refusal``."""

    def fields(build: Build) -> list[Field]:
        text = StrawberryOptional(str)
        found = [
            Field("code", build.named["RefusalCode"], "Why, as a stable code."),
            Field("message", str, "Why, in words."),
            Field("level", level_enum(), "How strongly it says no."),
            Field("field", text, "The input it is about."),
            Field("advice", text, "What would make the command pass."),
            Field("data", JSON, "The figures behind it, exact, as strings."),
            Field("module", text, "The module that says so."),
        ]
        if "Hold" in build.nodes:
            hold = StrawberryOptional(node_type(build.nodes["Hold"]))
            found.append(Field("hold", hold, "The hold that was placed and may be released."))
        return found

    return make_type("Refusal", "An expected no: a rule that stood in the way, or a warning.", fields)
