"""Rules about tables: tenants are kept apart, and migrations make what models say."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect

from huikuan.core.module import KERNEL, migration_sources
from huikuan.db import Base
from huikuan.db.admin import connect
from huikuan.db.autogenerate import pending_changes
from huikuan.db.migrate import MigrationSource, status, upgrade
from huikuan.db.rls import unfenced_tables
from huikuan.db.schema_rules import violations
from huikuan.testing.conformance_subject import Rules, Subject, listed
from huikuan.testing.databases import DatabaseTemplates
from huikuan.testing.postgres import PostgresServer

__all__ = ["TableRules"]


class TableRules(Rules):
    """Every row carries the tenant, every table its fence."""

    def test_every_table_is_keyed_by_tenant(self, subject: Subject) -> None:
        requires = {subject.name: subject.manifest.requirements()}
        found = violations(Base.metadata, _global_tables(), None if subject.name == KERNEL.name else requires)
        faults = [line for line in found if line.startswith(f"{subject.name}: ")]
        assert not faults, f"tables of {subject.name}:{listed(faults)}"

    def test_migrations_go_up_from_an_empty_database(self, subject: Subject, tmp_path: Path) -> None:
        url, sources = f"sqlite:///{tmp_path / 'empty.db'}", _sources(subject)
        upgrade(url, sources)
        behind = [item.module for item in status(url, sources) if item.state != "current"]
        assert not behind
        assert upgrade(url, sources) == [], "a second upgrade finds something to do"
        with connect(url) as connection:
            tables = set(inspect(connection).get_table_names())
        missing = {model.__tablename__ for model in subject.models} - tables
        assert not missing, f"no migration makes the tables{listed(missing)}\n{_write(subject)}"

    def test_migrations_match_the_models(self, subject: Subject) -> None:
        sources = _sources(subject)
        [own] = [source for source in sources if source.module == subject.name]
        changes = pending_changes(own, sources=sources)
        assert not changes, f"the models hold what no migration does:{listed(changes)}\n{_write(subject)}"

    def test_every_table_is_fenced_on_postgresql(
        self, subject: Subject, postgres_server: PostgresServer, database_templates: DatabaseTemplates
    ) -> None:
        with (
            database_templates.postgres(postgres_server, _sources(subject)) as urls,
            connect(urls.owner) as connection,
        ):
            open_ = [name for name in unfenced_tables(connection) if name.startswith(f"{subject.name}_")]
        open_ = [name for name in open_ if name not in _global_tables()]
        assert not open_, f"make these tables with op.create_tenant_table in the migration:{listed(open_)}"


def _sources(subject: Subject) -> list[MigrationSource]:
    return migration_sources(subject.catalog)


def _global_tables() -> list[str]:
    return [table.name for table in Base.metadata.tables.values() if not table.info.get("tenant")]


def _write(subject: Subject) -> str:
    return f'Write it with: huikuan db revision {subject.name} -m "what changes"'
