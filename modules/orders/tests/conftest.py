"""The shop of these tests, alone and with a warehouse beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.testing.shop import Shop
from modules.orders.tests import warehouse
from modules.orders.tests.warehouse import errors, hooks
from modules.orders.tests.warehouse.hooks import Book


@pytest.fixture
def shop(app_with: Callable[..., Shop]) -> Shop:
    """A tenant with orders."""
    return app_with("orders")


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Book:
    """What the warehouse is told in this test."""
    fresh = Book()
    monkeypatch.setattr(hooks, "book", fresh)
    return fresh


@pytest.fixture(scope="session")
def warehouse_catalog(installed_modules: ModuleCatalog) -> ModuleCatalog:
    """The installed modules and a warehouse."""
    parts = {"errors": errors, "hooks": hooks}
    return ModuleCatalog([*installed_modules, InstalledModule(warehouse.module, "0.1.0", warehouse.__name__, parts)])


@pytest.fixture
def depot(app_with: Callable[..., Shop], book: Book, warehouse_catalog: ModuleCatalog) -> Shop:
    """A tenant with orders and a warehouse."""
    return app_with("warehouse", catalog=warehouse_catalog)
