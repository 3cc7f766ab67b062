"""Fixtures of the tests of the whole product."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import structlog

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.testing.databases import DatabaseTemplates
from tests.reliability.partner import acme_fault, behaviour_of_acme_fault
from tests.reliability.served import Server, Site, open_site, serve


@pytest.fixture(scope="session")
def with_partner(installed_modules: ModuleCatalog, tmp_path_factory: pytest.TempPathFactory) -> ModuleCatalog:
    """The installed modules, and the third-party module acme_fault."""
    return acme_fault(tmp_path_factory.mktemp("partner"), installed_modules)


@pytest.fixture(params=["sqlite", "postgresql"], scope="session")
def server(
    request: pytest.FixtureRequest,
    database_templates: DatabaseTemplates,
    with_partner: ModuleCatalog,
    signing_keys: KeyRing,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """A server with every module and acme_fault, on SQLite and on PostgreSQL; shared, so tests bring tenants."""
    sources = migration_sources(with_partner)
    with ExitStack() as stack:
        if request.param == "sqlite":
            file = tmp_path_factory.mktemp("served") / "served.db"
            database = Database(database_templates.sqlite(sources, file))
        else:
            urls = stack.enter_context(database_templates.postgres(request.getfixturevalue("postgres_server"), sources))
            database = Database(urls.app, system_url=urls.system)
        stack.callback(database.dispose)
        yield stack.enter_context(serve(database, with_partner, signing_keys))


@pytest.fixture
def site(server: Server) -> Iterator[Site]:
    """Tenants of this test's own, on both databases."""
    with open_site(server) as found:
        yield found


@pytest.fixture
def behaviour(with_partner: ModuleCatalog) -> Iterator[dict[str, Callable[..., Any]]]:
    """What acme_fault does in this test, by the name of its hook; by default nothing."""
    found = behaviour_of_acme_fault()
    found.clear()
    yield found
    found.clear()


@pytest.fixture
def quiet_log() -> Iterator[None]:
    """What is broken on purpose fills no screen: pretty tracebacks of deep recursions take seconds."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()], cache_logger_on_first_use=False)
    yield
    structlog.reset_defaults()
