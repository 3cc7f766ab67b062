"""A kernel with a small module on both databases, two tenants in it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from huikuan.auth.keys import KeyRing
from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.db import Base, Database
from huikuan.manifest import Module
from huikuan.testing.shop import Shop, make_shop
from kernel.tests.graphql.pace import types as pace_types
from kernel.tests.graphql.shop import commands, errors, graphql, models, types

PERMISSIONS = {
    "shop.read": "Read",
    "shop.ship": "Read shipments",
    "shop.write": "Write",
    "shop.secret": "Read secrets",
    "shop.release": "Release",
}
MANIFEST = Module(name="shop", title="Shop", nouns=("order", "customer", "note"), permissions=PERMISSIONS)
PARTS = {"errors": errors, "models": models, "commands": commands, "types": types, "graphql": graphql}
PACE_MANIFEST = Module(name="pace", title="Pace", requires=("shop",), permissions={"pace.read": "Read"})
SHOP = InstalledModule(MANIFEST, "1.2.3", "kernel.tests.graphql.shop", PARTS)

PACE = InstalledModule(PACE_MANIFEST, "3.2.1", "kernel.tests.graphql.pace", {"types": pace_types})
"""A module that adds fields to the first one's outputs; the tests that want it bring a tenant."""


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, signing_keys: KeyRing
) -> Iterator[Shop]:
    """The shop of the module's tests; they add rows and leave those of others alone."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('graphql') / 'shop.db'}"
        yield from _shop(url, signing_keys)
        return
    server = request.getfixturevalue("postgres_server")
    name = f"graphql_{secrets.token_hex(6)}"
    yield from _shop(server.create_database(name), signing_keys)
    server.drop_database(name)


def _shop(url: str, keys: KeyRing) -> Iterator[Shop]:
    database = Database(url, sqlite_synchronous="OFF", pool_size=3)
    kernel_tables = [table for table in Base.metadata.tables.values() if table.name.startswith("kernel_")]
    Base.metadata.create_all(database.engine, tables=kernel_tables)
    models.ShopModel.metadata.create_all(database.engine)
    yield make_shop(database, ModuleCatalog([SHOP, PACE]), ("shop",), keys=keys)
    database.dispose()
