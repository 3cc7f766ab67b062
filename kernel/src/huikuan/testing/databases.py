"""Databases at the head of their migrations: made once for each set of modules, then copied."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from huikuan.db import Database, plans
from huikuan.db.migrate import MigrationSource, upgrade
from huikuan.db.roles import DEFAULT_ROLES, Roles, init_roles
from huikuan.testing.postgres import PostgresServer

__all__ = ["DatabaseTemplates", "PostgresUrls", "Stock", "database_templates", "share_statements"]

_Key = frozenset[tuple[str, Path]]


@dataclass(frozen=True, slots=True)
class PostgresUrls:
    """One PostgreSQL database, as seen by its superuser and by the three roles."""

    name: str
    admin: str
    owner: str
    app: str
    system: str


@dataclass(frozen=True, slots=True)
class Stock:
    """What stands in a database from the start: made once for each ``name``, then copied with the tables."""

    name: Hashable
    put_into: Callable[[Database], object]


class DatabaseTemplates:
    """Makes databases for tests; keep one for the whole session."""

    def __init__(self, directory: Path, roles: Roles = DEFAULT_ROLES) -> None:
        self._directory = directory
        self._roles = roles
        self._sqlite: dict[tuple[_Key, Hashable], Path] = {}
        self._postgres: dict[tuple[int, _Key, Hashable], str] = {}

    def sqlite(self, sources: Sequence[MigrationSource], file: Path, stock: Stock | None = None) -> str:
        """Make `file` a database with the tables of `sources`; return its URL."""
        shutil.copyfile(self._sqlite_template(sources, stock), file)
        return f"sqlite:///{file}"

    @contextmanager
    def postgres(
        self, server: PostgresServer, sources: Sequence[MigrationSource], stock: Stock | None = None
    ) -> Iterator[PostgresUrls]:
        """A database of its own with the tables of `sources` and the three roles; dropped at the end."""
        template = self._postgres_template(server, sources, stock)
        name = f"test_{secrets.token_hex(6)}"
        server.create_database(name, template)
        try:
            yield self._urls(server, name)
        finally:
            server.drop_database(name)

    def _sqlite_template(self, sources: Sequence[MigrationSource], stock: Stock | None) -> Path:
        key = (_key(sources), stock and stock.name)
        if key not in self._sqlite:
            file = self._directory / f"template-{secrets.token_hex(6)}.db"
            if stock is None:
                upgrade(f"sqlite:///{file}", sources)
            else:
                shutil.copyfile(self._sqlite_template(sources, None), file)
                _put(stock, Database(f"sqlite:///{file}", sqlite_synchronous="OFF"))
            self._sqlite[key] = file
        return self._sqlite[key]

    def _postgres_template(
        self, server: PostgresServer, sources: Sequence[MigrationSource], stock: Stock | None
    ) -> str:
        key = (id(server), _key(sources), stock and stock.name)
        if key not in self._postgres:
            name = f"template_{secrets.token_hex(6)}"
            urls = self._urls(server, name)
            if stock is None:
                server.create_database(name)
                word = server.password
                init_roles(urls.admin, self._roles, owner_password=word, app_password=word, system_password=word)
                upgrade(urls.owner, sources, roles=self._roles)
            else:
                server.create_database(name, self._postgres_template(server, sources, None))
                _put(stock, Database(urls.app, system_url=urls.system))
            self._postgres[key] = name
        return self._postgres[key]

    def _urls(self, server: PostgresServer, name: str) -> PostgresUrls:
        roles = (self._roles.owner, self._roles.app, self._roles.system)
        owner, app, system = (server.url(name, user=role) for role in roles)
        return PostgresUrls(name, server.url(name), owner, app, system)


def share_statements(database: Database, engines: dict[str, Engine]) -> Database:
    """Let databases of one kind share what SQLAlchemy compiled and the kernel planned.

    Most of what a test does was done by another one. ``engines``: the first engine of each kind; its dialect is the
    key under which compiled statements are found.
    """
    _share(database.engine, engines, database.dialect)
    if database._system is not database.engine:
        _share(database._system, engines, f"{database.dialect}, across tenants")
    return database


def _share(engine: Engine, engines: dict[str, Engine], kind: str) -> None:
    first = engines.setdefault(kind, engine)
    if engine is not first:
        engine.dialect = first.dialect
        engine._compiled_cache = first._compiled_cache
        plans._PLANS[engine] = plans.plans_of(first)


def _put(stock: Stock, database: Database) -> None:
    try:
        stock.put_into(database)
    finally:
        database.dispose()


def _key(sources: Sequence[MigrationSource]) -> _Key:
    return frozenset((source.module, source.directory) for source in sources)


@pytest.fixture(scope="session")
def database_templates(tmp_path_factory: pytest.TempPathFactory) -> DatabaseTemplates:
    """Templates shared by all tests of a worker."""
    return DatabaseTemplates(tmp_path_factory.mktemp("templates"))
