"""Statements that the product sends: counted, and those that write or lock kept with their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from huikuan.kernel import Kernel

__all__ = ["Recording", "Sent", "recording"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement with one set of values, or several."""

    text: str
    values: tuple[Mapping[str, Any], ...]


@dataclass(slots=True)
class Recording:
    """By command, in the order of their running."""

    commands: list[tuple[str, list[Sent]]] = field(default_factory=list)
    count: int = 0

    def begin(self, command: str) -> None:
        """From here on statements belong to another command."""
        self.commands.append((command, []))

    def add(self, text: str, values: Any) -> None:
        """Count a statement, and keep what writes or locks."""
        self.count += 1
        if self.commands and (not text.lstrip().startswith("SELECT") or " FOR " in text):
            self.commands[-1][1].append(Sent(text, tuple(values) if isinstance(values, list) else (values,)))


@contextmanager
def recording(kernel: Kernel) -> Iterator[Recording]:
    """Listen to what the kernel's engine sends; beginning and end of a transaction are not counted."""
    found = Recording()

    def note(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        found.add(text, values)

    event.listen(kernel.database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(kernel.database.engine, "before_cursor_execute", note)
