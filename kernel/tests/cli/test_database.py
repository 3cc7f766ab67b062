"""huikuan db: tables of a SQLite file, and roles and tables of PostgreSQL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huikuan.testing.postgres import PostgresServer
from kernel.tests.cli.kit import Cli


def test_tables_are_made_once(cli: Cli) -> None:
    before = cli("db", "status")
    made = cli("db", "upgrade")
    again = cli("db", "upgrade")
    after = cli("db", "status", "--json")

    assert before.code == 1
    assert "behind" in before.out
    assert made.code == 0
    assert "kernel: 0001" in made.err
    assert again.out == "all tables are current\n"
    assert after.code == 0
    assert {row["state"] for row in json.loads(after.out)} == {"current"}


def test_looking_makes_no_file(cli: Cli, tmp_path: Path) -> None:
    cli("db", "status")

    assert list(tmp_path.iterdir()) == []


def test_a_module_without_news_gets_no_migration(ready: Cli) -> None:
    ended = ready("db", "revision", "cli_base", "-m", "nothing")

    assert (ended.code, ended.out) == (0, "the models of cli_base hold nothing new\n")


def test_a_module_that_is_not_installed_is_named(cli: Cli) -> None:
    ended = cli("db", "revision", "nothing", "-m", "x")

    assert ended.code == 2
    assert "module 'nothing' is not installed" in ended.err


def test_roles_are_for_postgresql(cli: Cli) -> None:
    ended = cli("db", "init", "--admin-url", "sqlite:///huikuan.db")
    silent = cli("db", "init")

    assert ended.code == silent.code == 2
    assert "PostgreSQL" in ended.err
    assert "--admin-url" in silent.err


def test_postgresql_from_nothing_to_the_first_tenant(
    cli: Cli, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "cli_from_nothing"
    postgres_server.create_database(name)
    try:
        made = cli("db", "init", "--admin-url", postgres_server.url(name), "--new-passwords")
        assert made.code == 0, made.err
        settings = dict(line.removeprefix("export ").split("=", 1) for line in made.out.splitlines())
        for variable, url in settings.items():
            monkeypatch.setenv(variable, url.strip("'"))

        early = cli("tenant", "create", "acme")
        upgraded = cli("db", "upgrade")
        created = cli("tenant", "create", "acme", "--admin", "boss@acme.example")
        token = cli("token", "issue", "--tenant", "acme", "--user", "boss@acme.example")
        checked = cli("check", "--all-tenants")

        assert early.err == "huikuan: the tables are not there yet: run huikuan db upgrade\n"
        assert upgraded.code == 0, upgraded.err
        assert created.code == 0, created.err
        assert token.err.startswith("huikuan: HUIKUAN_KEYS is not set")
        assert checked.code == 0, checked.out
    finally:
        restore(postgres_server)
        postgres_server.drop_database(name)


def restore(server: PostgresServer) -> None:
    """Roles belong to the whole server: other tests log in with its password."""
    for role in ("huikuan_owner", "huikuan_app", "huikuan_system"):
        server.execute(f"ALTER ROLE {role} PASSWORD '{server.password}'")
