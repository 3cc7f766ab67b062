"""The shops of these tests: contracts alone, with a cashier beside them, and a hand that reaches past every guard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import NullPool, create_engine, text

from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.testing.shop import Shop
from modules.contracts.tests import cashier
from modules.contracts.tests.cashier import hooks
from modules.contracts.tests.cashier.hooks import Book

Corrupt = Callable[..., None]


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


@pytest.fixture
def corrupt(request: pytest.FixtureRequest) -> Corrupt:
    """``corrupt(shop, "UPDATE …")``: past the session's guard, and on PostgreSQL as superuser."""

    def run(shop: Shop, statement: str) -> None:
        url = shop.kernel.database.engine.url.render_as_string(hide_password=False)
        if shop.dialect != "sqlite":
            name = shop.kernel.database.engine.url.database
            url = request.getfixturevalue("postgres_server").url(name)
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            assert connection.execute(text(statement)).rowcount > 0
        engine.dispose()

    return run
