"""uvicorn as this product runs it: its signals, its configuration, its listening socket."""

from __future__ import annotations

import errno
import math
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from huikuan.errors import SetupError
from huikuan.settings import Settings
from huikuan.web.deadlines import protocol_class
from huikuan.web.upgrade import socket_class

__all__ = ["WebServer", "bind", "config_for"]

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


def config_for(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """uvicorn's configuration: no logging of its own, no address of its own, our deadlines."""
    return uvicorn.Config(
        app,
        http=protocol_class(settings.read_timeout),
        ws=socket_class(settings.read_timeout) if settings.websockets else "none",
        ws_max_size=settings.body_limit,
        ws_per_message_deflate=False,  # memory for each connection, for messages that are small
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
