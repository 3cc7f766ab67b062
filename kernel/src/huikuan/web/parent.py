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
from types import FrameType

import structlog
from prometheus_client.multiprocess import mark_process_dead

from huikuan.settings import PREFIX, Settings

__all__ = ["Parent"]

log = structlog.get_logger("huikuan.server")
PAUSE_SECONDS = 1.0


class Parent:
    """The process that people start; it answers no request itself."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        self._children: list[subprocess.Popen[bytes]] = []
        self._stopping = False
        # The processes count here, so that whichever of them is asked for metrics answers for all.
        self._metrics = tempfile.TemporaryDirectory(prefix="huikuan-metrics-")

    def run(self, ready: Callable[[], None]) -> int:
        """Run until SIGINT or SIGTERM, or until a process cannot start; returns the exit code."""
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            started = [self._start() for _ in range(self._settings.workers)]
            self._children = [child for child, _ in started]
            for child, told in started:
                self._await(child, told)
            if not self._stopping:
                ready()
            while not self._stopping:
                time.sleep(0.2)
                self._replace_dead()
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

    def _start(self) -> tuple[subprocess.Popen[bytes], int]:
        """One process, and the descriptor on which it says that it serves."""
        theirs = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        read, write = os.pipe()
        command = [sys.executable, "-m", "huikuan.web.child", str(self._listener.fileno()), str(write)]
        child = subprocess.Popen(
            command,
            env=theirs | self._settings.environment() | {"PROMETHEUS_MULTIPROC_DIR": self._metrics.name},
            pass_fds=(self._listener.fileno(), write),
            stdin=subprocess.PIPE,  # closed when this process dies, which ends the child
            start_new_session=True,  # Ctrl-C comes to this process alone, which stops the others in order
        )
        os.close(write)
        return child, read

    def _await(self, child: subprocess.Popen[bytes], told: int) -> None:
        """Wait until it serves; RuntimeError when it ends before it does."""
        with os.fdopen(told, "rb") as said:
            if said.read(1) != b"." and not self._stopping:
                raise RuntimeError(f"server process {child.pid} ended with code {child.wait()} before it served")

    def _replace_dead(self) -> None:
        for place, child in enumerate(self._children):
            if child.poll() is not None and not self._stopping:
                log.error("a server process died; starting another", pid=child.pid, code=child.returncode)
                mark_process_dead(child.pid, self._metrics.name)  # type: ignore[no-untyped-call]
                time.sleep(PAUSE_SECONDS)
                self._children[place], told = self._start()
                self._await(self._children[place], told)

    def _end(self) -> None:
        for child in self._children:
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + self._settings.shutdown_timeout + 5
        for child in self._children:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("a server process did not stop; killing it", pid=child.pid)
                child.kill()
                child.wait()
