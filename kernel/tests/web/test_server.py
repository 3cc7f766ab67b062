"""The server as a process: it starts, says where it is, delivers events, and stops in order."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from huikuan.errors import SetupError
from huikuan.kernel import Kernel
from huikuan.settings import Settings
from huikuan.testing.databases import DatabaseTemplates
from huikuan.testing.postgres import PostgresServer
from huikuan.web.listening import bind
from kernel.tests.web.conftest import EMAIL, PASSWORD, make_tenant
from kernel.tests.web.sockets import Client

START = """
import sys
from huikuan.errors import HuikuanError
from huikuan.settings import Settings
from huikuan.web.server import serve

try:
    sys.exit(serve(Settings.load()))
except HuikuanError as problem:
    print(problem, file=sys.stderr)
    sys.exit(2)
"""


@contextmanager
def process(environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A server process; killed if the test leaves it running."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HUIKUAN_")}
    with subprocess.Popen(
        [sys.executable, "-c", START],
        env=clean | {"HUIKUAN_PORT": "0", "HUIKUAN_LOG_FORMAT": "json"} | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            yield server
        finally:
            if server.poll() is None:
                server.kill()


def address_of(server: subprocess.Popen[str]) -> str:
    """What the server says when it is ready."""
    assert server.stdout is not None
    line = server.stdout.readline()
    found = re.match(r"Huikuan serves (http://127\.0\.0\.1:\d+)/graphql", line)
    assert found, (line, server.communicate(timeout=10))
    return found[1]


@pytest.fixture
def environ(tmp_path: Path, database_templates: DatabaseTemplates) -> dict[str, str]:
    """A database with every installed module and one tenant."""
    settings = Settings(database_url=f"sqlite:///{tmp_path}/shop.db")
    kernel = Kernel.open(settings)
    kernel.database.dispose()
    (tmp_path / "shop.db").unlink(missing_ok=True)
    database_templates.sqlite(kernel.migration_sources(), tmp_path / "shop.db")
    make_tenant(kernel)
    kernel.close()
    return {"HUIKUAN_DATABASE_URL": settings.database_url}


def test_it_starts_delivers_and_stops_cleanly(environ: dict[str, str]) -> None:
    with process(environ) as server:
        url = address_of(server)
        assert httpx.post(f"{url}/graphql", json={"query": "{ __typename }"}).json()["data"]
        deadline = time.monotonic() + 30
        while httpx.get(f"{url}/readyz").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        server.send_signal(signal.SIGTERM)
        _, errors = server.communicate(timeout=60)
    assert server.returncode == 0
    assert "Traceback" not in errors


def test_ctrl_c_is_a_clean_stop_too(environ: dict[str, str]) -> None:
    with process(environ) as server:
        address_of(server)
        server.send_signal(signal.SIGINT)
        _, errors = server.communicate(timeout=60)
    assert server.returncode == 0
    assert "Traceback" not in errors


def test_a_stop_tells_those_who_follow_events(environ: dict[str, str]) -> None:
    login = f'mutation {{ login(email: "{EMAIL}", password: "{PASSWORD}") {{ tokens {{ accessToken }} }} }}'
    with process(environ) as server:
        url = address_of(server)
        answer = httpx.post(f"{url}/graphql", json={"query": login}).json()
        client = Client(url).init(answer["data"]["login"]["tokens"]["accessToken"]).follow()
        server.send_signal(signal.SIGTERM)
        assert client.closed() == (1001, "The server stops; connect again.")
        client.close()
        _, errors = server.communicate(timeout=60)
    assert server.returncode == 0
    assert "Traceback" not in errors


def test_a_stop_does_not_wait_for_ever(environ: dict[str, str]) -> None:
    """Another process holds SQLite's write lock, so that a mutation cannot end before the server must."""
    file = environ["HUIKUAN_DATABASE_URL"].removeprefix("sqlite:///")
    login = f'mutation {{ login(email: "{EMAIL}", password: "{PASSWORD}") {{ tokens {{ accessToken }} }} }}'
    with (
        process(environ | {"HUIKUAN_SHUTDOWN_TIMEOUT": "1", "HUIKUAN_WORKER": "off"}) as server,
        closing(sqlite3.connect(file, isolation_level=None)) as other,
        ThreadPoolExecutor() as threads,
    ):
        url = address_of(server)
        other.execute("BEGIN IMMEDIATE")
        answer = threads.submit(httpx.post, f"{url}/graphql", json={"query": login}, timeout=60)
        time.sleep(1)
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        _, errors = server.communicate(timeout=60)
        assert time.monotonic() - began < 5
        assert answer.result().json()["errors"][0]["extensions"]["code"] == "STOPPING"
    assert server.returncode == 1
    assert "stopped with work unfinished" in errors
    assert "Traceback" not in errors


