"""Which tables a FROM clause reads, and which conditions pin each of them to a tenant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Table, TableClause
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, Grouping
from sqlalchemy.sql.selectable import AliasedReturnsRows, FromGrouping, Join

TENANT_ID = "tenant_id"

Pins = dict[int, list[BindParameter[Any]]]
"""FROM element, by the identity that annotated copies share as hash -> binds that pin its tenant_id."""


def is_tenant_table(source: Any) -> bool:
    return isinstance(source, Table) and bool(source.info.get("tenant"))


def needs_tenant(source: Any) -> bool:
    """A tenant table, or one that no model declared: it could be any tenant's table under another object."""
    if not isinstance(source, TableClause):
        return False
    return not isinstance(source, Table) or "module" not in source.info or bool(source.info.get("tenant"))


def tenant_tables(source: Any, pinned: Pins) -> Iterator[tuple[Any, list[BindParameter[Any]]]]:
    """The tenant tables in one FROM element, each with the predicates that pin it."""
    if isinstance(source, Join):
        joined = _merge(pinned, predicates([source.onclause])) if not source.full else pinned
        # ON of an outer join restricts only its right side: rows of the left side come anyway.
        yield from tenant_tables(source.left, pinned if source.isouter else joined)
        yield from tenant_tables(source.right, joined)
    elif isinstance(source, FromGrouping):
        yield from tenant_tables(source.element, pinned)
    else:
        table = source
        while isinstance(table, AliasedReturnsRows):
            table = table.element
        if isinstance(table, Join | FromGrouping):
            yield from tenant_tables(table, pinned)
        elif needs_tenant(table):
            yield source, pinned.get(hash(source), [])


def predicates(criteria: Iterable[Any]) -> Pins:
    """The conditions of the form `tenant_id = :bind` that hold for every row: top level, or ANDed."""
    found: Pins = {}
    for clause in criteria:
        while isinstance(clause, Grouping):
            clause = clause.element
        if isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
            found = _merge(found, predicates(clause.clauses))
        elif isinstance(clause, BinaryExpression) and clause.operator is operators.eq:
            for column, bind in ((clause.left, clause.right), (clause.right, clause.left)):
                if (
                    getattr(column, "name", None) == TENANT_ID
                    and isinstance(bind, BindParameter)
                    and not bind.expanding
                ):
                    found.setdefault(hash(getattr(column, "table", None)), []).append(bind)
    return found


def _merge(first: Pins, second: Pins) -> Pins:
    return {key: [*first.get(key, []), *second.get(key, [])] for key in (*first, *second)}


def describe(source: Any) -> str:
    return str(getattr(source, "name", source))
