"""Which database errors mean "try again": the transaction left nothing, because another one stood in its way."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, PendingRollbackError

__all__ = [
    "ATTEMPTS",
    "LOCK_TIMEOUT",
    "RETRIED",
    "is_busy",
    "is_duplicate",
    "is_lost",
    "is_retried",
    "is_transient",
    "sqlstate",
]

ATTEMPTS = 3
# Serialisation failure and deadlock: PostgreSQL chose this transaction as the victim.
RETRIED = ("40001", "40P01")
LOCK_TIMEOUT = "55P03"
UNIQUE_VIOLATION = "23505"
# SQLAlchemy's own code of what is sent on a connection after it was found to be lost.
_AFTER_LOSS = "8s2b"


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's code of an error; SQLite has none."""
    found: str | None = getattr(error.orig, "sqlstate", None)
    return found


def is_retried(error: DBAPIError) -> bool:
    """Whether the whole transaction may be run again at once."""
    return sqlstate(error) in RETRIED


def is_busy(error: DBAPIError) -> bool:
    """Whether another transaction held a lock for longer than the deadline."""
    locked = isinstance(error, OperationalError) and "database is locked" in str(error.orig)
    return locked or sqlstate(error) == LOCK_TIMEOUT


def is_lost(error: BaseException) -> bool:
    """Whether there is no connection (any more): whatever was under way may have happened or not."""
    if isinstance(error, PendingRollbackError):
        return error.code == _AFTER_LOSS
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or (isinstance(error, OperationalError) and error.statement is None)


def is_transient(error: BaseException) -> bool:
    """Whether it says nothing about the code that ran, only about who ran beside it."""
    return is_lost(error) or (isinstance(error, DBAPIError) and (is_retried(error) or is_busy(error)))


def is_duplicate(error: DBAPIError) -> bool:
    """Whether a unique constraint spoke."""
    if not isinstance(error, IntegrityError):
        return False
    return sqlstate(error) == UNIQUE_VIOLATION or "UNIQUE constraint failed" in str(error.orig)
