"""TypeSpec: what an annotation means, as data that schema, executor and engine read alike."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

from huikuan.errors import SetupError
from huikuan.money import Money
from huikuan.values import UNSET, AnyNode, Ref, RefTo, Unset

__all__ = ["EventType", "Kind", "Named", "RefusalCodeName", "TypeSpec", "hints_of", "parse_type", "text_of"]

NODE_MARK = "__huikuan_graphql__"


@dataclass(frozen=True, slots=True)
class Named:
    """Marks a text whose values the composition knows: an enum of its own in each schema."""

    name: str


EventType = Annotated[str, Named("EventType")]
RefusalCodeName = Annotated[str, Named("RefusalCode")]


class Kind(Enum):
    """What stands behind an annotation."""

    SCALAR = "a plain value"
    JSON = "free JSON"
    MONEY = "an amount with its currency"
    ENUM = "a Python enum"
    NAMED = "an enum whose values differ by composition"
    DATACLASS = "an output or input object"
    NODE = "an object of a mapped type, named by a reference"
    ANY = "an object of any mapped type"
    ID = "the global id of an object of one type"
    LIST = "a list"


@dataclass(frozen=True, slots=True)
class TypeSpec:
    """The meaning of one annotation.

    ``python`` is the scalar type, enum or dataclass, or the class or model of a node; ``name`` is
    the type name of a node that is only named, and of NAMED; ``item`` is a list's.
    """

    kind: Kind
    python: Any = None
    name: str = ""
    nullable: bool = False
    unset: bool = False
    item: TypeSpec | None = None

    @property
    def core(self) -> TypeSpec:
        """The spec inside all lists."""
        return self.item.core if self.item is not None else self


SCALARS = (bool, int, float, str, Decimal, date, datetime, UUID)
CURRENCY = "CurrencyCode"


def parse_type(annotation: Any, where: str, name: str = "") -> TypeSpec:
    """Read an annotation; ``where`` names the declaration in errors, ``name`` the field."""
    if get_origin(annotation) is Annotated:
        return _annotated(annotation, where, name)
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return _union(annotation, where, name)
    if origin in (list, tuple, Sequence, set, frozenset):
        return TypeSpec(Kind.LIST, item=parse_type(get_args(annotation)[0], where))
    if annotation is Any or origin in (dict, Mapping) or annotation in (dict, Mapping, object):
        return TypeSpec(Kind.JSON)
    if annotation is Money:
        return TypeSpec(Kind.MONEY)
    if annotation is AnyNode:
        return TypeSpec(Kind.ANY)
    if isinstance(annotation, type):
        return _plain(annotation, where, name)
    raise SetupError(f"{where}: {annotation!r} has no GraphQL type")


def _annotated(annotation: Any, where: str, name: str) -> TypeSpec:
    inner, *marks = get_args(annotation)
    for mark in marks:
        if isinstance(mark, RefTo):
            return TypeSpec(Kind.NODE if mark.by_key else Kind.ID, name=mark.type_name)
        if isinstance(mark, Named):
            return TypeSpec(Kind.NAMED, name=mark.name)
    return parse_type(inner, where, name)


def _union(annotation: Any, where: str, name: str) -> TypeSpec:
    members = get_args(annotation)
    inner = [item for item in members if item not in (type(None), Unset)]
    if len(inner) != 1:
        raise SetupError(f"{where}: {annotation} joins several types; GraphQL needs one")
    spec = parse_type(inner[0], where, name)
    return replace(spec, nullable=spec.nullable or type(None) in members, unset=Unset in members)


def _plain(annotation: type[Any], where: str, name: str) -> TypeSpec:
    if annotation in SCALARS:
        if annotation is str and (name == "currency" or name.endswith("_currency")):
            return TypeSpec(Kind.SCALAR, str, CURRENCY)
        return TypeSpec(Kind.SCALAR, annotation)
    if issubclass(annotation, Enum):
        return TypeSpec(Kind.ENUM, annotation)
    if annotation is Ref:
        raise SetupError(f'{where}: write which object it is: Ref["Order"]')
    decl = vars(annotation).get(NODE_MARK)
    if hasattr(annotation, "__mapper__") or getattr(decl, "model", None) is not None:
        return TypeSpec(Kind.NODE, annotation, getattr(decl, "name", ""))
    if dataclasses.is_dataclass(annotation):
        return TypeSpec(Kind.DATACLASS, annotation)
    raise SetupError(
        f"{where}: {annotation.__name__} has no GraphQL type; "
        "map a model with @node, or make it a dataclass with @output"
    )


def text_of(annotation: Any) -> str | None:
    """The description that ``Annotated[int, "text"]`` carries."""
    if get_origin(annotation) is Annotated:
        return next((item for item in get_args(annotation)[1:] if isinstance(item, str)), None)
    if get_origin(annotation) in (Union, types.UnionType):
        return next((text for item in get_args(annotation) if (text := text_of(item))), None)
    return None


def hints_of(item: type[Any] | Callable[..., Any], where: str) -> dict[str, Any]:
    """Resolved annotations; a name that is missing at run time is an error that says what to do."""
    try:
        return typing.get_type_hints(item, include_extras=True)
    except NameError as error:
        raise SetupError(f"{where}: {error}; import the name at module level, outside TYPE_CHECKING") from error


def unset_default(value: Any) -> bool:
    """Whether a default means that the input was left out."""
    return value is UNSET
