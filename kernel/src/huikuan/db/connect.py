"""Connections of both databases: settings, deadlines, and how a transaction begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError

from huikuan.db.scope import Mode, Scope
from huikuan.db.types import json_text
from huikuan.errors import HuikuanError, SetupError

_BEGIN_POSTGRESQL = {
    Mode.COMMAND: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    Mode.READ: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    Mode.SYSTEM: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
}
# Roles are the whole server's, their rights are a database's: a superuser may switch to any role that another
# database's set-up left there, and would lose rights by it. No fence holds for it, so it has no need to.
_MAY_SWITCH = """
SELECT 1 FROM pg_roles role, pg_roles login WHERE role.rolname = %s AND login.rolname = current_user
AND pg_has_role(role.oid, 'MEMBER') AND NOT login.rolsuper
"""


_PREPARED = 500


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds after which PostgreSQL ends a wait for a lock, a statement, or an idle transaction."""

    lock: float = 3.0
    statement: float = 10.0
    idle: float = 15.0


def create(url: str, deadlines: Deadlines, sqlite_synchronous: str, pool_timeout: float, *, pool_size: int) -> Engine:
    """An engine whose connections leave the beginning of transactions to `begin`."""
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("postgresql+psycopg", "sqlite", "sqlite+pysqlite"):
        raise SetupError(f"{parsed.drivername}: use a URL that starts with sqlite:/// or postgresql://.")
    postgresql = parsed.get_backend_name() == "postgresql"
    if not postgresql and parsed.database in (None, "", ":memory:"):
        raise SetupError("SQLite needs a file that all connections share: sqlite:///path/to/huikuan.db.")
    engine = create_engine(
        parsed,
        connect_args=_postgresql_arguments(deadlines) if postgresql else _SQLITE_ARGUMENTS,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout,
        json_serializer=json_text,
    )
    event.listen(engine, "handle_error", _unwrap)
    if postgresql:
        event.listen(engine, "connect", _prepare_postgresql)
    else:
        _prepare_sqlite(engine, sqlite_synchronous)
    return engine


_SQLITE_ARGUMENTS: dict[str, Any] = {"isolation_level": None, "check_same_thread": False}


def _postgresql_arguments(deadlines: Deadlines) -> dict[str, Any]:
    settings = {
        "lock_timeout": deadlines.lock,
        "statement_timeout": deadlines.statement,
        "idle_in_transaction_session_timeout": deadlines.idle,
    }
    options = [f"-c {name}={int(seconds * 1000)}" for name, seconds in settings.items()]
    return {"options": " ".join([*options, "-c timezone=UTC"])}


def _unwrap(context: ExceptionContext) -> BaseException | None:
    """Errors of our own column types reach the caller as they are, with their code."""
    original = context.original_exception
    return original if isinstance(original, HuikuanError) else None


def _prepare_postgresql(driver: Any, _record: Any) -> None:
    # `begin` sends BEGIN itself, together with the tenant; the driver must not add one.
    driver.autocommit = True
    # One order sends more kinds of statements than the driver keeps prepared by default, so each would push out
    # the one that is needed next; a plan costs the server some 20 kB.
    driver.prepared_max = _PREPARED


def _prepare_sqlite(engine: Engine, synchronous: str) -> None:
    pragmas = ("busy_timeout=5000", "journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON")

    @event.listens_for(engine, "connect")
    def prepare(driver: Any, _record: Any) -> None:
        for pragma in pragmas:
            driver.execute(f"PRAGMA {pragma}")


def open_connection(engine: Engine, begin: Callable[[Connection], None]) -> Connection:
    """A connection on which a transaction has begun.

    If the server has gone away meanwhile, the pooled connections that it left behind are closed one by one until
    a fresh one begins: nothing was sent on them yet. Those that other threads hold are theirs to close.
    """
    assert isinstance(engine.pool, QueuePool)
    stale = engine.pool.size()
    while True:
        connection = engine.connect()
        try:
            begin(connection)
        except DBAPIError as error:
            connection.invalidate(error.orig)
            connection.close()
            if not error.connection_invalidated or stale == 0:
                raise
            stale -= 1
        else:
            return connection


def begin(connection: Connection, scope: Scope, role: str | None = None) -> None:
    """Begins a transaction and sets its tenant; on PostgreSQL in one round trip."""
    driver: Any = connection.connection.driver_connection
    dialect = connection.dialect
    statements = _sqlite(scope) if dialect.name == "sqlite" else _postgresql(driver, scope, role)
    try:
        for statement in statements:
            if dialect.name == "sqlite":
                driver.execute(statement)
            else:
                driver.execute(statement, prepare=False)
    except dialect.loaded_dbapi.Error as error:
        gone = dialect.is_disconnect(error, driver, None)
        raise DBAPIError.instance(
            statements[-1],
            None,
            error,
            dialect.loaded_dbapi.Error,
            connection_invalidated=gone,
            dialect=dialect,
        ) from error


def _sqlite(scope: Scope) -> list[str]:
    if scope.mode is Mode.READ:
        return ["PRAGMA query_only=ON", "BEGIN"]
    return ["PRAGMA query_only=OFF", "BEGIN IMMEDIATE"]


def _postgresql(driver: Any, scope: Scope, role: str | None) -> list[str]:
    statement = _BEGIN_POSTGRESQL[scope.mode]
    if scope.tenant_id is not None:
        # SET takes no bind parameter; a UUID prints as hexadecimal digits and dashes only.
        statement += f"; SET LOCAL app.tenant = '{UUID(int=scope.tenant_id.int)}'"
    if role is not None and driver.execute(_MAY_SWITCH, (role,)).fetchone():
        statement += '; SET LOCAL ROLE "{}"'.format(role.replace('"', '""'))
    return [statement]
