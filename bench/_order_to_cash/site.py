"""The place of the measurements: a durable PostgreSQL, the three roles, a tenant with every module."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from huikuan.auth.key_files import save_ring
from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.module import migration_sources
from huikuan.ids import new_id
from huikuan.kernel import Kernel
from huikuan.runner import Scope
from huikuan.settings import Settings
from huikuan.testing.databases import DatabaseTemplates, PostgresUrls
from huikuan.testing.postgres import PostgresServer

__all__ = ["FULL", "LINES", "PRICE", "QUICK", "Site", "Size", "open_kernel", "open_site"]

LINES = 10
PRICE = Decimal("12.50")
MODULES = ["contracts", "credit", "inventory", "invoicing", "orders", "receivables"]
PLENTY = Decimal(900_000)


@dataclass(frozen=True, slots=True)
class Size:
    """How often each thing is done, and how many orders lie in the tables."""

    warm_up: int
    orders: int
    """Orders that go the whole way while it is timed."""
    confirms: int
    """Confirmations that are timed at each size of the tables."""
    small: int
    large: int
    each_worker: int
    """Orders of each of the four workers."""


FULL = Size(warm_up=10, orders=100, confirms=60, small=10_000, large=1_000_000, each_worker=25)
QUICK = Size(warm_up=1, orders=2, confirms=2, small=20, large=40, each_worker=1)


@dataclass(frozen=True, slots=True)
class Site:
    """What a measurement needs."""

    size: Size
    urls: PostgresUrls
    keys: Path
    kernel: Kernel

    def tenant(self, slug: str, *customers: str) -> str:
        """A new tenant with goods, these customers, each with a limit; the key of who may do everything in it."""
        given = {"slug": slug, "name": slug, "currency": "EUR", "modules": MODULES}
        made = self.kernel.run(self.kernel.control_scope(), "tenant_create", given)
        assert made.done, made.refusals
        made = self.kernel.run(self.kernel.scope(slug), "api_key_create", {"name": "bench", "roles": ["admin"]})
        assert made.done, made.refusals
        authorization = f"Bearer {made.values['secret']}"
        scope = self.kernel.admit(authorization, request_id="bench")
        self._goods(scope)
        for code in customers:
            self.customer(scope, code, str(PLENTY))
        return authorization

    def customer(self, scope: Scope, code: str, limit: str) -> None:
        """A customer who may owe so much."""
        self.run(scope, "customer_create", input={"code": code, "name": code, "currency": "EUR"})
        amount = {"amount": limit, "currency": "EUR"}
        self.run(scope, "credit_limit_set", customer={"code": code}, amount=amount, reason="bench")

    def run(self, scope: Scope, command: str, /, **arguments: object) -> dict[str, object]:
        """A command that must pass."""
        result = self.kernel.run(scope, command, arguments, key=new_id().hex)
        assert result.done, result.refusals
        return dict(result.values)

    def _goods(self, scope: Scope) -> None:
        self.run(scope, "warehouse_create", code="MAIN", name="Main")
        self.run(scope, "tax_rate_create", code="VAT", name="VAT", percent=Decimal(20))
        for place in range(LINES):
            self.run(scope, "product_create", sku=f"P-{place}", name=f"Product {place}", tax_rate={"code": "VAT"})
            product = {"sku": f"P-{place}"}
            self.run(scope, "price_set", product=product, currency="EUR", unit_price=PRICE)
            self.run(scope, "stock_receive", warehouse={"code": "MAIN"}, product=product, quantity=PLENTY)


def open_kernel(urls: PostgresUrls, keys: Path) -> Kernel:
    """As in production: the application's role serves, which owns nothing, and row-level security holds for it."""
    return Kernel.open(Settings(database_url=urls.app, system_database_url=urls.system, keys=str(keys)))


@contextmanager
def open_site(size: Size, server: PostgresServer) -> Iterator[Site]:
    """A database of its own on this server."""
    sources = migration_sources(ModuleCatalog.discover())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keys = folder / "keys.json"
        with DatabaseTemplates(folder).postgres(server, sources) as urls:
            save_ring(KeyRing.generate(), keys)
            kernel = open_kernel(urls, keys)
            try:
                yield Site(size, urls, keys, kernel)
            finally:
                kernel.close()
