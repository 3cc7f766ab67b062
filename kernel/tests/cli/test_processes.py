"""huikuan serve and worker, as processes that are told to stop; Ctrl-C for any command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from huikuan.cli.entry import main

LOGIN = (
    "mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { tokens { tenant } } }"
)


@contextmanager
def running(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A command in a process of its own, in ``folder``."""
    command = [sys.executable, "-m", "huikuan.cli", *words]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


def post(url: str, document: str, **variables: Any) -> dict[str, Any]:
    body = json.dumps({"query": document, "variables": variables}).encode()
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as response:
        found: dict[str, Any] = json.load(response)
        return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_serving_begins_with_nothing_and_ends_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, "serve", "--port", "0") as server:
        greeting = line(server.stdout)
        assert greeting.startswith("Huikuan serves http://127.0.0.1:"), greeting
        url = greeting.split()[2]

        answer = post(url, LOGIN, email="nobody@acme.example", password="no password of anybody")

        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert (tmp_path / "huikuan.db").exists()
        assert (tmp_path / "huikuan.db.keys.json").exists()
        server.send_signal(number)
        assert server.wait(30) == 0


def test_a_user_of_the_command_line_signs_in_to_the_server(tmp_path: Path) -> None:
    created = subprocess.run(
        [sys.executable, "-m", "huikuan.cli", "tenant", "create", "acme", "--admin", "boss@acme.example"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    password = created.stdout.rpartition(": ")[2].strip()

    with running(tmp_path, "serve", "--port", "0") as server:
        url = line(server.stdout).split()[2]
        answer = post(url, LOGIN, email="boss@acme.example", password=password)

    assert answer["data"]["login"]["tokens"] == {"tenant": "acme"}


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with running(tmp_path, "serve", "--port", "0") as first:
        port = line(first.stdout).split()[2].rpartition(":")[2].partition("/")[0]

        second = subprocess.run(
            [sys.executable, "-m", "huikuan.cli", "serve", "--port", port],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert second.returncode == 2
    assert second.stderr.startswith(f"huikuan: Port {port} on 127.0.0.1 is in use")
    assert second.stderr.count("\n") == 1


def test_a_worker_works_until_it_is_told_to_stop(tmp_path: Path) -> None:
    environment = {**os.environ, "HUIKUAN_DATABASE_URL": f"sqlite:///{tmp_path}/huikuan.db"}
    subprocess.run([sys.executable, "-m", "huikuan.cli", "db", "upgrade"], env=environment, check=True)

    with running(tmp_path, "worker") as worker:
        assert "waits for work" in line(worker.stderr)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0


def test_ctrl_c_ends_any_command_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    # Pressed while the password is asked for.
    monkeypatch.setattr("getpass.getpass", interrupted)

    code = main(["operator", "create", "ops@example.com", "--ask-password"])

    assert code == 130
    assert capsys.readouterr().err.endswith("huikuan: interrupted\n")


def interrupted(_prompt: str) -> str:
    raise KeyboardInterrupt
