"""The shops of these tests, and a hand that reaches past every guard."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huikuan.catalog import ModuleCatalog
from huikuan.testing.shop import Shop, need


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
