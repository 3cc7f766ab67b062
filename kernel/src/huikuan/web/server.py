"""Runs the web server: one process with an embedded worker, or several processes on one socket."""

from __future__ import annotations

import errno
import logging
import math
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

import structlog
import uvicorn
from starlette.applications import Starlette

from huikuan import logs
from huikuan.db.migrate import require_current
from huikuan.db.roles import check_serving_role
from huikuan.errors import SetupError
from huikuan.jobs.worker import Worker
from huikuan.kernel import Kernel
from huikuan.settings import Settings
from huikuan.web.app import create_app
from huikuan.web.deadlines import protocol_class
from huikuan.web.parent import Parent

__all__ = ["WebServer", "bind", "config_for", "run", "serve"]

log = structlog.get_logger("huikuan.server")
KEEP_ALIVE_SECONDS = 15


class WebServer(uvicorn.Server):
    """uvicorn's server that tells when it is ready, and does not kill its process after a clean stop."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, but the signal ends with the server: what comes after it must still run."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.handle_exit(number, frame)


def serve(
    settings: Settings,
    *,
    open_kernel: Callable[[Settings], Kernel] = Kernel.open,
    out: TextIO | None = None,
    greeting: Callable[[str], str] = "Huikuan serves {0}/graphql (stop it with Ctrl-C)".format,
) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit code. Raises SetupError with one clear line.

    When requests are answered, ``greeting(address)`` is written to ``out`` (standard output).
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
            if settings.workers == 1:
                return run(kernel, settings, listener, ready)
        finally:
            kernel.close()
        return Parent(settings, listener).run(ready)


def check(kernel: Kernel) -> None:
    """Refuse to serve tables of another version, or as a role that no fence holds back."""
    require_current(kernel.database.engine, kernel.migration_sources())
    if kernel.database.dialect == "postgresql":
        check_serving_role(kernel.database.engine)


def run(kernel: Kernel, settings: Settings, listener: socket.socket, ready: Callable[[], None]) -> int:
    """Serve in this process until it is told to stop; returns the exit code."""
    app = create_app(kernel)
    with worker_beside(kernel, settings):
        WebServer(config_for(app, settings), ready).run(sockets=[listener])
    if app.state.gate.abandoned:
        # Threads can't be stopped, and a Python process waits for all of them; their transactions roll back.
        log.error("stopped with work unfinished", requests=app.state.gate.abandoned)
        logging.shutdown()
        os._exit(1)
    return 0


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


def config_for(app: Starlette, settings: Settings) -> uvicorn.Config:
    """uvicorn's configuration: no logging of its own, no address of its own, our deadlines."""
    return uvicorn.Config(
        app,
        http=protocol_class(settings.read_timeout),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=math.ceil(settings.shutdown_timeout),
        reset_contextvars=True,
    )


def bind(host: str, port: int) -> socket.socket:
    """A listening address, or a SetupError that says what is in the way."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as problem:
        listener.close()
        raise SetupError(_why(problem, host, port)) from None
    listener.setblocking(False)
    return listener


def _why(problem: OSError, host: str, port: int) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use: stop what listens there, or choose another with --port."
    if problem.errno == errno.EACCES:
        return f"Port {port} is only for the system's administrator: choose one from 1024 with --port."
    return f"{host} is no address of this machine ({problem.strerror}): use 127.0.0.1, or 0.0.0.0 for all, as --host."


def _address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"
