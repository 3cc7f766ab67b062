"""Fixtures of the command line's tests: `huikuan …` in this process, on a SQLite file of its own."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from huikuan.cli import main
from huikuan.cli.new_module import write_module
from kernel.tests.cli.kit import IMPORTER, Cli, Ended, install


@pytest.fixture(autouse=True)
def _clean_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HUIKUAN_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    """``cli("tenant", "list")`` in an empty folder; the log goes back to where it was."""
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def run(*words: str) -> Ended:
        capsys.readouterr()
        code = main(list(words))
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where cli_base and cli_top, which requires it, are installed; as an editable install leaves them."""
    site = tmp_path_factory.mktemp("site")
    for name, requires in (("cli_base", []), ("cli_top", ["cli_base"])):
        install(write_module(site, name, title=None, requires=requires), site)
    package = site / "cli_base" / "src" / "cli_base"
    (package / "importers.py").write_text(IMPORTER)
    (package / "mappings").mkdir()
    (package / "mappings" / "old_system.toml").write_text('[columns]\ncode = "Schlüssel"\ntext = "Wert"\n', "utf-8")
    return site


@pytest.fixture
def sample_modules(_site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """cli_base and cli_top are installed for this test, and for no other."""
    for path in (_site, _site / "cli_base" / "src", _site / "cli_top" / "src"):
        monkeypatch.syspath_prepend(path)


@pytest.fixture(scope="session")
def _tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the database with the tables of all installed modules is kept, once made."""
    return tmp_path_factory.mktemp("tables")


@pytest.fixture
def ready(_tables: Path, sample_modules: None, cli: Cli, tmp_path: Path) -> Cli:
    """As ``cli``, with tables in huikuan.db and the tenant acme that uses cli_top."""
    if not list(_tables.iterdir()):
        assert cli("db", "upgrade", "--database-url", str(_tables / "huikuan.db")).code == 0
    for file in _tables.iterdir():
        shutil.copy(file, tmp_path / file.name)
    assert cli("tenant", "create", "acme", "--modules", "cli_top", "--admin", "boss@acme.example").code == 0
    return cli
