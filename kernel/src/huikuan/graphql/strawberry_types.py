"""The one file that makes Strawberry definitions; everything that touches Strawberry's inside stands here.

Definitions are made once per process. Their fields are made anew for each schema, because a build
changes fields and because contributed fields differ by composition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum, EnumMeta
from functools import cache
from typing import TYPE_CHECKING, Any

from graphql import GraphQLField
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET

from huikuan.graphql.naming import camel, humanise

if TYPE_CHECKING:
    from huikuan.graphql.build import Build

__all__ = ["Argument", "Definition", "Field", "declaration", "enum_definition", "make_type", "text_enum"]

FieldMaker = Callable[["Build"], "list[Field]"]


def plain_text(text: str) -> str:
    """Docstrings quote code with two backticks, Markdown with one."""
    return text.replace("``", "`")


class Argument(StrawberryArgument):
    """An argument with its type given."""

    is_maybe = False

    def __init__(self, name: str, type_: Any, description: str, default: Any = UNSET) -> None:
        # The original would resolve an annotation; here the type is known.
        self.python_name = name
        self.graphql_name = camel(name)
        self.is_subscription = False
        self.description = plain_text(description)
        self.deprecation_reason = None
        self.directives = ()
        self.metadata = {}
        self.default = default
        self._type = type_

    @property
    def type(self) -> Any:
        return self._type


class Field(StrawberryField):
    """A field with its type given; ``decl`` is what the engine reads."""

    def __init__(
        self,
        name: str,
        type_: Any,
        description: str,
        *,
        arguments: Sequence[Argument] = (),
        decl: Any = None,
        default: Any = UNSET,
        deprecation_reason: str | None = None,
    ) -> None:
        super().__init__(
            python_name=name,
            graphql_name=camel(name),
            description=plain_text(description),
            deprecation_reason=deprecation_reason,
        )
        self._type = type_
        self.arguments = list(arguments)
        self.decl = decl
        self.default_value = default

    def resolve_type(self, *, type_definition: Any = None) -> Any:
        return self._type


def declaration(field: GraphQLField) -> Any:
    """The declaration behind a field of a built schema."""
    return field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].decl


class Definition(StrawberryObjectDefinition):
    """An object, interface or input type whose fields are made for each schema."""

    make_fields: FieldMaker
    one_of: bool = False
    decl: Any = None


def make_type(
    name: str,
    description: str,
    fields: FieldMaker,
    *,
    kind: str = "object",
    interfaces: Iterable[type[Any]] = (),
    one_of: bool = False,
    carrier: type[Any] | None = None,
    decl: Any = None,
) -> type[Any]:
    """A Strawberry type; the class that carries it, or ``carrier``, comes back."""
    cls = carrier if carrier is not None else type(name, (), {"__doc__": description})
    description = plain_text(description)
    definition = Definition(
        name=name,
        is_input=kind == "input",
        is_interface=kind == "interface",
        origin=cls,
        description=description,
        interfaces=[item.__strawberry_definition__ for item in interfaces],
        extend=False,
        directives=(),
        is_type_of=None,
        resolve_type=None,
        fields=[],
    )
    definition.make_fields = fields
    definition.one_of = one_of
    definition.decl = decl
    setattr(cls, "__strawberry_definition__", definition)  # noqa: B010 - mypy knows no such attribute
    return cls


@cache
def enum_definition(enum: type[Enum]) -> StrawberryEnumDefinition:
    """A Python enum: names in capitals; a member's value, if it is a sentence, describes it."""
    doc = (enum.__doc__ or "").strip()
    return StrawberryEnumDefinition(
        wrapped_cls=enum,
        name=enum.__name__,
        values=[EnumValue(item.name.upper(), item.value, description=_member_text(item)) for item in enum],
        description=doc if doc and doc != "An enumeration." else humanise(enum.__name__),
    )


def _member_text(member: Enum) -> str:
    value = member.value
    if isinstance(value, str) and value.lower() != member.name.lower():
        text = value[:1].upper() + value[1:]
        return text if text.endswith((".", "?", "!")) else f"{text}."
    return humanise(member.name.lower())


def text_enum(name: str, values: Iterable[tuple[str, str]], description: str) -> StrawberryEnumDefinition:
    """An enum of plain texts, given as (name, description)."""
    items = list(values)
    make: Any = Enum  # mypy wants the name as a literal
    wrapped: EnumMeta = make(name, {value: value for value, _ in items})
    return StrawberryEnumDefinition(
        wrapped_cls=wrapped,
        name=name,
        values=[EnumValue(value, value, description=text) for value, text in items],
        description=description,
    )
