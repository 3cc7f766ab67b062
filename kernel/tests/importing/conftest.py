"""Fixtures of the import tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernel.tests.importing.shop import Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.close()
