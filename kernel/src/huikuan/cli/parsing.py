"""How commands are declared: argparse, with one-line errors and flags that may stand before or after."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

__all__ = ["USAGE", "Commands", "Parser", "Run", "shared_flags"]

USAGE = 2
Run = Callable[[argparse.Namespace], int]


_WRONG_CHOICE = re.compile(r"(argument (?P<flag>\S+): )?invalid choice: '(?P<given>.*?)' \(choose from (?P<known>.*)\)")


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where to read more."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Argparse leaves what a command does not know to the outermost parser, which cannot say where to read more."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unknown: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        print(f"huikuan: {_plain(message)} (see: {self.prog} --help)", file=sys.stderr)
        raise SystemExit(USAGE)


class Commands:
    """The commands below a group, such as `huikuan tenant …`."""

    def __init__(self, parser: Any, shared: argparse.ArgumentParser) -> None:
        self._parsers: Any = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
        self._shared = shared
        if parser.get_default("run") is None:
            parser.set_defaults(run=lambda _args: _show_help(parser))

    def add(self, name: str, run: Run, help: str, *, example: str, details: str = "") -> argparse.ArgumentParser:
        """Declare a command; ``example`` is one or more lines that a newcomer can copy."""
        parser: argparse.ArgumentParser = self._parsers.add_parser(
            name,
            help=help,
            parents=[self._shared],
            description=f"{_sentence(help)}\n{details}".rstrip(),
            epilog=examples(example),
        )
        parser.set_defaults(run=run)
        return parser


def examples(text: str) -> str:
    """The epilog that shows them."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return "\n".join(["example:" if len(lines) == 1 else "examples:", *(f"  {line}" for line in lines)])


def shared_flags() -> argparse.ArgumentParser:
    """Flags that every command takes; they leave no default, so that either place counts."""
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = parser.add_argument_group("flags of every command")
    group.add_argument(
        "--database-url", metavar="URL", help="sqlite:///FILE or postgresql://…; default: HUIKUAN_DATABASE_URL"
    )
    group.add_argument("--log-level", metavar="LEVEL", help="debug, info, warning or error")
    group.add_argument("--safe-mode", action="store_true", help="do not load third-party modules")
    group.add_argument("--debug", action="store_true", help="show tracebacks")
    return parser


def _show_help(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return USAGE


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")


def _plain(message: str) -> str:
    """argparse's words, put as a person would."""
    message = message.removeprefix("argument COMMAND: ")
    wrong = _WRONG_CHOICE.match(message)
    if wrong is None:
        return message
    known = [name.strip(" '") for name in wrong["known"].split(",")]
    near = difflib.get_close_matches(wrong["given"], known, n=1)
    what = wrong["flag"] or "command"
    hint = f"did you mean {near[0]!r}?" if near else f"it may be: {', '.join(known)}"
    return f"unknown {what} {wrong['given']!r}; {hint}"
