"""Fields as data: what a class body says (markers) and what it means once resolved (decls)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from huikuan.graphql.typespec import TypeSpec

__all__ = [
    "ArgumentDecl",
    "BatchDecl",
    "BatchMarker",
    "ColumnDecl",
    "ColumnMarker",
    "ConnectionDecl",
    "ConnectionMarker",
    "FieldDecl",
    "Marker",
    "OutputField",
    "ToAnyDecl",
    "ToAnyMarker",
    "ToManyDecl",
    "ToManyMarker",
    "ToOneDecl",
    "ToOneMarker",
]


@dataclass(frozen=True, slots=True)
class Marker:
    description: str | None
    permission: str | None


@dataclass(frozen=True, slots=True)
class ColumnMarker(Marker):
    attribute: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class ToOneMarker(Marker):
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class ToManyMarker(Marker):
    attribute: str = ""
    order_by: tuple[str, ...] = ("id",)


@dataclass(frozen=True, slots=True)
class ConnectionMarker(Marker):
    attribute: str = ""
    target: Any = None


@dataclass(frozen=True, slots=True)
class ToAnyMarker(Marker):
    type_attribute: str = ""
    id_attribute: str = ""


@dataclass(frozen=True, slots=True)
class BatchMarker(Marker):
    requires: tuple[str, ...] = ()
    function: Callable[..., Any] = lambda: None


@dataclass(frozen=True, slots=True)
class ArgumentDecl:
    """One argument of a batch field or query: ``default`` counts only if it is not required."""

    name: str
    type: TypeSpec
    required: bool
    default: Any
    description: str


@dataclass(frozen=True, slots=True)
class FieldDecl:
    """What every field says: who declares it, its name in Python, its type and its text."""

    module: str
    name: str
    type: TypeSpec
    description: str
    permission: str | None


@dataclass(frozen=True, slots=True)
class ColumnDecl(FieldDecl):
    """A column, or the two columns of an amount with its currency."""

    attribute: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToOneDecl(FieldDecl):
    """The object that ``attribute`` of this row refers to."""

    attribute: str


@dataclass(frozen=True, slots=True)
class ToManyDecl(FieldDecl):
    """The rows whose ``attribute`` refers to this row."""

    attribute: str
    order_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConnectionDecl(FieldDecl):
    """The rows whose ``attribute`` refers to this row, in pages."""

    attribute: str


@dataclass(frozen=True, slots=True)
class ToAnyDecl(FieldDecl):
    """The object that a type column and an id column name together."""

    type_attribute: str
    id_attribute: str


@dataclass(frozen=True, slots=True)
class BatchDecl(FieldDecl):
    """A function of all rows at once; ``requires`` names the attributes that it reads."""

    function: Callable[..., Any]
    requires: tuple[str, ...]
    arguments: tuple[ArgumentDecl, ...]


@dataclass(frozen=True, slots=True)
class OutputField:
    """One field of an output dataclass."""

    name: str
    type: TypeSpec
    description: str
