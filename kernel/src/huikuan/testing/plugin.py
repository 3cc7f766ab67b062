"""pytest fixtures that come with the kernel, for its own tests and for those of every module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.testing.corruption import corrupt
from huikuan.testing.databases import DatabaseTemplates, Stock, database_templates, share_statements
from huikuan.testing.migrated import migrated_from
from huikuan.testing.postgres import postgres_database, postgres_server
from huikuan.testing.shop import Shop, make_shop, open_shop

__all__ = [
    "app_with",
    "corrupt",
    "database_templates",
    "database_with",
    "installed_modules",
    "migrated_from",
    "postgres_database",
    "postgres_server",
    "shared_engines",
    "signing_keys",
]


@pytest.fixture(scope="session")
def installed_modules() -> ModuleCatalog:
    """The modules installed in the environment of the tests."""
    return ModuleCatalog.discover()


@pytest.fixture(scope="session")
def signing_keys() -> KeyRing:
    """Keys for tokens, made once."""
    return KeyRing.generate()


@pytest.fixture(scope="session")
def shared_engines() -> dict[str, Engine]:
    """The first engine of each kind in a worker."""
    return {}


@pytest.fixture(params=["sqlite", "postgresql"])
def database_with(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    database_templates: DatabaseTemplates,
    installed_modules: ModuleCatalog,
    shared_engines: dict[str, Engine],
) -> Iterator[Callable[..., Database]]:
    """``database_with(catalog)``: a migrated, empty database; the test runs on SQLite and on PostgreSQL.

    On PostgreSQL it is opened under the application's own role, so row-level security is in force.
    """
    with ExitStack() as stack:

        def make(catalog: ModuleCatalog | None = None, *, pool_size: int = 5, stock: Stock | None = None) -> Database:
            catalog = catalog or installed_modules
            sources = migration_sources(catalog)
            if request.param == "sqlite":
                file = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
                url = database_templates.sqlite(sources, file, stock)
                database = Database(url, pool_size=pool_size, sqlite_synchronous="OFF")
            else:
                server = request.getfixturevalue("postgres_server")
                urls = stack.enter_context(database_templates.postgres(server, sources, stock))
                database = Database(urls.app, system_url=urls.system, pool_size=pool_size)
            stack.callback(database.dispose)
            return share_statements(database, shared_engines)

        yield make


@pytest.fixture
def app_with(
    database_with: Callable[..., Database], installed_modules: ModuleCatalog, signing_keys: KeyRing
) -> Callable[..., Shop]:
    """``shop = app_with("orders")``: a tenant with the module and what it requires, on both databases."""

    def make(*modules: str, catalog: ModuleCatalog | None = None) -> Shop:
        if catalog is not None:  # what the test brings may want to see its tenant made
            return make_shop(database_with(catalog), catalog, modules, keys=signing_keys)
        stock = Stock(modules, lambda empty: make_shop(empty, installed_modules, modules, keys=signing_keys))
        return open_shop(database_with(stock=stock), installed_modules, keys=signing_keys)

    return make
