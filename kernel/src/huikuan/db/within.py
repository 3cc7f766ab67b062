"""The control plane's way into a tenant it is creating or changing, inside one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from huikuan.db import session as sessions
from huikuan.db.scope import OPTION, Scope
from huikuan.db.session import GuardedSession

__all__ = ["within"]


@contextmanager
def within(session: GuardedSession, tenant_id: UUID) -> Iterator[GuardedSession]:
    """A second session on the same transaction, fenced to ``tenant_id``; the first waits meanwhile."""
    connection = session.get_bind()
    assert isinstance(connection, Connection)
    session.flush()
    scope = replace(session.scope, tenant_id=tenant_id)
    _fence(connection, scope)
    inner = GuardedSession(connection, scope)
    try:
        yield inner
        inner.flush()
    finally:
        sessions.end(inner)
        _fence(connection, session.scope)


def _fence(connection: Connection, scope: Scope) -> None:
    connection.execution_options(**{OPTION: scope})
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        # SET takes no bind parameter; a UUID prints as hexadecimal digits and dashes only.
        driver.execute(f"SET LOCAL app.tenant = '{UUID(int=scope.tenant_id.int if scope.tenant_id else 0)}'")
