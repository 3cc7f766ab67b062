"""The place of the measurements: a PostgreSQL of its own, the three roles, two tenants with orders."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bench._graphql.data import analyse, customers_of, fill_lines, fill_orders, products_of
from bench._graphql.sizes import Size
from huikuan.auth.key_files import save_ring
from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.module import migration_sources
from huikuan.kernel import Kernel
from huikuan.runner import Scope
from huikuan.settings import Settings
from huikuan.testing.databases import DatabaseTemplates, PostgresUrls
from huikuan.testing.postgres import PostgresServer

__all__ = ["PRODUCTS", "Site", "Tenant", "open_site"]

PRODUCTS = 50


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant, and the API key of somebody who may read everything in it."""

    id: UUID
    slug: str
    secret: str


@dataclass(frozen=True, slots=True)
class Site:
    """What a measurement needs. ``few`` has orders with lines, ``many`` has very many without."""

    size: Size
    folder: Path
    urls: PostgresUrls
    settings: Settings
    kernel: Kernel
    few: Tenant
    many: Tenant

    def scope(self, tenant: Tenant) -> Scope:
        """As the server makes it from the API key, with the rights of its roles."""
        return self.kernel.admit(f"Bearer {tenant.secret}", request_id="bench")


@contextmanager
def open_site(size: Size, server: PostgresServer | None = None) -> Iterator[Site]:
    """Set everything up on ``server``, or on one that is started for it and gone afterwards."""
    if server is None:
        with PostgresServer() as own, open_site(size, own) as site:
            yield site
        return
    sources = migration_sources(ModuleCatalog.discover())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with DatabaseTemplates(folder).postgres(server, sources) as urls:
            settings = _settings(urls, folder)
            kernel = Kernel.open(settings)
            try:
                few, many = (_tenant(kernel, urls, slug, size) for slug in ("few", "many"))
                analyse(urls.admin)
                yield Site(size, folder, urls, settings, kernel, few, many)
            finally:
                kernel.close()


def _settings(urls: PostgresUrls, folder: Path) -> Settings:
    """As in production: the application's role serves, and row-level security holds for it."""
    save_ring(KeyRing.generate(), folder / "keys.json")
    return Settings(
        database_url=urls.app, system_database_url=urls.system, keys=str(folder / "keys.json"), port=0, workers=1
    )


def _tenant(kernel: Kernel, urls: PostgresUrls, slug: str, size: Size) -> Tenant:
    modules = sorted(kernel.catalog.names)
    arguments = {"slug": slug, "name": slug, "currency": "EUR", "modules": modules}
    result = kernel.run(kernel.control_scope(), "tenant_create", arguments)
    assert result.done, result.refusals
    scope = kernel.scope(slug)
    customers = customers_of(kernel, scope, size.customers)
    if slug == "few":
        fill_orders(urls.admin, scope.tenant.id, customers, size.orders)
        fill_lines(urls.admin, scope.tenant.id, products_of(kernel, scope, PRODUCTS), size.orders)
    else:
        fill_orders(urls.admin, scope.tenant.id, customers, size.many)
    key = kernel.run(scope, "api_key_create", {"name": "bench", "roles": ["admin"]})
    assert key.done, key.refusals
    return Tenant(scope.tenant.id, slug, str(key.values["secret"]))
