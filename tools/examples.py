"""What the documents show as code: fenced blocks, and the files that blocks are named as.

A block whose info string holds ``file=NAME`` is a file of the example; ``graphql`` blocks are requests,
and a ``json`` block right after one holds its variables.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Block", "Request", "blocks", "commands", "files", "requests"]

_FENCE = re.compile(r"^```(?P<info>\S[^\n]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the options after it, and where it stands."""

    language: str
    options: dict[str, str]
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Request:
    """A GraphQL document with its variables; ``options`` may name the schema's ``surface``."""

    document: str
    variables: dict[str, Any]
    line: int
    options: dict[str, str] = field(default_factory=dict)


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a document that name a language."""
    text = path.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        language, *options = match["info"].split()
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(language, dict(option.split("=", 1) for option in options), match["text"], line))
    return found


def files(path: Path) -> dict[str, str]:
    """The files that a document shows in full, by name."""
    return {block.options["file"]: block.text for block in blocks(path) if "file" in block.options}


def requests(path: Path) -> list[Request]:
    """The GraphQL requests of a document, in order; not what a file of an example holds."""
    found = []
    shown = blocks(path)
    for block, following in zip(shown, [*shown[1:], None], strict=True):
        if block.language == "graphql" and "file" not in block.options:
            has_variables = following is not None and following.options.get("of") == "variables"
            variables = json.loads(following.text) if following is not None and has_variables else {}
            found.append(Request(block.text, variables, block.line, block.options))
    return found


def commands(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each call of huikuan in a document's consoles: its line, and its words."""
    for block in blocks(path):
        if block.language != "console":
            continue
        for number, line in enumerate(block.text.splitlines(), block.line + 1):
            call = re.match(r"\$ (?:[A-Z_]+=\S+ )*(?:uv run )?huikuan (?P<rest>.*)", line)
            if call:
                words = shlex.split(call["rest"], comments=True)
                yield number, words[: next((at for at, word in enumerate(words) if word in "|>&&"), len(words))]
