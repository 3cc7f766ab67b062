"""The shops of these tests, and a hand that reaches past every guard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import NullPool, create_engine, text

from huikuan.catalog import ModuleCatalog
from huikuan.testing.shop import Shop, need

Corrupt = Callable[..., None]


@pytest.fixture
def shop(app_with: Callable[..., Shop]) -> Shop:
    """A tenant with receivables and nothing but what it requires, and a customer ``C``."""
    found = app_with("receivables")
    found.customers.create("C")
    return found


@pytest.fixture
def trade(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    """A tenant with receivables and orders, and a customer ``C``."""
    need(installed_modules, "orders")
    found = app_with("receivables", "orders")
    found.customers.create("C")
    return found


@pytest.fixture
def corrupt(request: pytest.FixtureRequest) -> Corrupt:
    """``corrupt(shop, "UPDATE …")``: past the session's guard, and on PostgreSQL as superuser."""

    def run(shop: Shop, *statements: str) -> None:
        url = shop.kernel.database.engine.url.render_as_string(hide_password=False)
        if shop.dialect != "sqlite":
            name = shop.kernel.database.engine.url.database
            url = request.getfixturevalue("postgres_server").url(name)
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            for statement in statements:
                assert connection.execute(text(statement)).rowcount > 0
        engine.dispose()

    return run
