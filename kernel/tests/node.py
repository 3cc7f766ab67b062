"""Node for tests: npm packages in exact versions, kept in the tests' cache folder, and scripts run beside them.

Without node or npm the tests that need them are skipped; with HUIKUAN_REQUIRE_NODE=1 they fail.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import pytest

__all__ = ["npm_packages", "run_node"]

CACHE = Path(__file__).parents[2] / ".pytest_cache" / "node"
INSTALL_SECONDS = 300
ONLY_HERE = {"npm_config_update_notifier": "false", "npm_config_cache": str(CACHE / "npm")}
_SHOWN = 4_000


def npm_packages(versions: Mapping[str, str]) -> Path:
    """A folder with ``node_modules`` of these packages in these exact versions, installed once and then kept."""
    npm = _found("npm")
    wanted = sorted(f"{name}@{version}" for name, version in versions.items())
    folder = CACHE / hashlib.sha256(" ".join(wanted).encode()).hexdigest()[:16]
    with _alone(folder):
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            # npm puts packages where the next package.json above is, unless there is one here.
            (folder / "package.json").write_text('{"private": true}\n')
            _install(npm, folder, wanted)
            (folder / "complete").touch()
    return folder


def run_node(folder: Path, script: Path, *arguments: str, timeout: float = 120) -> dict[str, Any]:
    """Run a script that imports the packages of ``folder``: the object that its last line of output holds as JSON.

    The script fails the test by a non-zero exit code, or by taking more than ``timeout`` seconds.
    """
    # An import is looked up from where the script lies, so a copy lies beside the packages for a moment.
    beside = folder / f"{uuid4().hex}-{script.name}"
    shutil.copyfile(script, beside)
    try:
        command = [_found("node"), str(beside), *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout, check=False)
    finally:
        beside.unlink()
    if done.returncode:
        pytest.fail(f"{script.name} ended with code {done.returncode}:\n{(done.stdout + done.stderr)[-_SHOWN:]}")
    answered = json.loads(done.stdout.strip().rpartition("\n")[2])
    assert isinstance(answered, dict)
    return answered


def _found(program: str) -> str:
    found = shutil.which(program)
    return found if found is not None else _not_here(f"there is no {program} on this machine")


def _install(npm: str, folder: Path, wanted: list[str]) -> None:
    quiet = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    command = [npm, "install", *quiet, *wanted]
    environment = os.environ | ONLY_HERE
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        _not_here(f"npm did not install {', '.join(wanted)} within {INSTALL_SECONDS} s")
    if done.returncode:
        _not_here(f"npm could not install {', '.join(wanted)}: {(done.stderr or done.stdout)[-_SHOWN:]}")


def _not_here(why: str) -> NoReturn:
    reason = f"node not available: {why}"
    if os.environ.get("HUIKUAN_REQUIRE_NODE") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time: the tests run in several."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
