"""The shops of these tests: contracts alone, with a cashier beside them, and a hand that reaches past every guard."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.testing.shop import Shop
from modules.contracts.tests import cashier
from modules.contracts.tests.cashier import hooks
from modules.contracts.tests.cashier.hooks import Book


@pytest.fixture
def shop(app_with: Callable[..., Shop]) -> Shop:
    """A tenant with contracts and nothing but what they require."""
    return app_with("contracts")


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Book:
    """What the cashier knows in this test."""
    fresh = Book()
    monkeypatch.setattr(hooks, "book", fresh)
    return fresh


@pytest.fixture
def cashier_catalog(installed_modules: ModuleCatalog) -> ModuleCatalog:
    """The installed modules and a cashier."""
    return ModuleCatalog(
        [*installed_modules, InstalledModule(cashier.module, "0.1.0", cashier.__name__, {"hooks": hooks})]
    )


@pytest.fixture
def office(app_with: Callable[..., Shop], book: Book, cashier_catalog: ModuleCatalog) -> Shop:
    """A tenant with contracts and a cashier."""
    return app_with("cashier", catalog=cashier_catalog)
