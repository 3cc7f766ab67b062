"""Imports over a kernel: each unit in one command transaction, audited; a dry run in one that is undone."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError

from huikuan.context import Context
from huikuan.core.models import IdempotencyRecord
from huikuan.db import GuardedSession
from huikuan.db.seen import forget_all
from huikuan.db.writes import insert_if_absent
from huikuan.errors import Forbidden
from huikuan.importing import (
    Importer,
    ImportMapping,
    ImportSummary,
    Outcome,
    Progress,
    Status,
    Unit,
    run_import,
)
from huikuan.kernel import Kernel
from huikuan.runner import ATTEMPTS, LOCK_TIMEOUT, RETRIED, Scope, context, finish

__all__ = ["import_file"]

T = TypeVar("T")


def import_file(
    kernel: Kernel,
    scope: Scope,
    importer: Importer,
    path: Path,
    *,
    mapping: ImportMapping | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    report_path: Path | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> ImportSummary:
    """Import a CSV file for ``scope``; an importer of its composition. See `huikuan.importing.run_import`."""
    if importer.permission is not None and not scope.actor.may(importer.permission):
        raise Forbidden(f"This needs the permission {importer.permission}.", permission=importer.permission)
    with (_undone if dry_run else _committed)(kernel, scope, importer) as units:
        return run_import(
            importer,
            path,
            execute=units.execute,
            transact=units.transact,
            clock=kernel.clock,
            mapping=mapping,
            dry_run=dry_run,
            progress=progress,
            report_path=report_path,
            encoding=encoding,
            delimiter=delimiter,
        )


class _Opens(Protocol):
    """A transaction, or what stands for one in a dry run."""

    def __call__(self) -> Any: ...


class _Units:
    """Writes units; ``opens`` gives each its session."""

    def __init__(self, scope: Scope, importer: Importer, opens: _Opens) -> None:
        self._scope = scope
        self._importer = importer
        self._opens = opens
        self._module = scope.composition.importers[importer.name][1]
        self._name = f"{self._module}.import.{importer.name}"

    def execute(self, key: str, unit: Unit) -> Outcome:
        """One unit in one transaction; an exception leaves nothing behind."""

        def write(ctx: Context, session: GuardedSession) -> Outcome:
            if self._importer.idempotency == "key" and not self._claim(ctx, session, key):
                return Outcome(status=Status.UNCHANGED)
            return self._importer.write(ctx, unit)

        return self._transaction(write)

    def transact(self, key: str, work: Callable[[Context], T]) -> T:
        """Any work of the importer in one transaction, once for each ``key`` of a run that got through."""
        return self._transaction(lambda ctx, _session: work(ctx))

    def _transaction(self, work: Callable[[Context, GuardedSession], T]) -> T:
        for number in range(1, ATTEMPTS + 1):
            try:
                with self._opens() as session:
                    ctx = context(self._scope, session, self._name)
                    with ctx.calling(self._module):
                        value = work(ctx, session)
                        session.flush()
                    ctx.settle_holds()
                    finish(ctx, session, self._name)
                    return value
            except DBAPIError as error:
                if number == ATTEMPTS or not _passes(error):
                    raise
                time.sleep(random.uniform(0.02, 0.1) * number)
        raise AssertionError("unreachable")

    def _claim(self, ctx: Context, session: GuardedSession, key: str) -> bool:
        """Remember the unit; whether it is new."""
        outcome = {"outcome": "DONE", "values": {}, "refusals": [], "warnings": []}
        row = {"actor_id": ctx.actor.id, "command": self._name, "key": key, "request_hash": "", "outcome": outcome}
        return insert_if_absent(session, IdempotencyRecord, row, ("actor_id", "command", "key"))


@contextmanager
def _committed(kernel: Kernel, scope: Scope, importer: Importer) -> Iterator[_Units]:
    yield _Units(scope, importer, lambda: kernel.database.command(scope.tenant.id, kernel.clock))


@contextmanager
def _undone(kernel: Kernel, scope: Scope, importer: Importer) -> Iterator[_Units]:
    """One transaction with a savepoint for each unit, because units build on one another; then none of it stays."""
    try:
        with kernel.database.command(scope.tenant.id, kernel.clock) as session:

            @contextmanager
            def savepoint() -> Iterator[GuardedSession]:
                session.info.pop("changes", None)
                with session.begin_nested():
                    yield session
                # What a unit read is read anew by the next one, and a large file does not fill the memory.
                session.expunge_all()
                forget_all(session)

            yield _Units(scope, importer, savepoint)
            raise _Undo
    except _Undo:
        pass


class _Undo(Exception):
    """Rolls a dry run back."""


def _passes(error: DBAPIError) -> bool:
    """Whether another try may succeed: a deadlock, or somebody else held a lock."""
    if isinstance(error, OperationalError) and "database is locked" in str(error.orig):
        return True
    return getattr(error.orig, "sqlstate", None) in (*RETRIED, LOCK_TIMEOUT)
