"""Finds the command that is meant, runs it, and turns whatever goes wrong into one line and an exit code.

0: done. 1: refused, or something was found broken. 2: wrong usage or set-up. 130: interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Sequence

from huikuan.cli.parsing import Parser, shared_flags
from huikuan.version import __version__

__all__ = ["GROUPS", "main"]

INTERRUPTED = 130
BROKEN_PIPE = 141

# Name -> (file, one line). A file is imported when its name stands on the command line, so that
# `huikuan --help` needs no database library.
GROUPS = {
    "demo": ("demo", "see it at work: sample companies, orders and payments in a minute"),
    "serve": ("serve", "answer requests: GraphQL over HTTP"),
    "worker": ("worker", "deliver events and run jobs, beside the server"),
    "db": ("database", "make, upgrade and inspect the tables"),
    "tenant": ("tenant", "the companies that use this installation"),
    "module": ("module", "what is installed, and what a tenant uses"),
    "user": ("user", "people who may sign in to a tenant"),
    "operator": ("operator", "people who run the installation"),
    "token": ("token", "a short-lived access token, to try a request"),
    "api-key": ("api_key", "long-lived keys for programs"),
    "schema": ("schema", "the GraphQL schema of a set of modules"),
    "persisted": ("persisted", "GraphQL documents that clients name by their hash"),
    "import": ("import_", "read a CSV file into a tenant"),
    "check": ("check", "prove that the stored data is consistent"),
    "events": ("events", "what happened, and deliveries that failed"),
    "jobs": ("jobs", "scheduled work"),
    "keys": ("keys", "the keys that sign access tokens"),
    "new-module": ("new_module", "start a module of your own"),
}

GUIDE = """\
Huikuan: from the sales order to the money that comes back.

  huikuan demo                                   see it at work
  huikuan tenant create acme --modules orders --admin boss@acme.example
                                                 your first company, in huikuan.db
  huikuan serve                                  http://127.0.0.1:8000/graphql
  huikuan new-module acme_deposit                write a module of your own

All commands: huikuan --help. One of them: huikuan tenant create --help.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words:
        print(GUIDE, end="")
        return 0
    try:
        args = _parser(words).parse_args(words, _Arguments())
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    try:
        code: int = args.run(args)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("huikuan: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output (head, less) has gone; Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Exception as error:
        if args.debug:
            traceback.print_exc()
        problems = importlib.import_module("huikuan.cli.problems")
        return int(problems.report(error))


class _Arguments(argparse.Namespace):
    """What flags of every command are when they are not given."""

    database_url: str | None = None
    log_level: str | None = None
    safe_mode: bool = False
    debug: bool = False


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    shared = shared_flags()
    parser = Parser(
        prog="huikuan",
        description="Huikuan: from the sales order to the money that comes back.",
        epilog="Settings are read from HUIKUAN_* in the environment too; see: huikuan serve --help.",
        parents=[shared],
    )
    parser.add_argument("--version", action="version", version=f"huikuan {__version__}")
    groups = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    for name, (file, help) in GROUPS.items():
        if name in words:
            importlib.import_module(f"huikuan.cli.{file}").configure(groups, name, help, shared)
        else:
            groups.add_parser(name, help=help)
    return parser
