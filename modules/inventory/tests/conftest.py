"""The shops of these tests: inventory alone, and with orders beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.testing.shop import Shop, need
from modules.inventory.tests import gate
from modules.inventory.tests.gate import errors, hooks
from modules.inventory.tests.gate.hooks import Book


@pytest.fixture
def store(app_with: Callable[..., Shop]) -> Shop:
    """A tenant with inventory and no orders."""
    return app_with("inventory")


@pytest.fixture
def shop(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    """A tenant with inventory and orders."""
    need(installed_modules, "orders")
    return app_with("inventory", "orders")


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Book:
    """What the gate is told in this test, and what it says."""
    fresh = Book()
    monkeypatch.setattr(hooks, "book", fresh)
    return fresh


@pytest.fixture(scope="session")
def gate_catalog(installed_modules: ModuleCatalog) -> ModuleCatalog:
    """The installed modules and a gate."""
    parts = {"errors": errors, "hooks": hooks}
    return ModuleCatalog([*installed_modules, InstalledModule(gate.module, "0.1.0", gate.__name__, parts)])


@pytest.fixture
def gated(app_with: Callable[..., Shop], book: Book, gate_catalog: ModuleCatalog) -> Shop:
    """A tenant with inventory and a gate at its door, without orders."""
    return app_with("gate", catalog=gate_catalog)
