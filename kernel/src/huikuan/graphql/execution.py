"""Execution: what the fields of one operation share, and how columns of values become sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from huikuan.errors import Forbidden, HookError, HuikuanError, Unauthenticated, told_to_stop
from huikuan.graphql.ids import encode_id
from huikuan.graphql.rows import Group, Item, NodePlan, Row, id_of
from huikuan.graphql.typespec import Kind, TypeSpec
from huikuan.retry import is_transient

if TYPE_CHECKING:
    from huikuan.commands import Command
    from huikuan.context import Context
    from huikuan.graphql.build import Build
    from huikuan.graphql.fielddecls import ArgumentDecl
    from huikuan.runner import CommandResult

__all__ = ["Execution", "Operation", "require"]

CHUNK = 5_000


class Operation(Protocol):
    """What an execution needs of its request."""

    @property
    def context(self) -> Context:
        """The read context: one snapshot, opened at the first use."""

    def run(self, command: Command[..., Any], arguments: Mapping[str, Any], key: str | None) -> CommandResult:
        """Run a command; what is read afterwards sees its effect."""

    def resolve(self, declared: Sequence[ArgumentDecl], plain: Mapping[str, Any]) -> dict[str, Any]:
        """Look up references among plain values."""


class Execution:
    """One operation on one schema; reads go through the request's snapshot."""

    def __init__(self, build: Build, operation: Operation) -> None:
        self.build = build
        self.operation = operation
        self.replayed: list[str] = []

    @property
    def ctx(self) -> Context:
        """The read context, opened at the first use."""
        return self.operation.context

    def require(self, permission: str | None) -> None:
        """Raise unless the actor holds the permission."""
        require(self.ctx, permission)

    @contextmanager
    def calling(self, module: str, what: str) -> Iterator[None]:
        """Code of a module runs inside; whatever it raises says whose it was."""
        try:
            with self.ctx.calling(module):
                yield
        except HuikuanError as error:
            error.data.setdefault("module", module)
            raise
        except BaseException as error:
            if told_to_stop(error) or (isinstance(error, DBAPIError) and is_transient(error)):
                raise
            version = self.build.versions.get(module, "?")
            reason = f"{type(error).__name__}: {error}"
            raise HookError(module=module, version=version, hook=what, reason=reason) from error

    def load(self, plan: NodePlan, ids: Iterable[UUID | None], *, checked: bool = True) -> dict[UUID, Row]:
        """Rows by id, with one statement; ids that are absent or foreign are left out."""
        if checked:
            self.require(plan.decl.permission)
        wanted = list(dict.fromkeys(id for id in ids if id is not None))
        found: list[Any] = []
        for start in range(0, len(wanted), CHUNK):
            statement = plan.select(self.ctx.tenant.id)
            found += self.ctx.rows(statement.where(plan.decl.model.id.in_(wanted[start : start + CHUNK])))
        group = plan.group(self, found)
        place = plan.index["id"]
        return {row._values[place]: row for row in group.members}

    def wrap(self, spec: TypeSpec, values: Sequence[Any], where: str) -> list[Any]:
        """Values of one field, one per parent, in the form that the executor completes."""
        kind = spec.kind
        if kind is Kind.NODE:
            plan = self.build.plan(self.build.node(spec, where))
            ids = [id_of(value, where) for value in values]
            rows = self.load(plan, ids)
            return [None if id is None else rows.get(id) for id in ids]
        if kind is Kind.LIST:
            return self._wrap_lists(spec, values, where)
        if kind is Kind.DATACLASS:
            group = Group(self)
            return [None if value is None else Item(group, value) for value in values]
        if kind is Kind.ID:
            return [None if value is None else encode_id(spec.name, id_of(value, where)) for value in values]  # type: ignore[arg-type]
        if kind is Kind.ANY:
            return self.any_nodes([None if item is None else (item.type_name, item.id) for item in values])
        if kind is Kind.SCALAR and spec.python is UUID:
            return [None if value is None else str(value) for value in values]
        return list(values)

    def _wrap_lists(self, spec: TypeSpec, values: Sequence[Any], where: str) -> list[Any]:
        assert spec.item is not None
        flat = [item for value in values if value is not None for item in value]
        wrapped = iter(self.wrap(spec.item, flat, where))
        lists = [None if value is None else [next(wrapped) for _ in value] for value in values]
        if spec.item.kind is Kind.NODE and not spec.item.nullable:
            return [None if value is None else [item for item in value if item is not None] for value in lists]
        return lists

    def any_nodes(self, names: Sequence[tuple[str, UUID] | None]) -> list[Row | None]:
        """Objects by type name and id, one statement per type; of unknown types null."""
        by_type: dict[str, list[UUID]] = {}
        for name in names:
            if name is not None:
                by_type.setdefault(name[0], []).append(name[1])
        found: dict[tuple[str, UUID], Row] = {}
        for type_name, ids in by_type.items():
            decl = self.build.nodes.get(type_name) or self.build.by_model_name.get(type_name)
            if decl is not None:
                rows = self.load(self.build.plan(decl), ids)
                found.update({(type_name, id): row for id, row in rows.items()})
        return [None if name is None else found.get(name) for name in names]


def require(ctx: Context, permission: str | None) -> None:
    """Deny by default: raise Forbidden unless the actor holds the permission."""
    if permission is not None and not ctx.actor.may(permission):
        if ctx.actor.kind.value == "anonymous":
            raise Unauthenticated("Sign in first.")
        raise Forbidden(f"This needs the permission {permission}.", permission=permission)
