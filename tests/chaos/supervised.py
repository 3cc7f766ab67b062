"""Processes that are started again whenever they end, as an operator's supervisor does."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Supervised", "children_of", "supervised"]

PAUSE_SECONDS = 0.1
STOP_SECONDS = 30


class Supervised:
    """One process that runs until it is told to stop, however often it dies."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._command = list(command)
        self._environment = dict(environment)
        self._log = log
        self._stopping = threading.Event()
        self._changing = threading.Lock()
        self.codes: list[int] = []
        self._process = self._start()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """Of the process that runs now, or ran last."""
        return self._process.pid

    def stop(self) -> int:
        """End it as an operator does, with SIGTERM; returns its exit code."""
        with self._changing:
            self._stopping.set()
            self._process.terminate()
        self._thread.join(STOP_SECONDS)
        if self._thread.is_alive():
            self._process.kill()
            self._thread.join()
        return self.codes[-1]

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)

    def _watch(self) -> None:
        while True:
            self.codes.append(self._process.wait())
            self._stopping.wait(PAUSE_SECONDS)
            with self._changing:
                if self._stopping.is_set():
                    return
                self._process = self._start()


@contextmanager
def supervised(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[Supervised]:
    """A process that runs at least until the block ends."""
    found = Supervised(command, environment, log)
    try:
        yield found
    finally:
        found.stop()


def children_of(pid: int) -> list[int]:
    """Living processes that this one has started."""
    try:
        found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return [child for child in found if _lives(child)]


def _lives(pid: int) -> bool:
    """Whether it runs: the dead are still listed until their parent has asked for their exit code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
