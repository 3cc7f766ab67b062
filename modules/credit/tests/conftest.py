"""The shops of these tests: credit alone, with orders, and with all that ships and invoices them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.testing.shop import Shop, need
from modules.credit.tests import bureau
from modules.credit.tests.bureau import hooks
from modules.credit.tests.bureau.hooks import Book


@pytest.fixture
def desk(app_with: Callable[..., Shop]) -> Shop:
    """A tenant with credit and nothing but what it requires."""
    return app_with("credit")


@pytest.fixture
def shop(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    """A tenant with credit and orders."""
    need(installed_modules, "orders")
    found = app_with("credit", "orders")
    found.customers.create("C-1", currency="EUR")
    return found


@pytest.fixture
def chain(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    """A tenant with credit, orders, inventory and invoicing."""
    need(installed_modules, "orders", "inventory", "invoicing")
    found = app_with("credit", "orders", "inventory", "invoicing")
    found.customers.create("C-1", currency="EUR")
    return found


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Book:
    """What the bureau knows in this test."""
    fresh = Book()
    monkeypatch.setattr(hooks, "book", fresh)
    return fresh


@pytest.fixture(scope="session")
def bureau_catalog(installed_modules: ModuleCatalog) -> ModuleCatalog:
    """The installed modules and a bureau."""
    found = InstalledModule(bureau.module, "0.1.0", bureau.__name__, {"hooks": hooks})
    return ModuleCatalog([*installed_modules, found])


@pytest.fixture
def informed(app_with: Callable[..., Shop], book: Book, bureau_catalog: ModuleCatalog) -> Shop:
    """A tenant with credit, orders and a bureau."""
    need(bureau_catalog, "orders")
    shop = app_with("bureau", "orders", catalog=bureau_catalog)
    shop.customers.create("C-1", currency="EUR")
    return shop
