"""Root fields: one object, objects by global ids, queries and commands of modules, introspection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from graphql import FieldNode
from sqlalchemy import Select, bindparam

from huikuan.commands import Command
from huikuan.db.prepared import PreparedRead
from huikuan.errors import BadInput, HookError, LimitExceeded, told_to_stop
from huikuan.graphql.decls import QueryDecl, SubscriptionDecl
from huikuan.graphql.engine.fetching import ID, is_one, raw_id, whole
from huikuan.graphql.engine.fields import Completed, FieldPlan, ObjectPlan
from huikuan.graphql.engine.groups import Group, Items, Rows
from huikuan.graphql.engine.places import FieldPlaces, ItemPlaces
from huikuan.graphql.engine.projection import Projection
from huikuan.graphql.engine.values import AnyValue, ValuePlan, gather
from huikuan.graphql.fielddecls import ArgumentDecl
from huikuan.graphql.ids import decode_any_id, decode_id
from huikuan.graphql.inputs import plain_arguments
from huikuan.graphql.naming import camel
from huikuan.graphql.storable import storable

if TYPE_CHECKING:
    from huikuan.graphql.engine.arguments import FieldArguments
    from huikuan.graphql.engine.run import Run

__all__ = ["CommandField", "EventField", "NodeByIdField", "NodesByIdsField", "OneField", "QueryField", "ReadyField"]

MAX_IDS = 1_000
KEY = "huikuan_key"
IDEMPOTENCY_KEY = "idempotencyKey"


class OneField(FieldPlan):
    """``order(id:)``, also by one of the type's own keys."""

    def __init__(
        self, key: str, nodes: list[FieldNode], arguments: FieldArguments, projection: Projection, plan: ObjectPlan
    ) -> None:
        super().__init__(key, nodes, nullable=True)
        self.arguments = arguments
        self.projection = projection
        self.plan = plan
        self._prepared: dict[str, PreparedRead] = {}

    def compute(self, run: Run, group: Group) -> Completed:
        decl = self.projection.root.decl
        given = self.arguments.given(run)
        run.require(decl.permission)
        chosen = {name: value for name, value in given.items() if value is not None}
        if len(chosen) != 1:
            names = ", ".join(("id", *(camel(key) for key in decl.keys)))
            raise BadInput(f"{decl.noun} needs exactly one of: {names}.", field=next(iter(given), "id"))
        ((name, value),) = chosen.items()
        if name == "id":
            raw = raw_id(decode_id(decl.name, value, "id"), self.projection.dialect)
            rows = run.fetch(self.prepared("id"), {ID: raw})
        else:
            key = next(key for key in decl.keys if camel(key) == name)
            rows = run.fetch(self.prepared(key), {KEY: storable(value, name)})
        if len(rows) > 1:
            raise BadInput(f"There are several with this {name}; use the id.", field=name)
        if not rows:
            return [None], None
        return self.plan.complete(run, Rows.of(self.projection, rows, FieldPlaces(self, group)))

    def prepared(self, key: str) -> PreparedRead:
        """The statement that finds a row by its id or by a key."""
        found = self._prepared.get(key)
        if found is None:
            found = self._prepared[key] = self.projection.prepared(
                ("one", key), lambda statement: self._matching(statement, key)
            )
        return found

    def _matching(self, statement: Select[Any], key: str) -> Select[Any]:
        columns = self.projection.root.columns
        if key == "id":
            return statement.where(is_one(columns.id, self.projection.dialect))
        column = getattr(columns, key)
        return statement.where(column == bindparam(KEY, type_=column.type)).limit(whole(2))


class NodeByIdField(FieldPlan):
    """``node(id:)``."""

    def __init__(self, key: str, nodes: list[FieldNode], arguments: FieldArguments, value: AnyValue) -> None:
        super().__init__(key, nodes, nullable=True)
        self.arguments = arguments
        self.value = value

    def compute(self, run: Run, group: Group) -> Completed:
        given = self.arguments.given(run)
        return self.value.named(run, FieldPlaces(self, group), _named(self.value, [given["id"]], ["id"]))


