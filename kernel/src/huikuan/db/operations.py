"""Operations that migrations call beside Alembic's own.

``op.create_tenant_table`` creates a table and, on PostgreSQL, its fence. It is also the one place where a
table would be distributed by tenant. `rows_of_all_tenants` lets a data step see every tenant.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, Operations, ops
from sqlalchemy import Table
from sqlalchemy.schema import SchemaItem

from huikuan.db.rls import Fence, across_tenants, tenant_fence
from huikuan.db.roles import DEFAULT_ROLES, Roles

__all__ = ["ROLES_OPTION", "CreateTenantTable", "rows_of_all_tenants"]

ROLES_OPTION = "huikuan_roles"


@Operations.register_operation("create_tenant_table")
class CreateTenantTable(MigrateOperation):
    """CREATE TABLE, then its fence."""

    def __init__(self, table: ops.CreateTableOp, fence: Fence) -> None:
        self.table = table
        self.fence = fence

    @classmethod
    def create_tenant_table(
        cls,
        operations: Operations,
        table_name: str,
        *columns: SchemaItem,
        system: bool = False,
        append_only: bool = False,
        sealed: tuple[str, ...] = (),
        draft_when: str | None = None,
    ) -> Table:
        """Create a table of tenants' rows; see `huikuan.db.rls` for what the options mean."""
        fence = Fence(system, append_only, sealed, draft_when)
        table: Table = operations.invoke(cls(ops.CreateTableOp(table_name, columns), fence))
        return table

    def reverse(self) -> ops.DropTableOp:
        return self.table.reverse()

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return self.table.to_diff_tuple()


@Operations.implementation_for(CreateTenantTable)
def _create(operations: Operations, operation: CreateTenantTable) -> Table:
    table: Table = operations.invoke(operation.table)
    if operations.migration_context.dialect.name == "postgresql":
        for statement in tenant_fence(table.name, operation.fence, _roles(operations)):
            operations.execute(statement)
    return table


@renderers.dispatch_for(CreateTenantTable)
def _render(context: AutogenContext, operation: CreateTenantTable) -> str:
    # The table's own rendering, under the other name and with the fence's options as last arguments.
    rendered = renderers.dispatch(operation.table)(context, operation.table)
    text = "".join(rendered).replace("create_table(", "create_tenant_table(", 1)
    fence = operation.fence
    options: dict[str, Any] = {
        "system": fence.system,
        "append_only": fence.append_only,
        "sealed": fence.sealed,
        "draft_when": fence.draft_when,
    }
    extra = "".join(f",\n{name}={value!r}" for name, value in options.items() if value)
    return text.removesuffix("\n)") + f"{extra}\n)"


@contextmanager
def rows_of_all_tenants(operations: Any, *tables: str) -> Iterator[None]:
    """For data steps: ``with rows_of_all_tenants(op, "orders_order"): op.execute(…)``.

    The owner is bound by row-level security too, so without this an UPDATE in a migration changes no row.
    Nobody else can see anything more: the change holds inside the migration's transaction only.
    """
    postgres = operations.get_context().dialect.name == "postgresql"
    for table in tables if postgres else ():
        operations.execute(across_tenants(table, allowed=True))
    yield
    for table in tables if postgres else ():
        operations.execute(across_tenants(table, allowed=False))


def _roles(operations: Operations) -> Roles:
    roles: Roles = operations.migration_context.opts.get(ROLES_OPTION, DEFAULT_ROLES)
    return roles
