"""A process that creates and confirms orders as fast as it can, to be killed with SIGKILL at any moment.

Before each command it writes ``B key`` to a pipe, after the answer ``A key outcome``. The reader of
the pipe is another process, so what was acknowledged is known whatever happens to this one. A shared
counter says how many transactions are open: whether a kill hit one is read from it afterwards.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import event

from huikuan.auth.keys import KeyRing
from huikuan.catalog import ModuleCatalog
from huikuan.db import Database
from huikuan.kernel import Kernel
from huikuan.runner import CommandResult, Scope

WRITERS = 4


@dataclass(frozen=True)
class Target:
    """The database under attack, opened anew by each process."""

    url: str
    system_url: str | None
    customer: str
    sku: str
    tenant: str

    def open(self, keys: KeyRing) -> Kernel:
        """A kernel of this process's own."""
        database = Database(self.url, system_url=self.system_url, pool_size=WRITERS + 1)
        return Kernel(database, ModuleCatalog.discover(), keys)


class OpenTransactions:
    """A counter in memory shared with the parent, which outlives this process."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 8 * WRITERS)

    def set(self, writer: int, value: int) -> None:
        self._memory[8 * writer : 8 * writer + 8] = struct.pack("q", value)

    def total(self) -> int:
        return sum(struct.unpack(f"{WRITERS}q", self._memory[:]))


def create(kernel: Kernel, scope: Scope, target: Target, key: str) -> CommandResult:
    """Create the order ``key``; safe to repeat."""
    line = {"sku": target.sku, "quantity": Decimal(2), "unit_price": Decimal("9.99")}
    arguments = {"input": {"customer": {"code": target.customer}, "reference": key, "lines": [line]}}
    return kernel.run(scope, "order_create", arguments, key=f"create:{key}")


def confirm(kernel: Kernel, scope: Scope, order: UUID, key: str) -> CommandResult:
    """Confirm it; safe to repeat."""
    return kernel.run(scope, "order_confirm", {"id": order}, key=f"confirm:{key}")


def run(target: Target, keys: KeyRing, generation: int, pipe: int, opened: OpenTransactions) -> None:
    """The child's main: never returns unless something is wrong."""
    kernel = target.open(keys)
    _count_transactions(kernel.database, opened)
    threads = [
        threading.Thread(target=_write, args=(kernel, target, f"g{generation}w{number}", number, pipe), daemon=True)
        for number in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os._exit(3)


def _write(kernel: Kernel, target: Target, name: str, number: int, pipe: int) -> None:
    _slot.number = number
    scope = kernel.scope(target.tenant, request_id=name)
    count = 0
    while True:
        count += 1
        key = f"{name}-{count}"
        order = _acknowledged(pipe, "C", key, lambda key=key: create(kernel, scope, target, key))  # type: ignore[misc]
        order_id = UUID(order.values["order"])
        _acknowledged(pipe, "F", key, lambda key=key, id=order_id: confirm(kernel, scope, id, key))  # type: ignore[misc]


def _acknowledged(pipe: int, kind: str, key: str, send: Callable[[], CommandResult]) -> CommandResult:
    _tell(pipe, f"B {kind} {key}")
    result = send()
    assert result.done, result.refusals
    _tell(pipe, f"A {kind} {key}")
    return result


def _tell(pipe: int, line: str) -> None:
    # One write below PIPE_BUF is atomic: lines of several threads never mix, nor are they cut by the kill.
    os.write(pipe, f"{line}\n".encode())


_slot = threading.local()


def _count_transactions(database: Database, opened: OpenTransactions) -> None:
    """Open from BEGIN to the end of COMMIT or ROLLBACK."""

    def note(value: int) -> Callable[..., Any]:
        def listener(*_: Any) -> None:
            opened.set(getattr(_slot, "number", 0), value)

        return listener

    event.listen(database.engine, "begin", note(1))
    event.listen(database.engine, "checkin", note(0))
