"""Sessions of the application in PostgreSQL, as a superuser sees and ends them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from huikuan.db.admin import connect

__all__ = ["end_a_session", "open_transactions", "overseer", "states"]

_OURS = "datname = current_database() AND usename IN ('huikuan_app', 'huikuan_system')"
_END = text(
    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {_OURS} AND xact_start IS NOT NULL"
    " ORDER BY random() LIMIT 1"
)
_OPEN = text(f"SELECT client_port FROM pg_stat_activity WHERE {_OURS} AND xact_start IS NOT NULL")
_STATES = text(f"SELECT state, count(*) FROM pg_stat_activity WHERE {_OURS} GROUP BY state")


@contextmanager
def overseer(admin: str) -> Iterator[Connection]:
    """A connection of the superuser's that stands in no transaction."""
    with connect(admin) as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


def end_a_session(overseer: Connection) -> bool:
    """End one of the application's sessions that is in a transaction; False when none is."""
    return overseer.scalar(_END) is True


def open_transactions(overseer: Connection) -> list[int]:
    """The client's port of each transaction that the application has open."""
    return list(overseer.scalars(_OPEN))


def states(overseer: Connection) -> dict[str, int]:
    """How many sessions of the application are in each state, such as ``idle``."""
    return {row[0]: row[1] for row in overseer.execute(_STATES)}
