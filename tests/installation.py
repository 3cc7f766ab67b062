"""Huikuan as a customer has it: wheels, installed into an environment of their own, run as processes."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, Queue
from typing import IO, Any

import httpx

from tools.workspace import ROOT, members, pins

__all__ = ["Client", "Installation", "build", "install"]

START_SECONDS = 120


def build(sources: Sequence[Path], target: Path) -> list[Path]:
    """Build the wheels of these source trees; processes that ask at the same time build them once."""
    target.mkdir(parents=True, exist_ok=True)
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return [_wheel(source, target / source.name) for source in sources]


def _wheel(source: Path, target: Path) -> Path:
    if not target.exists():
        _run("uv", "build", "--wheel", "--quiet", "--out-dir", str(target), str(source))
    [wheel] = target.glob("*.whl")
    return wheel


@dataclass(frozen=True)
class Installation:
    """A virtual environment, and the variables that its programs see."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def python(self) -> Path:
        return self.folder / "venv" / "bin" / "python"

    def having(self, **environment: str) -> Installation:
        """The same with more variables."""
        return replace(self, environment={**self.environment, **environment})

    def run(self, program: str, *arguments: str, given: str = "", cwd: Path | None = None) -> str:
        """Run one of its programs with ``given`` as its input; returns what it printed."""
        command = [str(self.python.with_name(program)), *arguments]
        return _run(*command, env=self._variables(), cwd=cwd or self.folder, given=given)

    def install(self, *wheels: Path | str) -> None:
        """Install more, in the pinned versions."""
        pinned = ["--constraints", str(self.folder / "pins.txt"), *map(str, wheels)]
        _run("uv", "pip", "install", "--quiet", "--python", str(self.python), *pinned)

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[str]:
        """Run ``huikuan serve``; gives the address that it prints."""
        command = [str(self.python.with_name("huikuan")), "serve", "--port", "0", *arguments]
        with (self.folder / "serve.log").open("w") as log:
            process = subprocess.Popen(
                command, env=self._variables(), cwd=self.folder, stdout=subprocess.PIPE, stderr=log, text=True
            )
        try:
            yield self._address(process)
        finally:
            process.terminate()
            process.wait(30)
            if process.stdout is not None:
                process.stdout.close()
            sys.stderr.write(self.log)  # pytest shows it where a test fails

    def _address(self, process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        lines: Queue[str] = Queue()
        threading.Thread(target=_copy, args=(process.stdout, lines), daemon=True).start()
        try:
            while True:
                for word in lines.get(timeout=START_SECONDS).split():
                    if word.startswith("http://"):
                        return word.removesuffix("/graphql")
        except Empty:
            raise AssertionError(f"huikuan serve said no address:\n{self.log}") from None

    @property
    def log(self) -> str:
        """What the server wrote to its log."""
        return (self.folder / "serve.log").read_text()

    def _variables(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("HUIKUAN_", "PYTHON", "VIRTUAL_ENV"))}
        return {**inherited, **self.environment}


def install(folder: Path, *wheels: Path, more: Sequence[str] = ()) -> Installation:
    """A new environment with all our distributions and these wheels, in the pinned versions, and nothing else."""
    ours = build(list(members().values()), folder.parent / "wheels")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pins.txt").write_text("\n".join(map(str, pins())))
    _run("uv", "venv", "--quiet", str(folder / "venv"))
    found = Installation(folder)
    [kernel] = [wheel for wheel in ours if wheel.name.startswith("huikuan-")]
    found.install(f"huikuan[postgres] @ {kernel.as_uri()}", *ours, *wheels, *more)
    return found


class Client:
    """Somebody who talks GraphQL over HTTP."""

    def __init__(self, address: str) -> None:
        self._url = f"{address}/graphql"
        self._headers: dict[str, str] = {}

    def sign_in(self, email: str, password: str) -> Client:
        """Every further request is this user's."""
        document = (
            "mutation($email: String!, $password: String!)"
            "{ login(email: $email, password: $password) { tokens { accessToken } } }"
        )
        token = self.send(document, email=email, password=password)["login"]["tokens"]["accessToken"]
        self._headers["Authorization"] = f"Bearer {token}"
        return self

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The whole answer to a document."""
        body = {"query": document, "variables": variables}
        answer: dict[str, Any] = httpx.post(self._url, json=body, headers=self._headers, timeout=20).json()
        return answer

    def send(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = self.ask(document, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data


def _run(*command: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT, given: str = "") -> str:
    done = subprocess.run(command, env=env, cwd=cwd, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def _copy(stream: IO[str], lines: Queue[str]) -> None:
    for line in stream:
        lines.put(line)
