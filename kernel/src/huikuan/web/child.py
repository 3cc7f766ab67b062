"""One of several server processes: made by a fork of the parent, which has imported everything and opened nothing."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass

import structlog

from huikuan.errors import HuikuanError
from huikuan.kernel import Kernel
from huikuan.settings import Settings
from huikuan.web.server import run

__all__ = ["Child", "fork"]

log = structlog.get_logger("huikuan.server")
FAILED = 1


@dataclass
class Child:
    """A server process as its parent sees it: what it said on its pipe, and how it ended."""

    pid: int
    told: int
    served: bool = False
    ended: float | None = None
    code: int | None = None

    @property
    def serves(self) -> bool:
        return self.served and self.ended is None

    def look(self) -> bool:
        """Notice what it said and whether it lives; True when it has just ended."""
        if self.ended is not None:
            return False
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        try:
            self.served = self.served or os.read(self.told, 1) == b"."
        except BlockingIOError:
            pass  # it is still about to start
        if pid == 0:
            return False
        self.ended, self.code = time.monotonic(), os.waitstatus_to_exitcode(status)
        os.close(self.told)
        return True

    def signal(self, number: signal.Signals) -> None:
        """Tell it to end."""
        if self.ended is None:
            os.kill(self.pid, number)


def fork(settings: Settings, listener: socket.socket, life: tuple[int, int]) -> Child:
    """Start a process that serves on the parent's socket until SIGTERM, or until the parent is gone.

    ``life`` is a pipe on which nothing is ever written: the parent alone keeps its other end.
    """
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(life[1])
        os.setsid()  # Ctrl-C comes to the parent alone, which stops the others in order
        _serve(settings, listener, tell, life[0])
    os.close(tell)
    os.set_blocking(told, False)
    return Child(pid, told)


def _serve(settings: Settings, listener: socket.socket, tell: int, life: int) -> None:
    """The whole life of the new process: what the parent has on its stack is none of its business."""
    code = FAILED
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        threading.Thread(target=_end_with_parent, args=(life,), daemon=True).start()
        kernel = Kernel.open(settings)
        try:
            code = run(kernel, settings, listener, lambda: _say(tell))
        finally:
            kernel.close()
    except HuikuanError as problem:
        log.error("a server process cannot serve", error=problem.message)
    except BaseException:
        log.exception("a server process broke down")
    finally:
        logging.shutdown()
        sys.stdout.flush()
        os._exit(code)


def _say(tell: int) -> None:
    os.write(tell, b".")
    os.close(tell)


def _end_with_parent(life: int) -> None:
    os.read(life, 1)
    os.kill(os.getpid(), signal.SIGTERM)
