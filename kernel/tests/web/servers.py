"""Real servers for tests: uvicorn in a thread, on a free port of this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest
from starlette.applications import Starlette

from huikuan.settings import Settings
from huikuan.web.listening import WebServer, bind, config_for

__all__ = ["FAST", "Served", "serving"]

FAST = pytest.mark.skipif(find_spec("httptools") is None, reason="httptools not installed: it is in the extra 'fast'")


class Served:
    """A server that answers."""

    def __init__(self, server: WebServer, port: int) -> None:
        self.server = server
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def connect(self, *, timeout: float = 10) -> socket.socket:
        """A bare connection, for what no decent client does."""
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    @property
    def connections(self) -> int:
        return len(self.server.server_state.connections)


@contextmanager
def serving(app: Starlette, settings: Settings, *, protocol: type | None = None) -> Iterator[Served]:
    """Serve ``app`` until the block ends."""
    listener = bind("127.0.0.1", 0)
    started = threading.Event()
    config = config_for(app, settings)
    if protocol is not None:
        config.http = protocol
    server = WebServer(config, started.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert started.wait(60)
        yield Served(server, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(60)
        listener.close()
    assert not thread.is_alive()
