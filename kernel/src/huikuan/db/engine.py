"""The database: opens every transaction, with its isolation, its deadlines and its tenant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from huikuan.clock import Clock
from huikuan.db import guard as tenant_guard
from huikuan.db import session as sessions
from huikuan.db.connect import Deadlines, begin, create, open_connection
from huikuan.db.errors import SessionUseError
from huikuan.db.lookup import Lookup
from huikuan.db.scope import OPTION, Mode, Scope, scope_of
from huikuan.db.session import GuardedSession
from huikuan.retry import is_lost

_OURS = "huikuan_commit"


class Database:
    """One database, SQLite or PostgreSQL; every transaction on it begins here.

    `system_url` logs in for the kernel's work across tenants; without it the login of `url` switches to
    `system_role`, where that role exists.
    """

    def __init__(
        self,
        url: str,
        *,
        system_url: str | None = None,
        system_role: str = "huikuan_system",
        pool_size: int = 10,
        pool_timeout: float = 2.0,
        deadlines: Deadlines | None = None,
        sqlite_synchronous: Literal["OFF", "NORMAL", "FULL"] = "FULL",
        guard: bool = True,
    ) -> None:
        options = (deadlines or Deadlines(), sqlite_synchronous, pool_timeout)
        self.guard = guard
        self.engine = create(url, *options, pool_size=pool_size)
        self.dialect: Literal["sqlite", "postgresql"] = (
            "sqlite" if self.engine.dialect.name == "sqlite" else "postgresql"
        )
        if guard:
            tenant_guard.install(self.engine)
        self._system = create(system_url, *options, pool_size=5) if system_url else self.engine
        for engine in {self.engine, self._system}:
            event.listen(engine, "commit", _check_commit)
        self.system_role = system_role
        self._system_role = None if system_url or self.dialect == "sqlite" else system_role

    @contextmanager
    def command(self, tenant_id: UUID | None, clock: Clock | datetime) -> Iterator[GuardedSession]:
        """A transaction that writes: committed at the end, rolled back on any error."""
        with self._session(Scope(Mode.COMMAND, tenant_id, _moment(clock))) as session:
            yield session
            session.flush()

    @contextmanager
    def read(self, tenant_id: UUID | None, clock: Clock | datetime | None = None) -> Iterator[GuardedSession]:
        """A transaction that sees one snapshot and cannot write."""
        with self._session(Scope(Mode.READ, tenant_id, _moment(clock))) as session:
            yield session

    @contextmanager
    def snapshot(self, tenant_id: UUID | None, clock: Clock | datetime | None = None) -> Iterator[Connection]:
        """As `read`, for prepared reads, which need no session; `session_on` makes one when it is needed after all."""
        with self._transaction(self.engine, Scope(Mode.READ, tenant_id, _moment(clock))) as connection:
            yield connection

    def look_up(self, lookup: Lookup, **values: Any) -> Any | None:
        """The first row of a lookup, or None."""
        return lookup.first(self.engine, values)

    @contextmanager
    def session_on(self, connection: Connection) -> Iterator[GuardedSession]:
        """A session on the transaction of a snapshot."""
        scope = scope_of(connection)
        assert scope is not None
        session = GuardedSession(connection, scope)
        session.info["system_role"] = self.system_role
        try:
            yield session
        finally:
            sessions.end(session)

    @contextmanager
    def system(self, clock: Clock | datetime | None = None) -> Iterator[Session]:
        """A transaction across tenants, for the kernel alone: neither guarded nor filtered; it commits."""
        scope = Scope(Mode.SYSTEM, None, _moment(clock))
        with (
            self._transaction(self._system, scope, self._system_role) as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session
            session.flush()

    def dispose(self) -> None:
        """Closes the pooled connections."""
        self.engine.dispose()
        self._system.dispose()

    @contextmanager
    def _session(self, scope: Scope) -> Iterator[GuardedSession]:
        with self._transaction(self.engine, scope) as connection, self.session_on(connection) as session:
            yield session

    @contextmanager
    def _transaction(self, engine: Engine, scope: Scope, role: str | None = None) -> Iterator[Connection]:
        with open_connection(engine, lambda connection: begin(connection, scope, role)) as connection:
            connection.execution_options(**{OPTION: scope})
            transaction = connection.begin()
            try:
                yield connection
            except BaseException:
                if transaction.is_active:  # a failed flush has rolled it back already
                    transaction.rollback()
                elif not connection.closed and not connection.invalidated:
                    connection.connection.rollback()  # a refused commit has not; the pool asks SQLAlchemy alone
                raise
            # Reads end so as well, though there is nothing to keep: after a rollback psycopg forgets what it prepared.
            connection.execution_options(**{_OURS: True})
            try:
                transaction.commit()
            except SQLAlchemyError as error:
                # What was read stands, whatever became of the connection since.
                if scope.mode is not Mode.READ or not is_lost(error):
                    raise


def _check_commit(connection: Connection) -> None:
    """Only the kernel commits what it began; code that reached the connection behind a session does not."""
    if scope_of(connection) is not None and not connection.get_execution_options().get(_OURS):
        raise SessionUseError("The kernel owns the transaction: a module may not commit it.")


def _moment(clock: Clock | datetime | None) -> datetime | None:
    return clock if clock is None or isinstance(clock, datetime) else clock.now()
