"""Several server processes on one listening socket: starts them, replaces those that die, stops them.

``python -m huikuan.web.parent LISTENER GREETING`` takes over from the process that people start. It imports everything
and opens nothing, so that whatever it forks serves at once and shares nothing but memory.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType

import structlog
from prometheus_client.multiprocess import mark_process_dead

from huikuan import logs
from huikuan.catalog import ModuleCatalog
from huikuan.settings import Settings
from huikuan.web.child import Child, fork
from huikuan.web.server import settle_heap

__all__ = ["Parent", "main"]

log = structlog.get_logger("huikuan.server")
LOOK_SECONDS = 0.1
PAUSE_SECONDS = 1.0


class Parent:
    """The process that people see; it answers no request itself."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        self._children: list[Child] = []
        self._stopping = False
        self._life = os.pipe()

    def run(self, ready: Callable[[], None]) -> int:
        """Run until SIGINT or SIGTERM, or until no process can start; returns the exit code."""
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            self._children = [self._start() for _ in range(self._settings.workers)]
            self._watch(lambda: all(child.serves for child in self._children))
            if not self._stopping:
                ready()
            self._watch(lambda: False)
        except RuntimeError as problem:
            log.error("stopping", error=str(problem))
            return 1
        finally:
            self._end()
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self) -> Child:
        return fork(self._settings, self._listener, self._life)

    def _watch(self, enough: Callable[[], bool]) -> None:
        """Replace what dies, until it is enough or the server is stopped."""
        while not self._stopping and not enough():
            for place, child in enumerate(self._children):
                if child.look():
                    self._mourn(child)
                # At once, unless the next one may fail just as this one did.
                if child.ended is not None and time.monotonic() - child.ended > (0 if child.served else PAUSE_SECONDS):
                    self._children[place] = self._start()
            time.sleep(LOOK_SECONDS)

    def _mourn(self, child: Child) -> None:
        """RuntimeError when nobody is left who serves: then another one would fail as well."""
        mark_process_dead(child.pid)  # type: ignore[no-untyped-call]
        if not child.served and not any(other.serves for other in self._children):
            raise RuntimeError(f"server process {child.pid} ended with code {child.code} before it served")
        log.error("a server process died; starting another", pid=child.pid, code=child.code)

    def _end(self) -> None:
        for child in self._children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + self._settings.shutdown_timeout + 5
        while time.monotonic() < deadline and not self._all_ended():
            time.sleep(LOOK_SECONDS / 2)
        while not self._all_ended():
            for child in self._children:
                if child.ended is None:
                    log.error("a server process did not stop; killing it", pid=child.pid)
                    child.signal(signal.SIGKILL)
            time.sleep(LOOK_SECONDS)

    def _all_ended(self) -> bool:
        for child in self._children:
            child.look()
        return all(child.ended is not None for child in self._children)


def main(listener: int, greeting: str) -> int:
    """Serve until SIGTERM; say ``greeting`` when requests are answered."""
    settings, metrics = Settings.load(), os.environ["PROMETHEUS_MULTIPROC_DIR"]
    logs.configure(settings)
    ModuleCatalog.discover(safe_mode=settings.safe_mode)
    settle_heap()

    def ready() -> None:
        sys.stdout.write(f"{greeting}\n")
        sys.stdout.flush()

    try:
        with socket.socket(fileno=listener) as shared:
            return Parent(settings, shared).run(ready)
    finally:
        shutil.rmtree(metrics, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
