"""Runs the web server: one process with an embedded worker, or several processes on one socket."""

from __future__ import annotations

import gc
import logging
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, TextIO

import structlog

from huikuan import logs
from huikuan.db.migrate import require_current
from huikuan.db.roles import check_serving_role
from huikuan.jobs.worker import Worker
from huikuan.kernel import Kernel
from huikuan.settings import PREFIX, Settings
from huikuan.web.app import create_app
from huikuan.web.listening import WebServer, bind, config_for

__all__ = ["run", "serve", "settle_heap"]

log = structlog.get_logger("huikuan.server")
COLLECT = 10_000, 20, 50
"""When the garbage collector looks at each of its generations; Python's own are 700, 10, 10."""


def serve(
    settings: Settings,
    *,
    open_kernel: Callable[[Settings], Kernel] = Kernel.open,
    out: TextIO | None = None,
    greeting: Callable[[str], str] = "Huikuan serves {0}/graphql (stop it with Ctrl-C)".format,
) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit code. Raises SetupError with one clear line.

    When requests are answered, ``greeting(address)`` is written to ``out`` (standard output). If the settings want
    several processes, this one becomes their parent and does not return.
    """
    logs.configure(settings)
    listener = bind(settings.host, settings.port)
    address = _address(settings.host, listener.getsockname()[1])

    def ready() -> None:
        print(greeting(address), file=out or sys.stdout, flush=True)

    with listener:
        kernel = open_kernel(settings)
        try:
            check(kernel)
            if settings.workers > 1:
                kernel.close()
                become_parent(settings, listener, greeting(address))
            return run(kernel, settings, listener, ready)
        finally:
            kernel.close()


def check(kernel: Kernel) -> None:
    """Refuse to serve tables of another version, or as a role that no fence holds back."""
    require_current(kernel.database.engine, kernel.migration_sources())
    if kernel.database.dialect == "postgresql":
        check_serving_role(kernel.database.engine)


def run(kernel: Kernel, settings: Settings, listener: socket.socket, ready: Callable[[], None]) -> int:
    """Serve in this process until it is told to stop; returns the exit code."""
    app = create_app(kernel)
    settle_heap()
    with worker_beside(kernel, settings):
        WebServer(config_for(app, settings), ready).run(sockets=[listener])
    if app.state.gate.abandoned:
        # Threads can't be stopped, and a Python process waits for all of them; their transactions roll back.
        log.error("stopped with work unfinished", requests=app.state.gate.abandoned)
        logging.shutdown()
        os._exit(1)
    return 0


def settle_heap() -> None:
    """Modules, models and schemas stay as long as the process: the collector need not look through them again.

    Requests leave little behind that is cyclic, so it need not look often either.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)


def become_parent(settings: Settings, listener: socket.socket, greeting: str) -> NoReturn:
    """Replace the program of this process by that of `huikuan.web.parent`.

    A new one, because what it forks must inherit no connection, and because all processes count for metrics in one
    place, which prometheus_client wants to know before it is imported.
    """
    theirs = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    metrics = tempfile.mkdtemp(prefix="huikuan-metrics-")
    listener.set_inheritable(True)
    command = [sys.executable, "-m", "huikuan.web.parent", str(listener.fileno()), greeting]
    os.execve(sys.executable, command, theirs | settings.environment() | {"PROMETHEUS_MULTIPROC_DIR": metrics})


@contextmanager
def worker_beside(kernel: Kernel, settings: Settings) -> Iterator[None]:
    """A worker in a thread of this process, if the settings want one."""
    if not settings.embedded_worker:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=Worker(kernel).run_forever, args=(stop,), name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(settings.shutdown_timeout)
        if thread.is_alive():
            log.warning("the embedded worker did not stop in time; its transaction rolls back")


def _address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"
