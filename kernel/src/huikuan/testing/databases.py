"""Databases at the head of their migrations: upgraded once for each set of modules, then copied."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from huikuan.db import Database
from huikuan.db.migrate import MigrationSource, upgrade
from huikuan.db.roles import DEFAULT_ROLES, Roles, init_roles
from huikuan.testing.postgres import PostgresServer

__all__ = ["DatabaseTemplates", "PostgresUrls", "database_templates", "share_statements"]

_Key = frozenset[tuple[str, Path]]


@dataclass(frozen=True, slots=True)
class PostgresUrls:
    """One PostgreSQL database, as seen by its superuser and by the three roles."""

    name: str
    admin: str
    owner: str
    app: str
    system: str


class DatabaseTemplates:
    """Makes databases for tests; keep one for the whole session."""

    def __init__(self, directory: Path, roles: Roles = DEFAULT_ROLES) -> None:
        self._directory = directory
        self._roles = roles
        self._sqlite: dict[_Key, Path] = {}
        self._postgres: dict[tuple[int, _Key], str] = {}

    def sqlite(self, sources: Sequence[MigrationSource], file: Path) -> str:
        """Make `file` a database with the tables of `sources`; return its URL."""
        key = _key(sources)
        if key not in self._sqlite:
            template = self._directory / f"template-{len(self._sqlite)}.db"
            upgrade(f"sqlite:///{template}", sources)
            self._sqlite[key] = template
        shutil.copyfile(self._sqlite[key], file)
        return f"sqlite:///{file}"

    @contextmanager
    def postgres(self, server: PostgresServer, sources: Sequence[MigrationSource]) -> Iterator[PostgresUrls]:
        """A database of its own with the tables of `sources` and the three roles; dropped at the end."""
        key = (id(server), _key(sources))
        if key not in self._postgres:
            self._postgres[key] = self._postgres_template(server, sources)
        name = f"test_{secrets.token_hex(6)}"
        server.create_database(name, self._postgres[key])
        try:
            yield self._urls(server, name)
        finally:
            server.drop_database(name)

    def _postgres_template(self, server: PostgresServer, sources: Sequence[MigrationSource]) -> str:
        name = f"template_{secrets.token_hex(6)}"
        server.create_database(name)
        urls = self._urls(server, name)
        word = server.password
        init_roles(urls.admin, self._roles, owner_password=word, app_password=word, system_password=word)
        upgrade(urls.owner, sources, roles=self._roles)
        return name

    def _urls(self, server: PostgresServer, name: str) -> PostgresUrls:
        roles = (self._roles.owner, self._roles.app, self._roles.system)
        owner, app, system = (server.url(name, user=role) for role in roles)
        return PostgresUrls(name, server.url(name), owner, app, system)


def share_statements(database: Database, engines: dict[str, Engine]) -> Database:
    """Let databases of one kind share what SQLAlchemy compiled: most of what a test does was compiled by another one.

    ``engines``: the first engine of each kind; its dialect is the key under which compiled statements are found.
    """
    engine = database.engine
    first = engines.setdefault(engine.dialect.name, engine)
    if engine is not first:
        engine.dialect = first.dialect
        engine._compiled_cache = first._compiled_cache
    return database


def _key(sources: Sequence[MigrationSource]) -> _Key:
    return frozenset((source.module, source.directory) for source in sources)


@pytest.fixture(scope="session")
def database_templates(tmp_path_factory: pytest.TempPathFactory) -> DatabaseTemplates:
    """Templates shared by all tests of a worker."""
    return DatabaseTemplates(tmp_path_factory.mktemp("templates"))
