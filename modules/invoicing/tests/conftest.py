"""The shop of these tests, alone and with a clerk beside it; and a hand that reaches past every guard."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.testing.shop import Shop
from modules.invoicing.tests import clerk
from modules.invoicing.tests.clerk import errors, hooks
from modules.invoicing.tests.clerk.hooks import Book


@pytest.fixture
def shop(app_with: Callable[..., Shop]) -> Shop:
    """A tenant with invoicing and nothing but what it requires."""
    return app_with("invoicing")


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Book:
    """What the clerk is told in this test."""
    fresh = Book()
    monkeypatch.setattr(hooks, "book", fresh)
    return fresh


@pytest.fixture(scope="session")
def office_catalog(installed_modules: ModuleCatalog) -> ModuleCatalog:
    """The installed modules and a clerk."""
    parts = {"errors": errors, "hooks": hooks}
    return ModuleCatalog([*installed_modules, InstalledModule(clerk.module, "0.1.0", clerk.__name__, parts)])


@pytest.fixture
def office(app_with: Callable[..., Shop], book: Book, office_catalog: ModuleCatalog) -> Shop:
    """A tenant with invoicing and a clerk."""
    return app_with("clerk", catalog=office_catalog)
