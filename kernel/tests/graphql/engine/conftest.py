"""A kernel with a module that has a column of every type, on both databases."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from huikuan.auth.keys import KeyRing
from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.db import Base, Database
from huikuan.manifest import Module
from huikuan.testing.shop import Shop, make_shop
from kernel.tests.graphql.engine.lab import models, types

MANIFEST = Module(name="lab", title="Laboratory", nouns=("sample", "knot"), permissions={"lab.read": "Read"})
LAB = InstalledModule(MANIFEST, "1.0.0", "kernel.tests.graphql.engine.lab", {"models": models, "types": types})


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def lab(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, signing_keys: KeyRing
) -> Iterator[Shop]:
    """The laboratory of one file of tests, which add rows and leave those of others alone."""
    if request.param == "sqlite":
        yield from _lab(f"sqlite:///{tmp_path_factory.mktemp('lab') / 'lab.db'}", signing_keys)
        return
    server = request.getfixturevalue("postgres_server")
    name = f"lab_{secrets.token_hex(6)}"
    yield from _lab(server.create_database(name), signing_keys)
    server.drop_database(name)


def _lab(url: str, keys: KeyRing) -> Iterator[Shop]:
    database = Database(url, sqlite_synchronous="OFF", pool_size=3)
    kernel_tables = [table for table in Base.metadata.tables.values() if table.name.startswith("kernel_")]
    Base.metadata.create_all(database.engine, tables=kernel_tables)
    models.LabModel.metadata.create_all(database.engine)
    yield make_shop(database, ModuleCatalog([LAB]), ("lab",), keys=keys)
    database.dispose()
