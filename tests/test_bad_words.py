"""Bad files and bad words on the command line: one clear line, a failing exit code, nothing written."""

from __future__ import annotations

import gzip
import logging
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from huikuan.catalog import ModuleCatalog
from huikuan.cli import main
from huikuan.core.module import migration_sources
from huikuan.testing.databases import DatabaseTemplates

Cli = Callable[..., tuple[int, str, str]]
HEADER = b"Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
ROW = b"536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
FILES: dict[str, bytes] = {
    "empty.csv": b"",
    "header.csv": HEADER,
    "columns.csv": b"a,b,c\n1,2,3\n",
    "binary.csv": bytes(range(256)) * 64,
    "image.csv": b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
    "quote.csv": HEADER + b'"536365,85123A,never closed\n' * 3,
    "short.csv": HEADER + b"536365,85123A\n",
    "wide.csv": HEADER + ROW.replace(b"\n", b",more,and,more\n"),
    "nul.csv": HEADER + ROW.replace(b"HOLDER", b"HOL\0DER"),
    "field.csv": HEADER + ROW.replace(b"HOLDER", b"H" * 300_000),
    "number.csv": HEADER + ROW.replace(b",6,", b",six,"),
    "huge.csv": HEADER + ROW.replace(b"2.55", b"9" * 40),
    "date.csv": HEADER + ROW.replace(b"2010-12-01", b"2010-13-41"),
    "cut.csv.gz": gzip.compress(HEADER + ROW * 1_000)[:-20],
    "fake.csv.gz": b"\x1f\x8b not gzip at all",
}
"""Not one of them holds an order that could be taken."""


@pytest.fixture
def cli(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    database_templates: DatabaseTemplates,
    installed_modules: ModuleCatalog,
) -> Iterator[Cli]:
    """``huikuan …`` in a folder with a database that the tenant acme uses for orders."""
    for name in [name for name in os.environ if name.startswith("HUIKUAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    database_templates.sqlite(migration_sources(installed_modules), tmp_path / "huikuan.db")
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    assert run("tenant", "create", "acme", "--modules", "orders", "--admin", "boss@acme.example")[0] == 0
    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_bad_files(cli: Cli, tmp_path: Path) -> None:
    before = _counts(cli)
    (tmp_path / "folder.csv").mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    for name in [*FILES, "folder.csv", "nowhere.csv"]:
        code, out, error = cli("import", "orders", name, "--tenant", "acme")
        assert code in (1, 2) or "0 written" in out, f"{name}: {code} {out}"
        for line in (out + error).splitlines():
            assert len(line) < 1_000, name
            assert not re.search(r"Traceback|File \"|site-packages|sqlite3|INSERT|orders_order", line), (
                f"{name}: {line}"
            )
        assert (out + error).strip(), name
    assert _counts(cli) == before


def _counts(cli: Cli) -> list[str]:
    """How many customers, products and orders there are."""
    with sqlite3.connect("huikuan.db") as connection:
        tables = ("orders_order", "orders_order_line", "customers_customer", "products_product")
        found = [str(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in tables]
    connection.close()
    return found


WORDS: dict[str, tuple[str, ...]] = {
    "an unknown module": ("module", "enable", "nonsense", "--tenant", "acme"),
    "an unknown module for a new tenant": ("tenant", "create", "other", "--modules", "orders,nonsense"),
    "an unknown tenant": ("import", "orders", "nowhere.csv", "--tenant", "nobody"),
    "an unknown import": ("import", "nonsense", "nowhere.csv", "--tenant", "acme"),
    "an unknown command": ("frobnicate",),
    "an unknown flag": ("serve", "--frobnicate"),
    "no database": ("tenant", "list", "--database-url", "sqlite:////nowhere/at/all.db"),
    "another kind of database": ("tenant", "list", "--database-url", "mysql://localhost/x"),
    "a port that is no number": ("serve", "--port", "eighty"),
    "a bad slug": ("tenant", "create", "../acme", "--modules", "orders"),
}


def test_bad_words(cli: Cli) -> None:
    for name, words in WORDS.items():
        code, out, error = cli(*words)
        assert code in (1, 2), f"{name}: {code} {out}"
        assert out == "", name
        assert 0 < len(error.splitlines()) <= 3, f"{name}: {error}"
        assert not re.search(r"Traceback|File \"|site-packages|SELECT", error), f"{name}: {error}"
        print(error.strip())
