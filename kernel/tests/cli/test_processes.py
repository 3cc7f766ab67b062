"""huikuan serve and worker, as processes that are told to stop; Ctrl-C for any command."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from kernel.tests.cli.kit import Cli

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


def test_serving_begins_with_nothing_and_sees_what_the_command_line_does(cli: Cli, tmp_path: Path) -> None:
    with running(tmp_path, "serve", "--port", "0") as server:
        greeting = line(server.stdout)
        assert greeting.startswith("Huikuan serves http://127.0.0.1:"), greeting
        url = greeting.split()[2]
        stranger = post(url, LOGIN, email="boss@acme.example", password="no password of anybody")

        created = cli("tenant", "create", "acme", "--admin", "boss@acme.example")
        boss = post(url, LOGIN, email="boss@acme.example", password=created.out.rpartition(": ")[2].strip())

        assert stranger["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert boss["data"]["login"]["tokens"] == {"tenant": "acme"}
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0


def test_a_port_that_is_taken_is_one_line(cli: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        ended = cli("serve", "--port", str(port))

    assert ended.code == 2
    assert ended.err.startswith(f"huikuan: Port {port} on 127.0.0.1 is in use")
    assert ended.err.count("\n") == 1


def test_a_worker_works_until_it_is_told_to_stop(cli: Cli, tmp_path: Path) -> None:
    cli("db", "upgrade")

    with running(tmp_path, "worker") as worker:
        assert "waits for work" in line(worker.stderr)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0


def test_ctrl_c_ends_any_command_with_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    # Pressed while the password is asked for.
    monkeypatch.setattr("getpass.getpass", interrupted)

    ended = cli("operator", "create", "ops@example.com", "--ask-password")

    assert ended.code == 130
    assert ended.err.endswith("huikuan: interrupted\n")


def interrupted(_prompt: str) -> str:
    raise KeyboardInterrupt
