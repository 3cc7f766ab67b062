"""How results look: tables for people, JSON for programs, refusals in one line each."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from huikuan.cli.problems import FAILED
from huikuan.codec import encode
from huikuan.errors import Refusal
from huikuan.runner import CommandResult

__all__ = ["answer", "print_json", "refused", "show", "table"]


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str) -> None:
    """A list: as a table headed by the keys, or as JSON."""
    if as_json:
        print_json(list(rows))
    elif rows:
        print(table(rows))
    else:
        print(empty)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Columns as wide as they need to be; the last one may be long."""
    headings = list(rows[0])
    cells = [[heading.replace("_", " ").upper() for heading in headings]]
    cells += [[_cell(row[heading]) for heading in headings] for row in rows]
    widths = [max(len(line[index]) for line in cells) for index in range(len(headings))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)
    return "\n".join(line.rstrip() for line in lines)


def print_json(value: Any) -> None:
    print(json.dumps(encode(value), indent=2, ensure_ascii=False))


def answer(result: CommandResult, done: str) -> int:
    """Say that a command is done, or why it was refused; returns the exit code."""
    for warning in result.warnings:
        print(f"warning: {_told(warning)}", file=sys.stderr)
    if not result.done:
        return refused(result.refusals)
    print(done)
    return 0


def refused(refusals: Sequence[Refusal]) -> int:
    """Print why; returns the exit code."""
    for refusal in refusals:
        print(f"refused: {_told(refusal)}", file=sys.stderr)
    return FAILED


def _told(refusal: Refusal) -> str:
    text = f"{refusal.message} {refusal.advice or ''}".strip()
    # Advice speaks to users of the API; here its argument is a flag.
    return text.replace("withDependants", "--with-dependants")


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "-"
    return " ".join(str(value).split())
