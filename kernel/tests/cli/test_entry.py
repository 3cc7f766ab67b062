"""What every command has in common: help, exit codes, one line for an error."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from huikuan.cli.entry import GROUPS
from huikuan.cli.parsing import shared_flags
from kernel.tests.cli.kit import Cli


def test_alone_it_shows_the_first_steps(cli: Cli) -> None:
    ended = cli()

    assert ended.code == 0
    assert "huikuan demo" in ended.out
    assert "huikuan serve" in ended.out


def test_help_lists_every_command_with_a_line_of_its_own(cli: Cli) -> None:
    ended = cli("--help")

    assert ended.code == 0
    for name, (_, help) in GROUPS.items():
        assert name in ended.out
        assert help[:30] in ended.out


def test_help_needs_no_database_library() -> None:
    program = (
        "import sys\nfrom huikuan.cli import main\ncode = main(['--help'])\n"
        "sys.exit(code or sum(name in sys.modules for name in ('sqlalchemy', 'strawberry', 'uvicorn')))"
    )
    started = time.perf_counter()

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    assert time.perf_counter() - started < 5


def test_a_misspelt_command_is_answered_with_the_right_one(cli: Cli) -> None:
    ended = cli("tenat", "list")

    assert ended.code == 2
    assert ended.err == "huikuan: unknown command 'tenat'; did you mean 'tenant'? (see: huikuan --help)\n"


def test_a_misspelt_command_of_a_group_is_too(cli: Cli) -> None:
    ended = cli("tenant", "creat", "acme")

    assert ended.code == 2
    assert ended.err == "huikuan: unknown command 'creat'; did you mean 'create'? (see: huikuan tenant --help)\n"


def test_a_group_alone_shows_its_commands(cli: Cli) -> None:
    ended = cli("tenant")

    assert ended.code == 2
    for name in ("create", "list", "suspend", "resume"):
        assert name in ended.out


def each_command() -> pytest.MarkDecorator:
    """Every command that the parser knows, so that a new one is not forgotten."""
    parser = argparse.ArgumentParser()
    groups = parser.add_subparsers()
    for name, (file, help) in GROUPS.items():
        importlib.import_module(f"huikuan.cli.{file}").configure(groups, name, help, shared_flags())
    found = list(_commands(parser, ()))
    assert len(found) > len(GROUPS)
    return pytest.mark.parametrize("words", found, ids=" ".join)


def _commands(parser: argparse.ArgumentParser, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield words
    for action in below:
        for name, child in action.choices.items():
            yield from _commands(child, (*words, name))


@each_command()
def test_every_command_explains_itself_with_an_example(cli: Cli, words: tuple[str, ...]) -> None:
    ended = cli(*words, "--help")

    assert ended.code == 0
    assert "example" in ended.out
    assert f"  huikuan {' '.join(words)}" in ended.out
    assert "--database-url" in ended.out


@each_command()
def test_wrong_usage_of_any_command_is_one_line(cli: Cli, words: tuple[str, ...]) -> None:
    ended = cli(*words, "--nonsense")

    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.startswith("huikuan: ")
    assert ended.err.endswith(f" (see: huikuan {' '.join(words)} --help)\n")
    assert ended.err.count("\n") == 1


def test_a_flag_may_stand_before_or_after_the_command(cli: Cli) -> None:
    before = cli("--database-url", "other.db", "db", "status", "--json")
    after = cli("db", "status", "--json", "--database-url", "other.db")

    assert before == after
    assert before.code == 1


def test_a_bad_setting_is_one_line_that_names_it(cli: Cli) -> None:
    ended = cli("tenant", "list", "--log-level", "loud")

    assert ended.code == 2
    assert ended.err.startswith("huikuan: --log-level is 'loud': it must be debug, info, warning or error")
    assert ended.err.count("\n") == 1


def test_without_tables_it_says_how_to_make_them(cli: Cli) -> None:
    ended = cli("tenant", "list")

    assert ended.code == 2
    assert ended.err == "huikuan: the tables are not there yet: run huikuan db upgrade\n"


def test_a_database_that_is_not_there_is_one_line_without_its_password(cli: Cli) -> None:
    ended = cli("tenant", "list", "--database-url", "postgresql://app:hunter2-secret@127.0.0.1:1/none")

    assert ended.code == 2
    assert ended.err.startswith("huikuan: The database cannot be used: ")
    assert "hunter2" not in ended.err
    assert "Traceback" not in ended.err


def test_a_traceback_is_shown_with_debug(cli: Cli) -> None:
    ended = cli("tenant", "list", "--debug")

    assert ended.code == 2
    assert "Traceback" in ended.err
    assert ended.err.endswith("huikuan: the tables are not there yet: run huikuan db upgrade\n")


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m huikuan.cli schema --safe-mode | head -1"

    ended = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)

    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr
