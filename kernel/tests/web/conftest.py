"""A tenant with an administrator, served over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from huikuan.catalog import ModuleCatalog
from huikuan.db import Database
from huikuan.db.migrate import MigrationSource
from huikuan.kernel import Kernel
from huikuan.settings import Settings
from huikuan.testing.databases import DatabaseTemplates, share_statements
from huikuan.web.app import create_app
from kernel.tests.web.servers import Served, serving

__all__ = ["EMAIL", "PASSWORD"]

NO_MODULES = ModuleCatalog([])
EMAIL, PASSWORD = "boss@acme.example", "correct horse battery staple"


class Site:
    """A served kernel, and how to sign in to it."""

    def __init__(self, kernel: Kernel, served: Served) -> None:
        self.kernel = kernel
        self.served = served
        self.url = served.url

    def post(self, query: str, *, token: str | None = None, **headers: str) -> httpx.Response:
        """One GraphQL request."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return httpx.post(f"{self.url}/graphql", json={"query": query}, headers=headers, timeout=20)

    def sign_in(self) -> str:
        """An access token of the administrator."""
        mutation = f'mutation {{ login(email: "{EMAIL}", password: "{PASSWORD}") {{ tokens {{ accessToken }} }} }}'
        answer = self.post(mutation).json()
        token: str = answer["data"]["login"]["tokens"]["accessToken"]
        return token


def make_tenant(kernel: Kernel) -> None:
    """The tenant acme with one administrator."""
    arguments = {"slug": "acme", "name": "Acme", "modules": [], "admin_email": EMAIL, "admin_password": PASSWORD}
    assert kernel.run(kernel.control_scope(), "tenant_create", arguments).done


def sources() -> list[MigrationSource]:
    """The kernel's own tables."""
    from_here = Path(__file__).parents[2] / "src" / "huikuan" / "migrations" / "versions"
    return [MigrationSource("kernel", from_here, ())]


@pytest.fixture
def serve(
    tmp_path: Path, database_templates: DatabaseTemplates, shared_engines: dict[str, Engine]
) -> Iterator[Callable[..., Site]]:
    """Serve a kernel without modules on a new SQLite file, with the settings of the test."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Site:
            url = database_templates.sqlite(sources(), tmp_path / "shop.db")
            chosen = Settings(database_url=url, **settings)
            database = share_statements(
                Database(url, pool_size=chosen.pool_size, sqlite_synchronous="OFF"), shared_engines
            )
            kernel = Kernel(database, NO_MODULES, chosen.key_source(), settings=chosen)
            stack.callback(kernel.close)
            make_tenant(kernel)
            return Site(kernel, stack.enter_context(serving(create_app(kernel), chosen)))

        yield start


@pytest.fixture
def site(serve: Callable[..., Site]) -> Site:
    """A server with the settings of production."""
    return serve()