def test_a_port_in_use_is_one_clear_line(environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with process(environ | {"HUIKUAN_PORT": port}) as server:
            _, errors = server.communicate(timeout=60)
    assert server.returncode == 2
    assert errors.splitlines() == [
        f"Port {port} on 127.0.0.1 is in use: stop what listens there, or choose another with --port."
    ]


def test_a_foreign_address_is_one_clear_line() -> None:
    with pytest.raises(SetupError, match=r"192\.0\.2\.1 is no address of this machine"):
        bind("192.0.2.1", 8000)


def test_tables_that_are_not_there_are_one_clear_line(tmp_path: Path) -> None:
    with process({"HUIKUAN_DATABASE_URL": str(tmp_path / "new.db")}) as server:
        _, errors = server.communicate(timeout=60)
    assert server.returncode == 2
    assert len(errors.splitlines()) == 1
    assert "Run `huikuan db upgrade`" in errors


@pytest.fixture
def postgres(
    tmp_path: Path, postgres_server: PostgresServer, database_templates: DatabaseTemplates
) -> Iterator[dict[str, str]]:
    """A PostgreSQL database with every installed module."""
    keys = Settings(database_url=f"sqlite:///{tmp_path}/x.db")
    keys.key_source()
    kernel = Kernel.open(keys)
    kernel.close()
    with database_templates.postgres(postgres_server, kernel.migration_sources()) as urls:
        yield {
            "HUIKUAN_DATABASE_URL": urls.app,
            "HUIKUAN_SYSTEM_DATABASE_URL": urls.system,
            "HUIKUAN_KEYS": str(tmp_path / "x.db.keys.json"),
            "ADMIN_URL": urls.admin,
        }


def test_several_processes_serve_and_a_dead_one_is_replaced(postgres: dict[str, str], tmp_path: Path) -> None:
    with process(postgres | {"HUIKUAN_WORKERS": "2", "TMPDIR": str(tmp_path)}) as server:
        url = address_of(server)
        children = _children(server.pid)
        assert len(children) == 2
        assert httpx.post(f"{url}/graphql", json={"query": "{ __typename }"}).json()["data"]
        assert 'huikuan_http_requests_total{route="/graphql",status="200"}' in httpx.get(f"{url}/metrics").text
        os.kill(children[0], signal.SIGKILL)
        deadline = time.monotonic() + 60
        while len(set(_children(server.pid)) - {children[0]}) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        server.send_signal(signal.SIGTERM)
        _, errors = server.communicate(timeout=60)
    assert server.returncode == 0
    assert "a server process died; starting another" in errors
    assert "Fatal" not in errors, "each process ends in order"
    assert not any(_alive(child) for child in children)
    assert not list(tmp_path.glob("huikuan-metrics-*"))


def test_a_process_that_dies_before_it_serves_takes_nobody_with_it(postgres: dict[str, str]) -> None:
    with process(postgres | {"HUIKUAN_WORKERS": "2"}) as server:
        url = address_of(server)
        first, other = _children(server.pid)
        os.kill(first, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while first in (found := _children(server.pid)) or len(found) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        [second] = set(found) - {other}
        os.kill(second, signal.SIGKILL)
        while len(set(_children(server.pid)) - {second, other}) < 1:
            assert time.monotonic() < deadline
            assert httpx.post(f"{url}/graphql", json={"query": "{ __typename }"}).json()["data"]
        server.send_signal(signal.SIGTERM)
        _, errors = server.communicate(timeout=60)
    assert server.returncode == 0
    assert errors.count("a server process died; starting another") == 2


def test_several_processes_end_with_the_one_that_started_them(postgres: dict[str, str]) -> None:
    with process(postgres | {"HUIKUAN_WORKERS": "2"}) as server:
        url = address_of(server)
        children = _children(server.pid)
        server.kill()
        deadline = time.monotonic() + 60
        while any(_alive(child) for child in children):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        port = url.rpartition(":")[2]
        with process(postgres | {"HUIKUAN_WORKERS": "2", "HUIKUAN_PORT": port}) as again:
            assert address_of(again) == url
            again.send_signal(signal.SIGTERM)
            again.communicate(timeout=60)
    assert again.returncode == 0


def test_it_ends_when_no_process_can_start(postgres: dict[str, str]) -> None:
    with process(postgres | {"HUIKUAN_WORKERS": "2"}) as server:
        while not (found := _children(server.pid)):
            time.sleep(0.01)
        os.kill(found[0], signal.SIGKILL)
        _, errors = server.communicate(timeout=60)
    assert server.returncode == 1
    assert f"server process {found[0]} ended with code -9 before it served" in errors


def test_it_refuses_to_serve_as_a_superuser(postgres: dict[str, str]) -> None:
    with process(postgres | {"HUIKUAN_DATABASE_URL": postgres["ADMIN_URL"]}) as server:
        _, errors = server.communicate(timeout=60)
    assert server.returncode == 2
    assert "superuser" in errors
    assert len(errors.splitlines()) == 1


def _children(parent: int) -> list[int]:
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in found]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
