"""A kernel with a module that has a column of every type, on both databases."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from huikuan.auth.keys import KeyRing
from huikuan.composition import Composition, compose
from huikuan.db import Base, Database
from huikuan.testing.shop import Shop, make_shop
from kernel.tests.graphql.engine.lab.catalog import CATALOG
from kernel.tests.graphql.engine.lab.models import LabModel


@pytest.fixture(params=["sqlite", "postgresql"], scope="session")
def laboratory(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, signing_keys: KeyRing
) -> Iterator[Shop]:
    """A kernel on each database, shared: who needs rows of their own brings a tenant."""
    if request.param == "sqlite":
        yield from _open(f"sqlite:///{tmp_path_factory.mktemp('lab') / 'lab.db'}", signing_keys)
        return
    server = request.getfixturevalue("postgres_server")
    name = f"lab_{secrets.token_hex(6)}"
    yield from _open(server.create_database(name), signing_keys)
    server.drop_database(name)


def _open(url: str, keys: KeyRing) -> Iterator[Shop]:
    database = Database(url, sqlite_synchronous="OFF", pool_size=3)
    kernel_tables = [table for table in Base.metadata.tables.values() if table.name.startswith("kernel_")]
    Base.metadata.create_all(database.engine, tables=kernel_tables)
    LabModel.metadata.create_all(database.engine)
    yield make_shop(database, CATALOG, ("lab",), keys=keys)
    database.dispose()


@pytest.fixture(scope="module")
def lab(laboratory: Shop) -> Shop:
    """A tenant for one file of tests, which add rows and leave those of others alone."""
    return laboratory.other_tenant("lab", slug=f"lab-{secrets.token_hex(4)}")


@pytest.fixture(scope="session")
def composition() -> Composition:
    """The module put together, without a database."""
    return compose(CATALOG, {"lab"})
