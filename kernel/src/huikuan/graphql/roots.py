"""The query root: one object, a list, node and nodes, and the queries that modules write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from strawberry import ID
from strawberry.types.base import StrawberryList, StrawberryOptional

from huikuan.errors import BadInput, LimitExceeded
from huikuan.graphql.decls import NodeDecl, QueryDecl
from huikuan.graphql.ids import decode_any_id, decode_id
from huikuan.graphql.inputs import argument, key_type
from huikuan.graphql.naming import camel, humanise
from huikuan.graphql.nodes import connection_arguments, connection_type, node_type, preparer, shown_type
from huikuan.graphql.outputs import node_interface
from huikuan.graphql.paging import load_pages
from huikuan.graphql.rows import NodePlan, Row
from huikuan.graphql.storable import storable
from huikuan.graphql.strawberry_types import Argument, Field, make_type

if TYPE_CHECKING:
    from uuid import UUID

    from huikuan.graphql.build import Build
    from huikuan.graphql.execution import Execution

__all__ = ["query_type"]

MAX_IDS = 1_000


@cache
def query_type() -> type[Any]:
    """``Query``."""

    def fields(build: Build) -> list[Field]:
        found = [field for decl in build.nodes.values() if decl.root for field in _node_roots(build, decl)]
        found += [_custom(build, decl) for decl in build.queries]
        if build.nodes:
            found += _by_id(build)
        if not found:
            found.append(Field("version", str, "Version of the kernel.", resolve=_version))
        return sorted(found, key=lambda field: str(field.graphql_name))

    return make_type("Query", "Everything that can be read; one request sees one state of the data.", fields)


def _version(source: Any, info: Any) -> str:
    return str(info.context.build.versions.get("kernel", ""))


def _node_roots(build: Build, decl: NodeDecl) -> list[Field]:
    plan = build.plan(decl)
    words = humanise(decl.name).rstrip(".").lower()
    arguments = [Argument("id", StrawberryOptional(ID), "Its global id.")]
    arguments += [
        Argument(key, StrawberryOptional(key_type(decl, key)), f"Its {humanise(key).rstrip('.').lower()}.")
        for key in decl.keys
    ]

    def one(source: Any, info: Any, **given: Any) -> Row | None:
        return _one(info.context, plan, given)

    def many(source: Any, info: Any, **given: Any) -> Any:
        return load_pages(info.context, plan, given, None, ())[0]

    found = Field(
        decl.noun,
        StrawberryOptional(node_type(decl)),
        f"One {words}, by exactly one of these arguments; null if there is none.",
        arguments=arguments,
        resolve=one,
        decl=decl,
    )
    listed = Field(
        decl.plural,
        connection_type(decl),
        f"All {humanise(decl.plural).rstrip('.').lower()} that match, page by page.",
        arguments=connection_arguments(decl),
        resolve=many,
        decl=decl,
    )
    return [found, listed]


def _one(execution: Execution, plan: NodePlan, given: dict[str, Any]) -> Row | None:
    execution.require(plan.decl.permission)
    chosen = {name: value for name, value in given.items() if value is not None}
    if len(chosen) != 1:
        names = ", ".join(("id", *(camel(key) for key in plan.decl.keys)))
        raise BadInput(f"{plan.decl.noun} needs exactly one of: {names}.", field=next(iter(given), "id"))
    ((name, value),) = chosen.items()
    if name == "id":
        id = decode_id(plan.decl.name, value, "id")
        return execution.load(plan, [id]).get(id)
    key = next(key for key in plan.decl.keys if camel(key) == name)
    statement = plan.select(execution.ctx.tenant.id).where(getattr(plan.decl.model, key) == storable(value, name))
    rows = execution.ctx.rows(statement.limit(2))
    if len(rows) > 1:
        raise BadInput(f"There are several with this {name}; use the id.", field=name)
    return plan.group(execution, rows).members[0] if rows else None


def _by_id(build: Build) -> list[Field]:
    one = StrawberryOptional(node_interface())
    return [
        Field(
            "node",
            one,
            "Any object by its global id; null if there is none.",
            arguments=[Argument("id", ID, "Its global id.")],
            resolve=_node,
        ),
        Field(
            "nodes",
            StrawberryList(one),
            f"Up to {MAX_IDS} objects by their global ids, in this order; null where there is none.",
            arguments=[Argument("ids", StrawberryList(ID), "Their global ids.")],
            resolve=_nodes,
        ),
    ]


def _node(source: Any, info: Any, id: str) -> Row | None:
    return _named(info.context, [id], ["id"])[0]


def _nodes(source: Any, info: Any, ids: list[str]) -> list[Row | None]:
    if len(ids) > MAX_IDS:
        raise LimitExceeded(f"nodes takes at most {MAX_IDS} ids.", field="ids")
    return _named(info.context, ids, [f"ids.{place}" for place in range(len(ids))])


def _named(execution: Execution, ids: Sequence[str], where: Sequence[str]) -> list[Row | None]:
    names: list[tuple[str, UUID] | None] = []
    for text, field in zip(ids, where, strict=True):
        name = decode_any_id(text, field)
        if name[0] not in execution.build.nodes:
            raise BadInput(f"{text[:60]!r} is not an id.", field=field)
        names.append(name)
    return execution.any_nodes(names)


def _custom(build: Build, decl: QueryDecl) -> Field:
    where = f"query {decl.name} ({decl.function.__module__})"
    prepare = preparer(decl.arguments)
    return Field(
        decl.name,
        shown_type(build, decl.type, where),
        decl.description,
        arguments=[argument(build, item, where) for item in decl.arguments],
        resolve=_custom_resolver(decl, prepare, where),
        decl=decl,
    )


def _custom_resolver(
    decl: QueryDecl, prepare: Callable[[Execution, Any], dict[str, Any]], where: str
) -> Callable[..., Any]:
    def resolve(source: Any, info: Any, **given: Any) -> Any:
        execution: Execution = info.context
        execution.require(decl.permission)
        arguments = prepare(execution, given)
        with execution.calling(decl.module, decl.name):
            value = decl.function(execution.ctx, **arguments)
        return execution.wrap(decl.type, [value], where)[0]

    return resolve
