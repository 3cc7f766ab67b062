"""One of several server processes: ``python -m huikuan.web.child LISTENER READY`` with inherited descriptors."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading

from huikuan import logs
from huikuan.kernel import Kernel
from huikuan.settings import Settings
from huikuan.web.server import run

__all__ = ["main"]


def main(listener: int, ready: int) -> int:
    """Serve on the parent's socket until SIGTERM, or until the parent is gone."""
    settings = Settings.load()
    logs.configure(settings)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    kernel = Kernel.open(settings)

    def tell() -> None:
        os.write(ready, b".")
        os.close(ready)

    try:
        with socket.socket(fileno=listener) as shared:
            return run(kernel, settings, shared, tell)
    finally:
        kernel.close()


def _end_with_parent() -> None:
    # Not through sys.stdin: its lock, held by this thread, would abort the interpreter at an ordinary end.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
