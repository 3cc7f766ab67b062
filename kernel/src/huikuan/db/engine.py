"""The database: opens every transaction, with its isolation, its deadlines and its tenant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from huikuan.clock import Clock
from huikuan.db import guard as tenant_guard
from huikuan.db import session as sessions
from huikuan.db.scope import OPTION, Mode, Scope
from huikuan.db.session import GuardedSession

_BEGIN_POSTGRESQL = {
    Mode.COMMAND: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    Mode.READ: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    Mode.SYSTEM: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
}


class Database:
    """One database, SQLite or PostgreSQL.

    `system_url` logs in with the role for the kernel's work across tenants; without it `url` serves.
    """

    def __init__(
        self,
        url: str,
        *,
        system_url: str | None = None,
        pool_size: int = 10,
        pool_timeout: float = 2.0,
        sqlite_synchronous: Literal["OFF", "NORMAL", "FULL"] = "FULL",
        guard: bool = True,
        echo: bool = False,
    ) -> None:
        self.guard = guard
        options: dict[str, Any] = {"pool_timeout": pool_timeout, "echo": echo}
        self.engine = _create(url, sqlite_synchronous, {**options, "pool_size": pool_size, "max_overflow": 0})
        self.dialect: Literal["sqlite", "postgresql"] = self.engine.dialect.name  # type: ignore[assignment]
        if guard:
            tenant_guard.install(self.engine)
        self._system = (
            _create(system_url, sqlite_synchronous, {**options, "pool_size": 2, "max_overflow": 3})
            if system_url
            else self.engine
        )

    @contextmanager
    def command(self, tenant_id: UUID | None, clock: Clock) -> Iterator[GuardedSession]:
        """A transaction that writes: committed at the end, rolled back on any error."""
        scope = Scope(Mode.COMMAND, tenant_id, clock.now())
        with self._transaction(self.engine, scope) as connection:
            session = GuardedSession(connection, scope)
            try:
                yield session
                session.flush()
            finally:
                sessions.end(session)

    @contextmanager
    def read(self, tenant_id: UUID | None, clock: Clock | None = None) -> Iterator[GuardedSession]:
        """A transaction that sees one snapshot and cannot write."""
        scope = Scope(Mode.READ, tenant_id, clock.now() if clock else None)
        with self._transaction(self.engine, scope) as connection:
            session = GuardedSession(connection, scope)
            try:
                yield session
            finally:
                sessions.end(session)

    @contextmanager
    def system(self, clock: Clock | None = None) -> Iterator[Session]:
        """A transaction across tenants, for the kernel alone: neither guarded nor filtered."""
        scope = Scope(Mode.SYSTEM, None, clock.now() if clock else None)
        with self._transaction(self._system, scope) as connection, Session(connection, expire_on_commit=False) as session:
            yield session
            session.flush()

    def dispose(self) -> None:
        """Closes the pooled connections."""
        self.engine.dispose()
        self._system.dispose()

    @contextmanager
    def _transaction(self, engine: Engine, scope: Scope) -> Iterator[Connection]:
        with engine.connect() as connection:
            connection.execution_options(**{OPTION: scope})
            transaction = connection.begin()
            try:
                begin(connection, scope)
                yield connection
            except BaseException:
                transaction.rollback()
                raise
            if scope.mode is Mode.READ:
                transaction.rollback()
            else:
                transaction.commit()


def begin(connection: Connection, scope: Scope) -> None:
    """Begins the transaction on the driver's connection and sets its tenant, in one round trip on PostgreSQL."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        driver.execute(f"PRAGMA query_only={'ON' if scope.mode is Mode.READ else 'OFF'}")
        driver.execute("BEGIN" if scope.mode is Mode.READ else "BEGIN IMMEDIATE")
        return
    statement = _BEGIN_POSTGRESQL[scope.mode]
    if scope.tenant_id is not None:
        # SET takes no bind parameter; a UUID prints as hexadecimal digits and dashes only.
        statement += f"; SET LOCAL app.tenant = '{UUID(int=scope.tenant_id.int)}'"
    driver.execute(statement, prepare=False)


def _create(url: str, sqlite_synchronous: str, options: dict[str, Any]) -> Engine:
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "postgresql":
        settings = "-c lock_timeout=3000 -c statement_timeout=10000 -c idle_in_transaction_session_timeout=15000"
        engine = create_engine(parsed, connect_args={"options": settings}, **options)
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    engine = create_engine(parsed, connect_args={"isolation_level": None, "check_same_thread": False}, **options)

    @event.listens_for(engine, "connect")
    def _prepare_sqlite(driver: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", f"synchronous={sqlite_synchronous}", "busy_timeout=5000", "foreign_keys=ON"):
            driver.execute(f"PRAGMA {pragma}")

    return engine


def _prepare_postgresql(driver: Any, _record: Any) -> None:
    # `begin` sends BEGIN itself, together with the tenant; the driver must not add one.
    driver.autocommit = True
