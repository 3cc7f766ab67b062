"""huikuan new-module: what it writes is a module whose tests pass at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from huikuan.cli.new_module import write_module
from kernel.tests.cli.kit import Cli, install


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = write_module(tmp_path, "acme_deposit", title="Deposits", requires=[])
    install(folder, tmp_path)
    return folder


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """As it would run after `pip install -e`."""
    path = os.pathsep.join([str(folder.parent), str(folder / "src")])
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_its_own_tests_pass(folder: Path) -> None:
    # Without PostgreSQL here: the fixture app_with is the same, and proved where it is written.
    ended = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not postgresql")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert " passed" in ended.stdout


def test_its_readme_names_what_it_declares(folder: Path) -> None:
    readme = (folder / "README.md").read_text()
    source = "".join(path.read_text() for path in (folder / "src").rglob("*.py"))

    for permission in re.findall(r'"(acme_deposit\.\w+)": "', source):
        assert f"`{permission}`" in readme
    for command in re.findall(r"@command\(.*\)\ndef (\w+)", source):
        assert f"`{command}`" in readme
    for hook in re.findall(r"@veto\ndef (\w+)", source) + re.findall(r"@hookimpl\ndef (\w+)", source):
        assert f"`{hook}`" in readme
    for code in re.findall(r'RefusalCode\("(\w+)"', source):
        assert f"`{code}`" in readme
    for event in re.findall(r"class (\w+)\(Event", source):
        assert f"`{event}`" in readme


def test_its_code_keeps_the_house_rules(folder: Path) -> None:
    pytest.importorskip("ruff", reason="ruff is not installed: uv sync --group lint")
    options = ["--isolated", "--line-length", "120", "--target-version", "py311"]

    for command in (["check", "--select", "E,F,I,B,RUF"], ["format", "--check"]):
        ended = run(folder, "-m", "ruff", *command, *options, ".")
        assert ended.returncode == 0, ended.stdout


def test_it_says_what_to_do_next(cli: Cli, tmp_path: Path) -> None:
    ended = cli("new-module", "acme_deposit", "--title", "Deposits", "--requires", "orders,customers")

    assert ended.code == 0
    assert "cd acme_deposit" in ended.out
    assert 'requires=["orders", "customers"]' in (tmp_path / "acme_deposit/src/acme_deposit/__init__.py").read_text()
    assert '"huikuan-orders"' in (tmp_path / "acme_deposit" / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Acme", "module name 'Acme' must be lower case letters"),
        ("huikuan_deposit", "'huikuan_deposit' is taken; begin with a name of your own, such as acme_deposit."),
        ("json", "there is a Python package 'json' already"),
        ("there", "there exists; choose another name"),
    ],
    ids=["letters", "reserved", "package", "folder"],
)
def test_a_name_that_cannot_be_used_is_refused(cli: Cli, tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "there").mkdir()

    ended = cli("new-module", name)

    assert ended.code == 2
    assert ended.err.startswith(f"huikuan: {message}")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
