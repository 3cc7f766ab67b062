"""How each kind of field is computed for all members of a group at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select

from huikuan.errors import HookError, LimitExceeded
from huikuan.graphql.fielddecls import (
    BatchDecl,
    ColumnDecl,
    ConnectionDecl,
    FieldDecl,
    ToAnyDecl,
    ToManyDecl,
    ToOneDecl,
)
from huikuan.graphql.ordering import Term, order_clauses
from huikuan.graphql.paging import load_pages
from huikuan.graphql.resolve import raw_columns
from huikuan.graphql.rows import Row, RowGroup
from huikuan.graphql.typespec import Kind
from huikuan.money import Money

if TYPE_CHECKING:
    from huikuan.graphql.execution import Execution
    from huikuan.graphql.rows import NodePlan

__all__ = ["load_field", "resolver"]

LIST_LIMIT = 1_000
TOTAL_LIMIT = 100_000
Arguments = Mapping[str, Any]


def resolver(field: FieldDecl, prepare: Callable[[Execution, Arguments], Arguments] | None) -> Callable[..., Any]:
    """What the plain executor calls for one row: it takes its place from the group's column."""

    def resolve(source: Row, info: Any, **given: Any) -> Any:
        group = source._group

        def load() -> list[Any]:
            group.execution.require(field.permission)
            arguments = prepare(group.execution, given) if prepare is not None else given
            return load_field(group, field, arguments)

        key = (field.name, id(info.field_nodes[0])) if given else field.name
        return group.column(key, load)[source._place]

    return resolve


def load_field(group: RowGroup, field: FieldDecl, arguments: Arguments) -> list[Any]:
    """One value per row of the group."""
    if isinstance(field, ColumnDecl):
        return _column(group, field)
    if isinstance(field, ToOneDecl):
        return _to_one(group, field)
    if isinstance(field, ToManyDecl):
        return _to_many(group, field)
    if isinstance(field, ConnectionDecl):
        plan = _target(group.execution, field)
        return list(load_pages(group.execution, plan, arguments, field.attribute, _raw(group, "id")))
    if isinstance(field, ToAnyDecl):
        types, ids = _raw(group, field.type_attribute), _raw(group, field.id_attribute)
        names = [None if id is None else (str(name), id) for name, id in zip(types, ids, strict=True)]
        return list(group.execution.any_nodes(names))
    assert isinstance(field, BatchDecl)
    return _batch(group, field, arguments)


def _raw(group: RowGroup, column: str) -> list[Any]:
    place = group.plan.index[column]
    return [row._values[place] for row in group.members]


def _column(group: RowGroup, field: ColumnDecl) -> list[Any]:
    values = _raw(group, field.columns[0])
    if field.type.kind is Kind.MONEY:
        currencies = _raw(group, field.columns[1])
        return [
            None if amount is None else Money(amount, currency)
            for amount, currency in zip(values, currencies, strict=True)
        ]
    return group.execution.wrap(field.type, values, f"{group.plan.decl.name}.{field.name}")


def _target(execution: Execution, field: FieldDecl) -> NodePlan:
    return execution.build.plan(execution.build.node(field.type.core, f"{field.module}: {field.name}"))


def _to_one(group: RowGroup, field: ToOneDecl) -> list[Any]:
    ids = _raw(group, field.attribute)
    rows = group.execution.load(_target(group.execution, field), ids)
    return [None if id is None else rows.get(id) for id in ids]


def _to_many(group: RowGroup, field: ToManyDecl) -> list[Any]:
    execution, plan = group.execution, _target(group.execution, field)
    execution.require(plan.decl.permission)
    model, ids = plan.decl.model, _raw(group, "id")
    column, order = getattr(model, field.attribute), order_clauses(model, list_terms(plan, field))
    base = plan.select(execution.ctx.tenant.id, column.label("huikuan_parent")).where(column.in_(ids))
    limit = min(LIST_LIMIT * len(ids), TOTAL_LIMIT)
    found = execution.ctx.rows(base.order_by(column, *order).limit(limit + 1))
    if len(found) > limit:
        found = _numbered(execution, plan, base, column, order)
    by_parent: dict[UUID, list[Any]] = {id: [] for id in ids}
    for row in found:
        children = by_parent[row[len(plan.columns)]]
        if len(children) < LIST_LIMIT:
            children.append(row)
    members = iter(plan.group(execution, [row for id in ids for row in by_parent[id]]).members)
    return [[next(members) for _ in by_parent[id]] for id in ids]


def list_terms(plan: NodePlan, field: ToManyDecl) -> list[Term]:
    """The order of a plain list; the id makes it total."""
    terms = [
        Term(raw_columns(plan.decl.model, name.lstrip("-"), field.name)[0], name.startswith("-"), nullable=False)
        for name in field.order_by
    ]
    return terms if any(term.column == "id" for term in terms) else [*terms, Term("id", False, nullable=False)]


def _numbered(execution: Execution, plan: NodePlan, base: Any, column: Any, order: Sequence[Any]) -> Sequence[Any]:
    """Somebody has more rows than are shown: let the database cut each list."""
    place = func.row_number().over(partition_by=column, order_by=order).label("huikuan_place")
    inner = base.add_columns(place).subquery()
    statement = select(*inner.c).where(inner.c.huikuan_place <= LIST_LIMIT)
    found = execution.ctx.rows(statement.order_by(inner.c.huikuan_parent, inner.c.huikuan_place).limit(TOTAL_LIMIT + 1))
    if len(found) > TOTAL_LIMIT:
        raise LimitExceeded(f"More than {TOTAL_LIMIT:,} {plan.decl.plural} at once; ask for smaller pages.")
    return found


def _batch(group: RowGroup, field: BatchDecl, arguments: Arguments) -> list[Any]:
    execution, rows = group.execution, group.members
    where = f"{group.plan.decl.name}.{field.name}"
    with execution.calling(field.module, where):
        found = field.function(execution.ctx, list(rows), **arguments)
    if isinstance(found, Mapping):
        found = [found.get(row.id) for row in rows]
    if not isinstance(found, list | tuple) or len(found) != len(rows):
        got = f"{len(found)} values" if isinstance(found, list | tuple) else type(found).__name__
        raise HookError(
            module=field.module,
            version=execution.build.versions.get(field.module, "?"),
            hook=where,
            reason=f"a batch field answers one value per row: {got} came for {len(rows)} rows",
        )
    return execution.wrap(field.type, found, f"{field.module}: {where}")