class NodesByIdsField(FieldPlan):
    """``nodes(ids:)``."""

    sure = True

    def __init__(self, key: str, nodes: list[FieldNode], arguments: FieldArguments, value: AnyValue) -> None:
        super().__init__(key, nodes, nullable=False)
        self.arguments = arguments
        self.value = value

    def compute(self, run: Run, group: Group) -> Completed:
        ids = self.arguments.given(run)["ids"]
        if len(ids) > MAX_IDS:
            raise LimitExceeded(f"nodes takes at most {MAX_IDS} ids.", field="ids")
        names = _named(self.value, ids, [f"ids.{place}" for place in range(len(ids))])
        self.value.require(run, names)
        places = ItemPlaces(FieldPlaces(self, group), [len(names)], nullable=True)
        objects, _ = self.value.named(run, places, names)
        return gather(objects, None, places, [True], [len(names)])


def _named(value: AnyValue, ids: Sequence[str], where: Sequence[str]) -> list[tuple[str, UUID] | None]:
    names: list[tuple[str, UUID] | None] = []
    for text, field in zip(ids, where, strict=True):
        name = decode_any_id(text, field)
        if name[0] not in value.names:
            raise BadInput(f"{text[:60]!r} is not an id.", field=field)
        names.append(name)
    return names


class QueryField(FieldPlan):
    """A query that a module wrote."""

    def __init__(
        self,
        key: str,
        nodes: list[FieldNode],
        nullable: bool,
        decl: QueryDecl,
        arguments: FieldArguments,
        value: ValuePlan,
    ) -> None:
        super().__init__(key, nodes, nullable)
        self.decl = decl
        self.arguments = arguments
        self.value = value

    def compute(self, run: Run, group: Group) -> Completed:
        decl = self.decl
        given = self.arguments.given(run)
        run.require(decl.permission)
        arguments = run.request.resolve(decl.arguments, plain_arguments(run.build, decl.arguments, given))
        with run.calling(decl.module, decl.name):
            value = decl.function(run.ctx, **arguments)
        return self.value.compute(run, FieldPlaces(self, group), [value])


class CommandField(FieldPlan):
    """A mutation: the command in its own transaction, then its payload."""

    def __init__(
        self,
        key: str,
        nodes: list[FieldNode],
        command: tuple[Command[..., Any], str],
        declared: tuple[ArgumentDecl, ...],
        arguments: FieldArguments,
        payload: ObjectPlan,
    ) -> None:
        super().__init__(key, nodes, nullable=True)
        self.command, self.owner = command
        self.declared = declared
        self.arguments = arguments
        self.payload = payload

    def compute(self, run: Run, group: Group) -> Completed:
        given = dict(self.arguments.given(run))
        key = given.pop(IDEMPOTENCY_KEY, None)
        plain = plain_arguments(run.build, self.declared, given)
        result = self._run(run, plain, key)
        if result.replayed:
            run.replayed.append(self.key)
        return self.payload.complete(run, Items([result], FieldPlaces(self, group)))

    def _run(self, run: Run, plain: Mapping[str, Any], key: str | None) -> Any:
        try:
            return run.request.run(self.command, plain, key)
        except BaseException as error:
            if isinstance(error, Exception) or told_to_stop(error):
                error.__dict__.setdefault("huikuan_module", self.owner)
                raise
            version, reason = run.build.versions.get(self.owner, "?"), type(error).__name__
            raise HookError(module=self.owner, version=version, hook=self.command.name, reason=reason) from error


class ReadyField(FieldPlan):
    """A root field whose value is at hand: introspection, the kernel's version."""

    def __init__(self, key: str, nodes: list[FieldNode], value: Callable[[Run], Any]) -> None:
        super().__init__(key, nodes, nullable=True)
        self.value = value

    def compute(self, run: Run, group: Group) -> Completed:
        return [self.value(run)], None


class EventField(FieldPlan):
    """A subscription's field: the event that the run is about."""

    def __init__(
        self,
        key: str,
        nodes: list[FieldNode],
        nullable: bool,
        decl: SubscriptionDecl,
        arguments: FieldArguments,
        value: ValuePlan,
    ) -> None:
        super().__init__(key, nodes, nullable)
        self.decl = decl
        self.arguments = arguments
        self.value = value

    def compute(self, run: Run, group: Group) -> Completed:
        run.require(self.decl.permission)
        return self.value.compute(run, FieldPlaces(self, group), [run.event])
