"""A hand that reaches past every guard: what tests of invariants damage rows with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import NullPool, create_engine, text

from huikuan.testing.shop import Shop

__all__ = ["Corrupt", "corrupt"]

Corrupt = Callable[..., None]


@pytest.fixture
def corrupt(request: pytest.FixtureRequest) -> Corrupt:
    """``corrupt(shop, "UPDATE …", …)``: past the session's guard, and on PostgreSQL as superuser.

    Each statement has to change a row, all of them stand in one transaction.
    """

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
