"""Both databases, for every test that asks for one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from huikuan.db import Database
from huikuan.testing.postgres import PostgresServer, postgres_server
from kernel.tests.db.shop import create_tables, stock

__all__ = ["postgres_server"]


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty database for the module, once of each kind."""
    if request.param == "sqlite":
        path: Path = tmp_path_factory.mktemp("db") / "shop.db"
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"db_{secrets.token_hex(6)}"
    yield server.create_database(name)
    server.drop_database(name)


@pytest.fixture(scope="module")
def database(database_url: str) -> Iterator[Database]:
    """A guarded database with the shop's tables, the rows of two tenants in them."""
    database = Database(database_url, sqlite_synchronous="OFF", system_role="of_no_one")
    create_tables(database)
    stock(database)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def unguarded(database: Database, database_url: str) -> Iterator[Database]:
    """The same database without the guard: shows that a refused statement would have leaked."""
    unguarded = Database(database_url, sqlite_synchronous="OFF", guard=False, system_role="of_no_one")
    yield unguarded
    unguarded.dispose()
