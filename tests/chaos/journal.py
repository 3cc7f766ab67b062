"""What the load was answered, as its journal tells, and how to start and end it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.chaos.load import Task
from tools.workspace import ROOT

__all__ = ["Done", "Story", "loading"]

FINISH_SECONDS = 150


@dataclass(frozen=True)
class Done:
    """An acknowledgement: this command of this key is done, and made or changed this order or payment."""

    command: str
    key: str
    it: str
    number: str
    at: float
    seconds: float
    replayed: bool


@dataclass
class Story:
    """The journal, as far as it was read."""

    file: Path
    begun: set[tuple[str, str]] = field(default_factory=set)
    done: list[Done] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    longest: float = 0
    gave_up: list[str] = field(default_factory=list)
    ended: bool = False
    _known: int = 0

    def __str__(self) -> str:
        replayed = sum(item.replayed for item in self.done)
        told = ", ".join(f"{count} {word}" for word, count in self.told.most_common()) or "nothing else"
        return f"{len(self.done)} acknowledgements, {replayed} of them replays; clients were told {told}"

    def read(self) -> Self:
        """Read what was written since the last time."""
        with self.file.open("rb") as file:
            file.seek(self._known)
            for line in file:
                self._add(json.loads(line))
                self._known += len(line)
        return self

    def _add(self, fact: dict[str, Any]) -> None:
        match fact["what"]:
            case "begun":
                self.begun.add((fact["command"], fact["key"]))
            case "done":
                it, number = fact["it"]["id"], fact["it"]["number"]
                self.done.append(
                    Done(fact["command"], fact["key"], it, number, fact["at"], fact["seconds"], fact["replayed"])
                )
            case "told":
                self.told[fact["word"]] += 1
                self.longest = max(self.longest, fact["seconds"])
            case "gave up":
                self.gave_up.append(fact["why"])
            case "ended":
                self.ended = True

    def keys(self, command: str) -> list[str]:
        """The keys of one command's acknowledgements, as often as they came."""
        return [item.key for item in self.done if item.command == command]

    def between(self, start: float, end: float) -> int:
        """How many acknowledgements came in this time, by the monotonic clock."""
        return sum(start <= item.at <= end for item in self.done)


@contextmanager
def loading(task: Task, log: Path) -> Iterator[Story]:
    """A process that sends commands meanwhile; at the end all that it began is answered."""
    Path(task.journal).touch()
    story = Story(Path(task.journal))
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.load"], cwd=ROOT, stdin=subprocess.PIPE, stderr=errors
        )
    assert process.stdin is not None
    try:
        process.stdin.write(task.line())
        process.stdin.flush()
        yield story
        process.stdin.close()
        process.wait(FINISH_SECONDS)
        story.read()
    finally:
        process.kill()
        process.wait()
