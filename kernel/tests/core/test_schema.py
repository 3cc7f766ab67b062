"""What stands in the database: every table by the rules, every tenant's behind its fence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huikuan.catalog import ModuleCatalog
from huikuan.core.module import kernel_module, migration_sources
from huikuan.db import Base, Database
from huikuan.db.admin import connect
from huikuan.db.autogenerate import pending_changes
from huikuan.db.migrate import KERNEL_SOURCE
from huikuan.db.rls import unfenced_tables
from huikuan.db.schema_rules import violations
from huikuan.testing.databases import DatabaseTemplates
from huikuan.testing.postgres import PostgresServer

# Tables without a tenant, each with the reason why it cannot have one. A new one needs a reason too.
WITHOUT_TENANT = {
    "kernel_tenant": "says which tenants there are",
    "kernel_login": "one person may enter many tenants",
    "kernel_membership": "says which tenants a login may enter, before one is chosen",
    "kernel_api_key_entry": "finds the tenant of a key",
    "kernel_refresh_token": "comes before the tenant is known",
    "kernel_operator": "runs the platform, belongs to no tenant",
}


def _requires(modules: ModuleCatalog) -> dict[str, set[str]]:
    return {module.name: {"kernel", *module.manifest.requirements()} for module in modules} | {"kernel": set()}


def _ours(modules: ModuleCatalog) -> set[str]:
    return {"kernel", *modules.names}


def test_every_table_keeps_the_rules(modules: ModuleCatalog) -> None:
    assert "models" in kernel_module().parts
    ours = _ours(modules)
    found = violations(Base.metadata, WITHOUT_TENANT, _requires(modules))
    assert [line for line in found if line.partition(":")[0] in ours] == []


def test_tables_without_a_tenant_are_listed(modules: ModuleCatalog) -> None:
    found = {
        table.name
        for table in Base.metadata.tables.values()
        if table.info["module"] in _ours(modules) and not table.info["tenant"]
    }
    assert found == set(WITHOUT_TENANT)


def test_the_kernel_s_migrations_make_what_its_models_say(modules: ModuleCatalog) -> None:
    assert pending_changes(KERNEL_SOURCE, sources=[KERNEL_SOURCE]) == []
    for source in migration_sources(modules)[1:]:
        assert pending_changes(source, sources=migration_sources(modules)) == []


def test_every_tenant_table_is_fenced_on_postgresql(
    database_templates: DatabaseTemplates, postgres_server: PostgresServer, modules: ModuleCatalog
) -> None:
    with database_templates.postgres(postgres_server, migration_sources(modules)) as urls, connect(urls.owner) as owner:
        assert unfenced_tables(owner, WITHOUT_TENANT) == []


@pytest.mark.parametrize("role", ["app", "system"])
def test_audit_rows_can_only_be_added(
    database_templates: DatabaseTemplates, postgres_server: PostgresServer, modules: ModuleCatalog, role: str
) -> None:
    with (
        database_templates.postgres(postgres_server, migration_sources(modules)) as urls,
        connect(getattr(urls, role)) as connection,
    ):
        for statement in (
            "UPDATE kernel_audit_entry SET outcome = 'x'",
            "DELETE FROM kernel_audit_entry",
            "TRUNCATE kernel_audit_entry",
        ):
            with pytest.raises(Exception, match="permission denied"):
                connection.exec_driver_sql(statement)
            connection.rollback()


def test_without_a_tenant_nothing_is_seen(database_with: Callable[..., Database], modules: ModuleCatalog) -> None:
    database = database_with(modules)
    if database.dialect == "sqlite":
        pytest.skip("SQLite has no fence but the guard's")
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.info["tenant"] and table.info["module"] in _ours(modules):
                assert connection.exec_driver_sql(f'SELECT count(*) FROM "{table.name}"').scalar() == 0
