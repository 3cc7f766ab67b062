"""The declarations as data. A node's fields are resolved at first use and then kept."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, get_args, get_origin

from sqlalchemy import inspect as inspect_model

from huikuan.commands import Surface
from huikuan.errors import SetupError
from huikuan.graphql.fielddecls import ArgumentDecl, BatchDecl, ColumnDecl, FieldDecl, OutputField
from huikuan.graphql.naming import humanise
from huikuan.graphql.resolve import (
    arguments_of,
    description_of,
    function_name,
    module_of,
    raw_columns,
    resolve_batches,
    resolve_fields,
)
from huikuan.graphql.streams import Stream
from huikuan.graphql.typespec import Kind, TypeSpec, hints_of, parse_type, text_of

__all__ = ["Declarations", "ExtensionDecl", "NodeDecl", "OutputDecl", "QueryDecl", "SubscriptionDecl"]


@dataclass(frozen=True, eq=False)
class NodeDecl:
    """A model mapped to a GraphQL type."""

    cls: type[Any]
    model: type[Any]
    name: str
    noun: str
    plural: str
    keys: tuple[str, ...]
    permission: str | None
    root: bool
    order_by: tuple[str, ...] | None
    surface: Surface

    @cached_property
    def module(self) -> str:
        return module_of(self.cls)

    @cached_property
    def description(self) -> str:
        return description_of(self.cls, self.name, self.model)

    @cached_property
    def fields(self) -> Mapping[str, FieldDecl]:
        """Declared fields by Python name, in source order, with ``created_at`` and ``updated_at``."""
        found = resolve_fields(self.cls, self.model)
        for name, text in (("created_at", "When it was created."), ("updated_at", "When it last changed.")):
            if name not in found and name in inspect_model(self.model).column_attrs:
                spec = TypeSpec(Kind.SCALAR, datetime)
                found[name] = ColumnDecl(self.module, name, spec, text, None, name, (name,))
        return found

    @cached_property
    def orderable(self) -> tuple[str, ...]:
        """Attributes that lists of this type may be ordered by."""
        if self.order_by is not None:
            extra = [name for name in ("created_at", "updated_at") if name in self.fields]
            for name in self.order_by:
                raw_columns(self.model, name, f"{self.name}: order_by")
            return tuple(dict.fromkeys([*self.order_by, *extra]))
        plain = (Kind.SCALAR, Kind.ENUM, Kind.MONEY)
        return tuple(
            field.attribute
            for field in self.fields.values()
            if isinstance(field, ColumnDecl) and field.type.kind in plain and field.permission is None
        )


@dataclass(frozen=True, eq=False)
class OutputDecl:
    """A dataclass shown as an object type."""

    cls: type[Any]
    name: str

    @cached_property
    def module(self) -> str:
        return module_of(self.cls)

    @cached_property
    def description(self) -> str:
        return description_of(self.cls, self.name)

    @cached_property
    def fields(self) -> tuple[OutputField, ...]:
        where = f"{self.name} ({self.cls.__module__})"
        hints = hints_of(self.cls, where)
        return tuple(
            OutputField(name, parse_type(hints[name], f"{where}.{name}", name), text_of(hints[name]) or humanise(name))
            for name in self.cls.__dataclass_fields__
        )


@dataclass(frozen=True, eq=False)
class ExtensionDecl:
    """Fields contributed to another module's type; to an output's, on the tenants' surface."""

    cls: type[Any]
    target: NodeDecl | OutputDecl

    @cached_property
    def module(self) -> str:
        return module_of(self.cls)

    @property
    def surface(self) -> Surface:
        return self.target.surface if isinstance(self.target, NodeDecl) else "tenant"

    @cached_property
    def fields(self) -> Mapping[str, FieldDecl]:
        if isinstance(self.target, OutputDecl):
            return self.batches
        found = resolve_fields(self.cls, self.target.model)
        for field in found.values():
            if isinstance(field, ColumnDecl):
                raise SetupError(
                    f"{self.module}: {self.cls.__name__}.{field.name} extends {self.target.name} by a column; "
                    "contribute @batch, to_many or connection fields"
                )
        return found

    @cached_property
    def batches(self) -> Mapping[str, BatchDecl]:
        """The fields that are contributed to an output."""
        return resolve_batches(self.cls, self.target.cls)


@dataclass(frozen=True, eq=False)
class QueryDecl:
    """A root field with a function of its own."""

    function: Callable[..., Any]
    name: str
    permission: str | None
    surface: Surface

    @cached_property
    def module(self) -> str:
        return module_of(self.function)

    @cached_property
    def description(self) -> str:
        return inspect.cleandoc(self.function.__doc__ or "")

    @cached_property
    def arguments(self) -> tuple[ArgumentDecl, ...]:
        return arguments_of(self.function, skip=1)

    @cached_property
    def type(self) -> TypeSpec:
        where = function_name(self.function)
        hints = hints_of(self.function, where)
        if "return" not in hints:
            raise SetupError(f"{where} needs a return type")
        return parse_type(hints["return"], where)


@dataclass(frozen=True, eq=False)
class SubscriptionDecl(QueryDecl):
    """A root field that goes on: its function answers a Stream, ``type`` is that of each value."""

    @cached_property
    def type(self) -> TypeSpec:
        where = function_name(self.function)
        returned = hints_of(self.function, where).get("return")
        if get_origin(returned) is not Stream:
            raise SetupError(f"{where} must return Stream[…] of what it shows")
        return parse_type(get_args(returned)[0], where)


@dataclass(frozen=True, slots=True)
class Declarations:
    """What one python module declares."""

    nodes: tuple[NodeDecl, ...] = ()
    outputs: tuple[OutputDecl, ...] = ()
    extensions: tuple[ExtensionDecl, ...] = ()
    queries: tuple[QueryDecl, ...] = ()
    subscriptions: tuple[SubscriptionDecl, ...] = ()
