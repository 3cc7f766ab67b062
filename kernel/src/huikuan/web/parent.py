"""Several server processes on one listening socket: starts them, replaces those that die, stops them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

import structlog
from prometheus_client.multiprocess import mark_process_dead

from huikuan.settings import PREFIX, Settings

__all__ = ["Parent"]

log = structlog.get_logger("huikuan.server")
LOOK_SECONDS = 0.1
PAUSE_SECONDS = 1.0


@dataclass
class _Child:
    """A server process, and the descriptor on which it says that it serves."""

    process: subprocess.Popen[bytes]
    told: int
    served: bool = False
    ended: float | None = None

    @property
    def serves(self) -> bool:
        return self.served and self.ended is None

    @property
    def pause(self) -> float:
        """Seconds before another takes its place: none, unless that one may fail as this one did."""
        return 0 if self.served else PAUSE_SECONDS

    def look(self) -> bool:
        """Notice what it said and whether it lives; True when it has just ended."""
        if self.ended is not None:
            return False
        ends = self.process.poll() is not None
        try:
            self.served = self.served or os.read(self.told, 1) == b"."
        except BlockingIOError:
            pass  # it is still about to start
        if ends:
            self.ended = time.monotonic()
            os.close(self.told)
        return ends


class Parent:
    """The process that people start; it answers no request itself."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        self._children: list[_Child] = []
        self._stopping = False
        # The processes count here, so that whichever of them is asked for metrics answers for all.
        self._metrics = tempfile.TemporaryDirectory(prefix="huikuan-metrics-")

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
            self._metrics.cleanup()
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self) -> _Child:
        theirs = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        read, write = os.pipe()
        os.set_blocking(read, False)
        command = [sys.executable, "-m", "huikuan.web.child", str(self._listener.fileno()), str(write)]
        process = subprocess.Popen(
            command,
            env=theirs | self._settings.environment() | {"PROMETHEUS_MULTIPROC_DIR": self._metrics.name},
            pass_fds=(self._listener.fileno(), write),
            stdin=subprocess.PIPE,  # closed when this process dies, which ends the child
            start_new_session=True,  # Ctrl-C comes to this process alone, which stops the others in order
        )
        os.close(write)
        return _Child(process, read)

    def _watch(self, enough: Callable[[], bool]) -> None:
        """Replace what dies, until it is enough or the server is stopped."""
        while not self._stopping and not enough():
            for place, child in enumerate(self._children):
                if child.look():
                    self._mourn(child)
                if child.ended is not None and time.monotonic() - child.ended > child.pause:
                    self._children[place] = self._start()
            time.sleep(LOOK_SECONDS)

    def _mourn(self, child: _Child) -> None:
        """RuntimeError when nobody is left who serves: then another one would fail as well."""
        pid, code = child.process.pid, child.process.returncode
        mark_process_dead(pid, self._metrics.name)  # type: ignore[no-untyped-call]
        if not child.served and not any(other.serves for other in self._children):
            raise RuntimeError(f"server process {pid} ended with code {code} before it served")
        log.error("a server process died; starting another", pid=pid, code=code)

    def _end(self) -> None:
        processes = [child.process for child in self._children]
        for child in processes:
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + self._settings.shutdown_timeout + 5
        for child in processes:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("a server process did not stop; killing it", pid=child.pid)
                child.kill()
                child.wait()
