"""The rules that keep every table ready to be distributed by tenant, and tenants apart.

Checked on the metadata, so that a third party's tables are held to them too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.sql.functions import FunctionElement

__all__ = ["violations"]

KERNEL = "kernel"
TENANT = "tenant_id"
KEY = (TENANT, "id")


def violations(
    metadata: MetaData,
    global_tables: Collection[str],
    requires: Mapping[str, Collection[str]] | None = None,
) -> list[str]:
    """Every breach of the rules, one line each, naming module and table; empty if there is none.

    `global_tables` are the kernel's tables without tenant. With `requires` (module to the modules it
    declares) foreign keys between modules are checked too.
    """
    found: list[str] = []
    for table in sorted(metadata.tables.values(), key=lambda t: t.name):
        module = str(table.info.get("module") or "unknown module")
        is_global = table.name in global_tables
        breaches = [
            *_ownership(table, is_global),
            *(_global_rules(table) if is_global else _tenant_rules(table)),
            *_names(table),
            *(breach for column in table.columns for breach in _column_rules(column)),
            *(
                breach
                for key in _foreign_keys(table)
                for breach in _foreign_key_rules(table, key, global_tables, requires)
            ),
        ]
        found += [f"{module}: {table.name}: {breach}" for breach in breaches]
    return found


def _ownership(table: Table, is_global: bool) -> Iterator[str]:
    module = table.info.get("module")
    if not module:
        yield "no module owns it; derive its model from TenantModel"
    elif not table.name.startswith(f"{module}_"):
        yield f"its name must start with '{module}_'"
    if is_global and module != KERNEL:
        yield "only the kernel has tables without tenant"


def _tenant_rules(table: Table) -> Iterator[str]:
    tenant = table.columns.get(TENANT)
    if tenant is None:
        yield "no tenant_id; derive its model from TenantModel"
        return
    if not isinstance(tenant.type, Uuid):
        yield "tenant_id must be a UUID"
    if tuple(table.primary_key.columns.keys()) != KEY:
        yield "its primary key must be (tenant_id, id)"
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint) and not _starts_with_tenant(list(constraint.columns)):
            yield f"unique constraint {constraint.name} must start with tenant_id"
    for index in table.indexes:
        if not _starts_with_tenant(list(index.expressions)):
            yield f"index {index.name} must start with tenant_id"


def _global_rules(table: Table) -> Iterator[str]:
    for key in _foreign_keys(table):
        if key.referred_table.info.get("tenant"):
            yield f"it has no tenant, so it may not point to {key.referred_table.name}"


def _names(table: Table) -> Iterator[str]:
    named = (PrimaryKeyConstraint, UniqueConstraint, ForeignKeyConstraint, CheckConstraint, Index)
    for thing in [*table.constraints, *table.indexes]:
        if isinstance(thing, named) and not thing.name:
            yield f"a {type(thing).__name__} has no name; migrations could not change it"


def _column_rules(column: Column[object]) -> Iterator[str]:
    if (
        isinstance(column.default, Sequence)
        or column.identity is not None
        or isinstance(getattr(column.server_default, "arg", None), Sequence | Identity)
    ):
        yield f"{column.name} is numbered by the database; use ids made by the application or ctx.number"
    elif column.autoincrement is True:
        yield f"{column.name} has autoincrement; use ids made by the application or ctx.number"
    if column.server_onupdate is not None:
        yield f"{column.name} is changed by the database; pass the value"
    default = getattr(column.server_default, "arg", None)
    if default is not None and _is_volatile(default):
        yield f"{column.name} gets its default from a function of the database; pass the value"


def _is_volatile(default: object) -> bool:
    return isinstance(default, FunctionElement) or "(" in str(default) or "current_" in str(default).lower()


def _foreign_key_rules(
    table: Table,
    key: ForeignKeyConstraint,
    global_tables: Collection[str],
    requires: Mapping[str, Collection[str]] | None,
) -> Iterator[str]:
    target = key.referred_table
    own, other = str(table.info.get("module")), str(target.info.get("module"))
    if str(key.ondelete or "").upper().startswith("SET") or str(key.onupdate or "").upper().startswith("SET"):
        yield f"foreign key {key.name} uses SET …; use RESTRICT or CASCADE"
    if table.name not in global_tables and target.name not in global_tables:
        ends = tuple(element.column.name for element in key.elements)
        if tuple(key.column_keys)[:1] != (TENANT,) or ends != KEY:
            yield f"foreign key {key.name} must lead from (tenant_id, …) to (tenant_id, id) of {target.name}"
    if requires is not None and other not in {own, KERNEL, *requires.get(own, ())}:
        yield f"foreign key {key.name} points to {target.name}, but {own} does not require {other}"


def _foreign_keys(table: Table) -> list[ForeignKeyConstraint]:
    keys = (c for c in table.constraints if isinstance(c, ForeignKeyConstraint))
    return sorted(keys, key=lambda key: str(key.name))


def _starts_with_tenant(columns: list[object]) -> bool:
    return bool(columns) and getattr(columns[0], "name", None) == TENANT
