"""The core's tests run on modules of their own, on both databases."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import structlog

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.testing.databases import DatabaseTemplates
from huikuan.testing.plugin import (
    database_templates,
    database_with,
    installed_modules,
    postgres_server,
    signing_keys,
)
from huikuan.testing.postgres import PostgresServer
from huikuan.testing.shop import Shop, make_shop
from huikuan_label.behaviour import BEHAVIOUR
from kernel.tests.core.kit import catalog_of

__all__ = ["database_templates", "database_with", "installed_modules", "postgres_server", "signing_keys"]


@pytest.fixture(autouse=True, scope="session")
def _quiet_log() -> Iterator[None]:
    """What these tests break on purpose fills no screen: pretty tracebacks of deep recursions take seconds."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()], cache_logger_on_first_use=False)
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def modules() -> ModuleCatalog:
    """shelf, label which requires it, and tag, to which label has a bridge."""
    return catalog_of("huikuan_shelf", "huikuan_label", "huikuan_tag")


@pytest.fixture
def behaviour(modules: ModuleCatalog) -> Iterator[dict[str, Callable[..., object]]]:
    """What label's hooks do in this test, by the hook's name."""
    BEHAVIOUR.clear()
    yield BEHAVIOUR
    BEHAVIOUR.clear()


@pytest.fixture
def open_shop(
    modules: ModuleCatalog, database_with: Callable[..., Database], signing_keys: KeyRing
) -> Callable[..., Shop]:
    """``open_shop("shelf", pool_size=20)``: a tenant alone on a database of its own."""

    def make(*names: str, pool_size: int = 5) -> Shop:
        return make_shop(database_with(modules, pool_size=pool_size), modules, names, keys=signing_keys)

    return make


@pytest.fixture(params=["sqlite", "postgresql"], scope="session")
def street(
    request: pytest.FixtureRequest,
    modules: ModuleCatalog,
    database_templates: DatabaseTemplates,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Database]:
    """A database that the tests share; each has a tenant of its own there."""
    sources = migration_sources(modules)
    with ExitStack() as stack:
        if request.param == "sqlite":
            file = tmp_path_factory.mktemp("street") / "street.db"
            database = Database(database_templates.sqlite(sources, file), pool_size=20, sqlite_synchronous="OFF")
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            urls = stack.enter_context(database_templates.postgres(server, sources))
            database = Database(urls.app, system_url=urls.system, pool_size=20)
        stack.callback(database.dispose)
        yield database


@pytest.fixture
def shop(street: Database, modules: ModuleCatalog, signing_keys: KeyRing, behaviour: object) -> Shop:
    """A tenant with shelf and label, on SQLite and on PostgreSQL."""
    return make_shop(street, modules, ("shelf", "label"), keys=signing_keys, slug=f"s-{secrets.token_hex(6)}")
