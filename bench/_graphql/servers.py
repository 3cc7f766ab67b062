"""The two servers, each a process of its own with one worker."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import IO

from bench._graphql.site import Site

__all__ = ["ROOT", "environment", "served"]

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@contextmanager
def served(site: Site) -> Iterator[tuple[int, int]]:
    """The ports of both: ``huikuan serve`` with production's settings, and the raw-SQL endpoint beside it.

    The endpoint has as many connections and threads as the product.
    """
    floor = ["-m", "bench._graphql.endpoint", site.urls.app, str(site.few.id), str(site.settings.pool_size)]
    with (
        _process(
            ["-m", "huikuan.cli", "serve"], environment(site.settings.environment()), site.folder / "1.log"
        ) as one,
        _process(floor, environment({}), site.folder / "2.log") as other,
    ):
        yield one.port(), other.port()


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The variables of a child: ours without settings from outside, and these."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("HUIKUAN_")}, **more}


@contextmanager
def _process(command: list[str], variables: Mapping[str, str], log: Path) -> Iterator[_Server]:
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        yield _Server(process, log)
    finally:
        process.terminate()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()


class _Server:
    """A server that starts."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._log = log
        self._lines: Queue[str] = Queue()
        threading.Thread(target=_copy, args=(process.stdout, self._lines), daemon=True).start()

    def port(self) -> int:
        """From the address that it prints when it is ready."""
        try:
            while True:
                for word in self._lines.get(timeout=START_SECONDS).split():
                    if word.startswith("http://"):
                        return int(word.removesuffix("/graphql").rpartition(":")[2])
        except Empty:
            raise AssertionError(f"a server did not start:\n{self._log.read_text()[-2000:]}") from None


def _copy(source: IO[str] | None, target: Queue[str]) -> None:
    for line in source or ():
        target.put(line)
