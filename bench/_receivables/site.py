"""The place of the measurements: a PostgreSQL of its own, the three roles, a tenant for each part."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from huikuan.auth.key_files import save_ring
from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.module import migration_sources
from huikuan.kernel import Kernel
from huikuan.runner import Scope
from huikuan.settings import Settings
from huikuan.testing.databases import DatabaseTemplates, PostgresUrls
from huikuan.testing.postgres import PostgresServer

__all__ = ["FULL", "QUICK", "Site", "Size", "open_site"]


@dataclass(frozen=True, slots=True)
class Size:
    """Rows in the database, and how often each thing is measured."""

    instalments: int
    """Open ones, of the book that is aged."""
    customers: int
    agings: int
    """Rounds of agings for each day, product and hand-written in turns."""
    statements: int
    """Customers whose statements are timed."""
    payments: int
    """Payments that are timed, each for 20 instalments."""
    open_items: int
    """Of the tenant whose bank lines are matched."""
    lines: int


FULL = Size(
    instalments=1_000_000,
    customers=5_000,
    agings=5,
    statements=50,
    payments=30,
    open_items=100_000,
    lines=10_000,
)
QUICK = Size(instalments=4_000, customers=20, agings=1, statements=3, payments=2, open_items=400, lines=50)


@dataclass(frozen=True, slots=True)
class Site:
    """What a measurement needs."""

    size: Size
    urls: PostgresUrls
    kernel: Kernel

    def tenant(self, slug: str) -> Scope:
        """A new tenant with receivables and what that requires, and somebody who may do everything in it."""
        given = {"slug": slug, "name": slug, "currency": "EUR", "modules": ["receivables"]}
        result = self.kernel.run(self.kernel.control_scope(), "tenant_create", given)
        assert result.done, result.refusals
        scope = self.kernel.scope(slug)
        key = self.kernel.run(scope, "api_key_create", {"name": "bench", "roles": ["admin"]})
        assert key.done, key.refusals
        return self.kernel.admit(f"Bearer {key.values['secret']}", request_id="bench")


@contextmanager
def open_site(size: Size, server: PostgresServer) -> Iterator[Site]:
    """As in production: the application's role serves, which owns nothing, and row-level security holds for it."""
    sources = migration_sources(ModuleCatalog.discover())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with DatabaseTemplates(folder).postgres(server, sources) as urls:
            save_ring(KeyRing.generate(), folder / "keys.json")
            kernel = Kernel.open(
                Settings(database_url=urls.app, system_database_url=urls.system, keys=str(folder / "keys.json"))
            )
            try:
                yield Site(size, urls, kernel)
            finally:
                kernel.close()
