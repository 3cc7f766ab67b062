"""Rows that stand in tables of an earlier revision when these are upgraded: the fixture ``migrated_from``."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Connection, Engine, inspect

from huikuan.auth.keys import KeyRing
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.db.admin import connect, quote, transaction
from huikuan.db.migrate import MigrationSource, upgrade
from huikuan.db.revisions import script_of
from huikuan.kernel import Kernel
from huikuan.testing.databases import DatabaseTemplates, share_statements
from huikuan.testing.postgres import PostgresServer
from huikuan.testing.shop import PATIENT, Shop

__all__ = ["MigratedFrom", "migrated_from", "upgrade_with_rows"]

MigratedFrom = Callable[..., Shop]
Columns = Mapping[str, Sequence[str]]


@pytest.fixture
def migrated_from(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    database_templates: DatabaseTemplates,
    shared_engines: dict[str, Engine],
    signing_keys: KeyRing,
) -> Iterator[MigratedFrom]:
    """``later = migrated_from(shop, orders="0001")``: the shop again, its rows gone through the migrations since then.

    Tables are made as they were at the named revision of each named module, get the shop's rows, less what they had no
    table or column for, and are upgraded. Each row must then be there with the values that it had; columns that a
    migration changes on purpose are named: ``rewritten=["orders_order.total"]``. What the new columns hold, and that
    the rules hold, the test looks at in the shop that comes back. Make only rows that those tables could hold.
    """
    with ExitStack() as stack:

        def make(shop: Shop, *, rewritten: Collection[str] = (), **revisions: str) -> Shop:
            sources = migration_sources(shop.kernel.catalog)
            earlier = [_until(source, revisions.get(source.module), tmp_path) for source in sources]
            held = shop.kernel.database.engine.url
            if shop.dialect == "sqlite":
                url = database_templates.sqlite(earlier, tmp_path / f"earlier-{len(list(tmp_path.iterdir()))}.db")
                upgrade_with_rows(held, url, lambda: upgrade(url, sources), rewritten)
                database = Database(url, sqlite_synchronous="OFF")
            else:
                server: PostgresServer = request.getfixturevalue("postgres_server")
                urls = stack.enter_context(database_templates.postgres(server, earlier))
                source = server.url(str(held.database))
                upgrade_with_rows(source, urls.admin, lambda: upgrade(urls.owner, sources), rewritten)
                database = Database(urls.app, system_url=urls.system)
            stack.callback(database.dispose)
            share_statements(database, shared_engines)
            kernel = Kernel(database, shop.kernel.catalog, signing_keys, clock=shop.clock, hook_deadlines=PATIENT)
            return Shop(kernel, shop.tenant, shop.clock)

        yield make


def upgrade_with_rows(
    source: URL | str, target: URL | str, upgrade: Callable[[], object], rewritten: Collection[str] = ()
) -> None:
    """Put the rows of one database into the earlier tables of another, upgrade these, and see that no row changed.

    URLs of superusers; ``rewritten``: columns, as ``table.column``, whose values are meant to change.
    """
    with connect(source) as later, connect(target) as earlier:
        columns = _shared_columns(later, earlier)
    rows = _dump(source, columns)
    with connect(target) as connection, transaction(connection):
        _load(connection, columns, rows)
    upgrade()
    kept = {table: [name for name in names if f"{table}.{name}" not in rewritten] for table, names in columns.items()}
    before, after = _dump(source, kept), _dump(target, kept)
    changed = [table for table in kept if before[table] != after[table]]
    assert not changed, f"the upgrade changed or lost rows of {', '.join(changed)}"


def _until(source: MigrationSource, revision: str | None, folder: Path) -> MigrationSource:
    """The module's migrations until this one."""
    if revision is None:
        return source
    directory = folder / f"{source.module}-until-{revision}"
    directory.mkdir(exist_ok=True)
    for step in script_of(source).iterate_revisions(revision, "base"):
        shutil.copy(step.path, directory)
    return replace(source, directory=directory)


def _shared_columns(source: Connection, target: Connection) -> Columns:
    """Tables and columns that both have, but for the record of migrations."""
    later, earlier = inspect(source), inspect(target)
    names = sorted(set(later.get_table_names()) & set(earlier.get_table_names()))
    found = {}
    for name in names:
        if not name.startswith("alembic_version_"):
            known = {column["name"] for column in later.get_columns(name)}
            found[name] = [column["name"] for column in earlier.get_columns(name) if column["name"] in known]
    return found


def _dump(url: URL | str, columns: Columns) -> dict[str, Any]:
    """All rows as the database writes them: nothing is lost on the way through Python's types."""
    found: dict[str, Any] = {}
    with connect(url) as connection:
        for table, names in columns.items():
            read = f"SELECT {_list(names)} FROM {quote(table)} ORDER BY {_list(names)}"
            if connection.dialect.name == "sqlite":
                found[table] = [tuple(row) for row in connection.exec_driver_sql(read)]
            else:
                with _cursor(connection).copy(f"COPY ({read}) TO STDOUT") as copy:
                    found[table] = [bytes(part) for part in copy]
    return found


def _load(connection: Connection, columns: Columns, rows: Mapping[str, Any]) -> None:
    """Write rows in any order: what they refer to comes with them."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    for table, names in columns.items():
        if connection.dialect.name == "postgresql":
            with _cursor(connection).copy(f"COPY {quote(table)} ({_list(names)}) FROM STDIN") as copy:
                for part in rows[table]:
                    copy.write(part)
        elif rows[table]:
            marks = ", ".join("?" for _ in names)
            connection.exec_driver_sql(f"INSERT INTO {quote(table)} ({_list(names)}) VALUES ({marks})", rows[table])


def _cursor(connection: Connection) -> Any:
    driver: Any = connection.connection.driver_connection
    return driver.cursor()


def _list(names: Sequence[str]) -> str:
    return ", ".join(quote(name) for name in names)
