"""The kernel's ways around its own fences, inside one transaction: into a tenant, and into sealed columns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from huikuan.db import session as sessions
from huikuan.db.admin import quote
from huikuan.db.scope import OPTION, Scope
from huikuan.db.session import GuardedSession
from huikuan.db.writes import has_written, note_write

__all__ = ["as_system", "within"]


@contextmanager
def within(session: GuardedSession, tenant_id: UUID) -> Iterator[GuardedSession]:
    """A second session on the same transaction, fenced to ``tenant_id``; the first waits meanwhile."""
    connection = session.get_bind()
    assert isinstance(connection, Connection)
    session.flush()
    scope = replace(session.scope, tenant_id=tenant_id)
    _fence(connection, scope)
    inner = GuardedSession(connection, scope)
    inner.info["system_role"] = session.info["system_role"]
    try:
        yield inner
        inner.flush()
    finally:
        if has_written(inner):
            note_write(session)
        sessions.end(inner)
        _fence(connection, session.scope)


@contextmanager
def as_system(session: GuardedSession) -> Iterator[None]:
    """Meanwhile the session may fill in columns that only the kernel may, of its own tenant as before."""
    connection = session.get_bind()
    assert isinstance(connection, Connection)
    session.flush()
    if connection.dialect.name == "sqlite":
        yield
        session.flush()
        return
    driver: Any = connection.connection.driver_connection
    driver.execute(f"SET LOCAL ROLE {quote(session.info['system_role'])}")
    yield
    session.flush()
    driver.execute("RESET ROLE")  # an error ends the transaction, and with it the role


def _fence(connection: Connection, scope: Scope) -> None:
    connection.execution_options(**{OPTION: scope})
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        if driver.info.transaction_status.name == "INERROR":
            return  # nothing but a rollback is possible now
        # SET takes no bind parameter; a UUID prints as hexadecimal digits and dashes only.
        driver.execute(f"SET LOCAL app.tenant = '{UUID(int=scope.tenant_id.int if scope.tenant_id else 0)}'")
