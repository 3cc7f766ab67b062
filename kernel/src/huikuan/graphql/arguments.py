"""From plain arguments to what a command's body takes: dataclasses are built, references looked up.

Plain arguments come from GraphQL, from Python, or from the JSON that a hold kept, so a value may
stand in its Python or in its JSON form. References are looked up together, one statement per key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from huikuan.commands import Command
from huikuan.errors import BadInput, HuikuanError, NotFound, SetupError
from huikuan.graphql.decls import NodeDecl
from huikuan.graphql.fielddecls import ArgumentDecl
from huikuan.graphql.ids import decode_id
from huikuan.graphql.inputdecls import command_arguments, input_fields
from huikuan.graphql.naming import camel, humanise
from huikuan.graphql.typespec import NODE_MARK, Kind, TypeSpec
from huikuan.money import Money, MoneyError
from huikuan.values import UNSET, Ref

if TYPE_CHECKING:
    from huikuan.context import Context

__all__ = ["resolve_arguments", "resolve_values"]

_Wanted = tuple[NodeDecl, str, Any]


def resolve_arguments(ctx: Context, command: Command[..., Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments for a command's body."""
    return resolve_values(ctx, command_arguments(command), raw)


def resolve_values(ctx: Context, declared: Sequence[ArgumentDecl], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Values by parameter name; what was left out keeps its default."""
    resolver = _Resolver(ctx)
    for decl, value, where in resolver.given(declared, raw, ""):
        resolver.gather(decl.type, value, where)
    resolver.look_up()
    return resolver.values(declared, raw, "")


class _Resolver:
    """Two passes: the first gathers references, the second builds values."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.wanted: dict[_Wanted, str] = {}
        self.found: dict[_Wanted, UUID] = {}

    def given(
        self, declared: Sequence[ArgumentDecl], raw: Mapping[str, Any], path: str
    ) -> Iterator[tuple[ArgumentDecl, Any, str]]:
        unknown = set(raw) - {decl.name for decl in declared}
        if unknown:
            raise BadInput(f"There is no argument {sorted(unknown)[0]!r}.", field=path or sorted(unknown)[0])
        for decl in declared:
            where = f"{path}.{camel(decl.name)}" if path else camel(decl.name)
            if decl.name in raw and raw[decl.name] is not UNSET:
                yield decl, raw[decl.name], where
            elif decl.required:
                raise BadInput(f"{where} is missing.", field=where)

    # --- first pass --------------------------------------------------------------------------

    def gather(self, spec: TypeSpec, value: Any, where: str) -> None:
        if value is None:
            return
        if spec.item is not None:
            if not isinstance(value, list | tuple):
                raise BadInput(f"{where} must be a list.", field=where)
            for place, item in enumerate(value):
                self.gather(spec.item, item, f"{where}.{place}")
        elif spec.kind is Kind.NODE:
            self.wanted.setdefault(self._reference(spec, value, where), where)
        elif spec.kind is Kind.DATACLASS and isinstance(value, Mapping):
            for decl, item, inner in self.given(input_fields(spec.python), value, where):
                self.gather(decl.type, item, inner)

    def look_up(self) -> None:
        by_key: dict[tuple[NodeDecl, str], list[Any]] = {}
        for decl, key, value in self.wanted:
            by_key.setdefault((decl, key), []).append(value)
        for (decl, key), values in by_key.items():
            model = decl.model
            column = getattr(model, key)
            for row in self.ctx.rows(select(model.id, column.label("key")).where(column.in_(values))):
                self.found[decl, key, row.key] = row.id
        for wanted, where in self.wanted.items():
            if wanted not in self.found:
                decl, key, value = wanted
                name = humanise(decl.name).rstrip(".").lower()
                how = "this id" if key == "id" else f"{humanise(key).rstrip('.').lower()} {str(value)[:80]!r}"
                raise NotFound(f"There is no {name} with {how}.", field=where)

    def _reference(self, spec: TypeSpec, value: Any, where: str) -> _Wanted:
        decl = self._node(spec, where)
        if isinstance(value, Mapping) and len(value) == 1:
            ((key, item),) = value.items()
            if key in decl.keys:
                return decl, key, item
            if key == "id":
                return decl, "id", _uuid(decl.name, item, where)
        elif isinstance(value, Ref):
            return decl, "id", value.id
        elif isinstance(value, UUID | str):
            return decl, "id", _uuid(decl.name, value, where)
        keys = ", ".join(("id", *decl.keys))
        raise BadInput(f"{where} must name one {decl.name} by exactly one of: {keys}.", field=where)

    def _node(self, spec: TypeSpec, where: str) -> NodeDecl:
        nodes: Mapping[str, NodeDecl] = self.ctx.composition.nodes
        declared = vars(spec.python).get(NODE_MARK) if spec.python is not None else nodes.get(spec.name)
        if not isinstance(declared, NodeDecl):
            raise SetupError(f"{where}: no enabled module maps a type {spec.name}")
        return declared

    # --- second pass -------------------------------------------------------------------------

    def values(self, declared: Sequence[ArgumentDecl], raw: Mapping[str, Any], path: str) -> dict[str, Any]:
        return {
            decl.name: self.value(decl.type, value, where) for decl, value, where in self.given(declared, raw, path)
        }

    def value(self, spec: TypeSpec, value: Any, where: str) -> Any:
        if value is None:
            if not spec.nullable:
                raise BadInput(f"{where} may not be null.", field=where)
            return None
        if spec.item is not None:
            return [self.value(spec.item, item, f"{where}.{place}") for place, item in enumerate(value)]
        match spec.kind:
            case Kind.NODE:
                return Ref(self.found[self._reference(spec, value, where)])
            case Kind.ID:
                return _uuid(spec.name, value, where)
            case Kind.DATACLASS:
                return self._dataclass(spec.python, value, where)
        try:
            return _plain(spec, value)
        except MoneyError as error:
            raise BadInput(error.message, field=where) from error
        except (ValueError, TypeError, KeyError, InvalidOperation) as error:
            raise BadInput(f"{where}: {str(value)[:60]!r} is no valid value.", field=where) from error

    def _dataclass(self, cls: Any, value: Any, where: str) -> Any:
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise BadInput(f"{where} must be an object.", field=where)
        try:
            return cls(**self.values(input_fields(cls), value, where))
        except HuikuanError:
            raise
        except ValueError as error:
            raise BadInput(f"{where}: {error}", field=where) from error


def _uuid(type_name: str, value: Any, where: str) -> UUID:
    if isinstance(value, UUID):
        return value
    if isinstance(value, str):
        try:
            return UUID(value)
        except ValueError:
            return decode_id(type_name, value, where)
    raise BadInput(f"{where} is not an id.", field=where)


def _plain(spec: TypeSpec, value: Any) -> Any:
    if spec.kind is Kind.MONEY:
        return value if isinstance(value, Money) else Money(Decimal(value["amount"]), value["currency"])
    if spec.kind is Kind.ENUM:
        return value if isinstance(value, spec.python) else spec.python[value]
    if spec.kind is not Kind.SCALAR:
        return value
    if spec.python in (Decimal, UUID) and isinstance(value, str | int) and not isinstance(value, bool):
        found = spec.python(value)
        if isinstance(found, Decimal) and not found.is_finite():
            raise ValueError
        return found
    if spec.python in (date, datetime) and isinstance(value, str):
        return spec.python.fromisoformat(value)
    if not isinstance(value, spec.python) or (spec.python is int and isinstance(value, bool)):
        raise TypeError
    return value
