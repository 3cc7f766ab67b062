"""Filters: typed inputs made from the mapped columns, and the conditions they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, not_, or_
from strawberry import ID
from strawberry.types.base import StrawberryList, StrawberryOptional

from huikuan.errors import BadInput
from huikuan.graphql.decls import NodeDecl
from huikuan.graphql.fielddecls import ColumnDecl, FieldDecl, ToOneDecl
from huikuan.graphql.ids import decode_id
from huikuan.graphql.naming import camel
from huikuan.graphql.ordering import Columns
from huikuan.graphql.scalars import CurrencyCode, graphql_scalar
from huikuan.graphql.storable import storable
from huikuan.graphql.strawberry_types import Field, enum_definition, make_type
from huikuan.graphql.typespec import Kind, TypeSpec

if TYPE_CHECKING:
    from huikuan.graphql.build import Build

__all__ = ["condition", "filter_type"]

MAX_CONDITIONS = 200
MAX_VALUES = 1_000
_EQUAL = ("eq", "ne", "in", "notIn", "isNull")
_ORDER = ("lt", "lte", "gt", "gte")
_TEXT = ("contains", "startsWith")
_WORDS = {
    "eq": "Equal to.",
    "ne": "Not equal to; rows without a value don't match.",
    "in": "One of; at most 1,000.",
    "notIn": "None of; at most 1,000. Rows without a value don't match.",
    "lt": "Less than.",
    "lte": "Less than or equal to.",
    "gt": "Greater than.",
    "gte": "Greater than or equal to.",
    "contains": "Contains this text, in upper or lower case.",
    "startsWith": "Starts with this text, in upper or lower case.",
    "isNull": "Whether there is no value.",
    "currency": "Amounts in this currency only.",
}
_OPERATORS: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "ne": lambda column, value: column != value,
    "in": lambda column, value: column.in_(value),
    "notIn": lambda column, value: column.not_in(value),
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "contains": lambda column, value: column.ilike(f"%{_escaped(value)}%", escape="/"),
    "startsWith": lambda column, value: column.ilike(f"{_escaped(value)}%", escape="/"),
    "isNull": lambda column, value: column.is_(None) if value else column.is_not(None),
}


def _escaped(text: str) -> str:
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")


@dataclass(frozen=True, slots=True)
class Filterable:
    """A field that lists can be filtered by."""

    name: str
    columns: tuple[str, ...]
    spec: TypeSpec
    description: str


def filterable(decl: NodeDecl, field: FieldDecl) -> Filterable | None:
    """What a field is filtered by, if it can be."""
    if field.permission is not None:
        return None
    if isinstance(field, ToOneDecl):
        return Filterable(field.name, (field.attribute,), field.type, field.description)
    if isinstance(field, ColumnDecl) and field.type.kind in (Kind.SCALAR, Kind.ENUM, Kind.MONEY, Kind.ID):
        return Filterable(field.name, field.columns, field.type, field.description)
    return None


@cache
def filterables(decl: NodeDecl) -> Mapping[str, Filterable]:
    """By GraphQL name, the id first."""
    found = {"id": Filterable("id", ("id",), TypeSpec(Kind.ID, name=decl.name), "The object's own id.")}
    for field in decl.fields.values():
        item = filterable(decl, field)
        if item is not None:
            found[camel(item.name)] = item
    return found


# --- types --------------------------------------------------------------------------------------


@cache
def filter_type(decl: NodeDecl) -> type[Any]:
    """``OrderFilter``: one field per column, and and/or/not."""

    def fields(build: Build) -> list[Field]:
        own = StrawberryOptional(StrawberryList(filter_type(decl)))
        found = [
            Field(item.name, StrawberryOptional(operators_type(item.spec)), item.description)
            for item in filterables(decl).values()
        ]
        return [
            *found,
            Field("and", own, "All of these."),
            Field("or", own, "Any of these."),
            Field("not", StrawberryOptional(filter_type(decl)), "Not this."),
        ]

    return make_type(
        f"{decl.name}Filter", f"Which {decl.plural} to list; all given fields must match.", fields, kind="input"
    )


def operators_type(spec: TypeSpec) -> type[Any]:
    """The input type of the operators that fit a kind of value."""
    if spec.kind is Kind.MONEY:
        return _operators("Money", Decimal, (*_EQUAL, *_ORDER, "currency"))
    if spec.kind in (Kind.NODE, Kind.ID) or spec.python is UUID:
        return _operators("Id", ID, _EQUAL)
    if spec.kind is Kind.ENUM:
        return _operators(spec.python.__name__, spec.python, _EQUAL)
    if spec.python is bool:
        return _operators("Boolean", bool, ("eq", "ne", "isNull"))
    if spec.python is str and not spec.name:
        return _operators("String", str, (*_EQUAL, *_ORDER, *_TEXT))
    name = {"int": "Int", "float": "Float", "date": "Date", "datetime": "DateTime"}.get(spec.python.__name__, "Decimal")
    if spec.name:
        return _operators(spec.name, graphql_scalar(spec.python, spec.name), _EQUAL)
    return _operators(name, spec.python, (*_EQUAL, *_ORDER))


@cache
def _operators(name: str, python: Any, operators: tuple[str, ...]) -> type[Any]:
    def fields(build: Build) -> list[Field]:
        value = enum_definition(python) if isinstance(python, type) and issubclass(python, Enum) else python
        values = StrawberryList(value)
        types: dict[str, Any] = {"in": values, "notIn": values, "isNull": bool, "currency": CurrencyCode}
        return [Field(item, StrawberryOptional(types.get(item, value)), _WORDS[item]) for item in operators]

    return make_type(f"{name}Filter", f"Conditions on a value of type {name}.", fields, kind="input")


# --- conditions ---------------------------------------------------------------------------------


def condition(
    build: Build, decl: NodeDecl, columns: Columns, given: Mapping[str, Any] | None
) -> list[ColumnElement[bool]]:
    """The conditions of a filter argument on these columns."""
    return _Conditions(build, decl, columns).all(given, "filter") if given else []


class _Conditions:
    """Reads one filter argument; the number of its conditions is bounded."""

    def __init__(self, build: Build, decl: NodeDecl, columns: Columns) -> None:
        self.build = build
        self.fields = filterables(decl)
        self.columns = columns
        self.left = MAX_CONDITIONS

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise BadInput(f"A filter has at most {MAX_CONDITIONS} conditions.", field="filter")

    def all(self, given: Mapping[str, Any], path: str) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        for name, value in given.items():
            if value is None:
                continue
            self.spend()
            where = f"{path}.{name}"
            if name == "not":
                found.append(not_(and_(*_some(self.all(value, where), where))))
            elif name in ("and", "or"):
                parts = [and_(*_some(self.all(item, where), where)) for item in value]
                found.append((and_ if name == "and" else or_)(*_some(parts, where)))
            else:
                found += self.of_field(self.fields[name], value, where)
        return found

    def of_field(self, item: Filterable, given: Mapping[str, Any], path: str) -> list[ColumnElement[bool]]:
        column = getattr(self.columns, item.columns[0])
        found: list[ColumnElement[bool]] = []
        for operator, value in given.items():
            where = f"{path}.{operator}"
            self.spend()
            if value is None:
                raise BadInput(f"{where} is null, which nothing equals: use isNull.", field=where)
            if operator == "currency":
                found.append(getattr(self.columns, item.columns[1]) == value)
                continue
            if operator in ("in", "notIn"):
                if len(value) > MAX_VALUES:
                    raise BadInput(f"{where} takes at most {MAX_VALUES} values.", field=where)
                value = [_value(self.build, item.spec, column, one, where) for one in value]
            elif operator in _TEXT:
                storable(value, where)
            elif operator != "isNull":
                value = _value(self.build, item.spec, column, value, where)
            found.append(_OPERATORS[operator](column, value))
        return found


def _some(found: Sequence[ColumnElement[bool]], where: str) -> Sequence[ColumnElement[bool]]:
    if not found:
        raise BadInput(f"{where} holds no condition.", field=where)
    return found


def _value(build: Build, spec: TypeSpec, column: Any, value: Any, where: str) -> Any:
    if value is None:
        raise BadInput(f"{where} holds null, which nothing equals: use isNull.", field=where)
    if spec.kind is Kind.NODE:
        return decode_id(build.node(spec, where).name, value, where)
    if spec.kind is Kind.ID:
        return decode_id(spec.name, value, where)
    if spec.python is UUID:
        try:
            return UUID(value)
        except ValueError:
            raise BadInput(f"{value[:60]!r} is not an id.", field=where) from None
    if isinstance(value, Decimal):
        return _stored(value, getattr(column.type, "scale", 0), where)
    return storable(value, where)


def _stored(value: Decimal, scale: int, where: str) -> Decimal:
    """A decimal that the column could hold; anything else equals nothing and is a slip."""
    if scale and (abs(value) > Decimal(2**63 - 1).scaleb(-scale) or value != round(value, scale)):
        raise BadInput(f"{where}: {value} has more digits than are stored.", field=where)
    return value
