"""An installation as docs/production.md describes it: PostgreSQL on a disk, server processes, a worker, a tenant."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from huikuan.auth.key_files import save_ring
from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.core.module import migration_sources
from huikuan.db import Database
from huikuan.kernel import Kernel
from huikuan.testing.databases import DatabaseTemplates, PostgresUrls
from huikuan.testing.postgres import PostgresServer
from tests.chaos.load import Task
from tests.chaos.supervised import Supervised, supervised
from tests.reliability.served import Server, Site, open_site

__all__ = ["Plant", "open_plant"]

HUIKUAN = [sys.executable, "-m", "huikuan.cli"]
POOL = 6
START_SECONDS = 180
ORDERS = ("customers", "orders", "products")
"""What orders need: with more, the machine is too slow for the promised load."""
MONEY = (*ORDERS, "invoicing", "receivables")
"""What payments need besides."""


@dataclass
class Plant:
    """A database of its own with a tenant in it, and what processes need to serve it."""

    postgres: PostgresServer
    urls: PostgresUrls
    site: Site
    environment: dict[str, str]
    folder: Path
    pays: bool

    @contextmanager
    def serving(self, processes: int) -> Iterator[Supervised]:
        """So many server processes, and a worker beside them, whatever happens to them."""
        serve = [*HUIKUAN, "serve", "--workers", str(processes)]
        with (
            supervised(serve, self.environment, self.folder / "serve.log") as server,
            supervised([*HUIKUAN, "worker"], self.environment, self.folder / "worker.log"),
        ):
            _wait_until_ready(self.site.url)
            yield server

    def task(self, writers: int) -> Task:
        """What the load is told to do."""
        scheme, _, token = self.site.caller().http.headers["authorization"].partition(" ")
        assert scheme == "Bearer"
        return Task(int(self.environment["HUIKUAN_PORT"]), token, str(self.folder / "journal"), writers, self.pays)

    def most_sessions(self, processes: int) -> int:
        """As many as docs/production.md allows: of each server process, and of the worker."""
        return processes * (POOL + 5) + 2 + 5


@contextmanager
def open_plant(
    binaries: Path, catalog: ModuleCatalog, keys: KeyRing, folder: Path, *, pays: bool = False
) -> Iterator[Plant]:
    """The database and the tenant; nothing serves them yet."""
    with ExitStack() as stack:
        postgres = stack.enter_context(PostgresServer(binaries=binaries, fsync=True))
        urls = stack.enter_context(DatabaseTemplates(folder).postgres(postgres, migration_sources(catalog)))
        database = Database(urls.app, system_url=urls.system)
        stack.callback(database.dispose)
        port = str(_free_port())
        environment = {
            "HUIKUAN_DATABASE_URL": urls.app,
            "HUIKUAN_SYSTEM_DATABASE_URL": urls.system,
            "HUIKUAN_KEYS": str(folder / "keys.json"),
            "HUIKUAN_PORT": port,
            "HUIKUAN_POOL_SIZE": str(POOL),
            "TMPDIR": str(folder),  # who is killed leaves his files there
        }
        save_ring(keys, folder / "keys.json")
        server = Server(Kernel(database, catalog, keys), f"http://127.0.0.1:{port}")
        site = stack.enter_context(open_site(server, MONEY if pays else ORDERS))
        site.slug()
        if pays:  # what is confirmed is invoiced at once
            site.kernel.run(site.scope(), "setting_set", {"key": "invoicing.method", "value": "order"})
        postgres.execute("CHECKPOINT")  # else the first recovery writes all that the set-up has written
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HUIKUAN_")}
        yield Plant(postgres, urls, site, inherited | environment, folder, pays)


def _wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_ready(address):
        assert time.monotonic() < deadline, "the server does not become ready; see serve.log"
        time.sleep(0.05)


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
