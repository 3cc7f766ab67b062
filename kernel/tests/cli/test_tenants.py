"""huikuan tenant and module: creating, suspending, enabling and disabling."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kernel.tests.cli.kit import Cli


def modules(ready: Cli) -> dict[str, dict[str, Any]]:
    rows = json.loads(ready("module", "list", "--tenant", "acme", "--json").out)
    return {row["module"]: row for row in rows}


def test_the_first_tenant_makes_the_database_and_the_keys(cli: Cli, tmp_path: Path) -> None:
    ended = cli("tenant", "create", "acme", "--admin", "boss@acme.example")

    assert ended.code == 0, ended.err
    assert "created acme with no modules" in ended.out
    assert "password (shown only now): " in ended.out
    assert (tmp_path / "huikuan.db").exists()
    assert (tmp_path / "huikuan.db.keys.json").stat().st_mode & 0o077 == 0


def test_a_tenant_gets_its_modules_and_what_they_require(ready: Cli) -> None:
    ended = ready("tenant", "list", "--json")

    assert json.loads(ended.out) == [
        {
            "tenant": "acme",
            "name": "acme",
            "currency": "EUR",
            "status": "active",
            "modules": ["cli_base", "cli_top"],
        }
    ]


def test_the_list_is_a_table_for_people(ready: Cli) -> None:
    lines = ready("tenant", "list").out.splitlines()

    assert lines[0].split() == ["TENANT", "NAME", "CURRENCY", "STATUS", "MODULES"]
    assert lines[1].startswith("acme")


def test_a_tenant_twice_is_refused(ready: Cli) -> None:
    ended = ready("tenant", "create", "acme")

    assert ended.code == 1
    assert ended.err == "refused: There is a tenant 'acme' already.\n"
    assert ended.out == ""


def test_an_unknown_module_is_refused_with_those_that_are_installed(ready: Cli) -> None:
    ended = ready("tenant", "create", "other", "--modules", "cli_tip")

    assert ended.code == 1
    assert ended.err.startswith("refused: There is no module 'cli_tip'; installed are: ")
    assert "cli_base" in ended.err


def test_an_unknown_currency_is_wrong_usage(ready: Cli) -> None:
    ended = ready("tenant", "create", "other", "--currency", "XYZ")

    assert ended.code == 2
    assert "XYZ" in ended.err


def test_a_tenant_is_suspended_and_resumed(ready: Cli) -> None:
    assert ready("tenant", "suspend", "acme").out == "suspended acme\n"
    assert json.loads(ready("tenant", "list", "--json").out)[0]["status"] == "suspended"
    assert ready("tenant", "resume", "acme").out == "resumed acme\n"
    assert json.loads(ready("tenant", "list", "--json").out)[0]["status"] == "active"


def test_the_list_of_modules_says_why_each_is_enabled(ready: Cli) -> None:
    found = modules(ready)

    assert found["cli_top"]["enabled"] == "yes"
    assert found["cli_top"]["why"] == "enabled by itself"
    assert found["cli_top"]["requires"] == ["cli_base"]
    assert found["cli_base"]["why"] == "required by cli_top"
    assert found["cli_base"]["health"] == "ok"


def test_a_needed_module_is_not_disabled(ready: Cli) -> None:
    ended = ready("module", "disable", "cli_base", "--tenant", "acme")

    assert ended.code == 1
    assert ended.err == "refused: cli_top needs cli_base. Disable cli_top first, or use --with-dependants.\n"
    assert modules(ready)["cli_base"]["enabled"] == "yes"


def test_modules_are_disabled_with_their_dependants_and_enabled_again(ready: Cli) -> None:
    disabled = ready("module", "disable", "cli_base", "--tenant", "acme", "--with-dependants")
    off = modules(ready)
    enabled = ready("module", "enable", "cli_top", "--tenant", "acme")

    assert disabled.out == "disabled cli_base, cli_top; the data stays\n"
    assert (off["cli_base"]["enabled"], off["cli_top"]["enabled"]) == ("no", "no")
    assert enabled.out == "enabled cli_base, cli_top\n"
    assert modules(ready)["cli_top"]["enabled"] == "yes"


def test_enabling_twice_changes_nothing(ready: Cli) -> None:
    ended = ready("module", "enable", "cli_top", "--tenant", "acme")

    assert (ended.code, ended.out) == (0, "cli_top is enabled already\n")


def test_a_tenant_that_is_not_there_is_named(ready: Cli) -> None:
    ended = ready("module", "list", "--tenant", "nobody")

    assert ended.code == 2
    assert ended.err == "huikuan: There is no tenant 'nobody'; see: huikuan tenant list.\n"
