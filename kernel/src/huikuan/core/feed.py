"""The tenant's event feed: positions without gaps, cursors that name them, and reading on from one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, func, select

from huikuan.core.models import OutboxEvent
from huikuan.db import GuardedSession
from huikuan.errors import BadInput
from huikuan.graphql import FeedEvent

__all__ = ["cursor_of", "following", "newest", "position_of", "read_on"]

_CURSOR = "event-"


def cursor_of(position: int) -> str:
    """The text that clients keep of a place in the feed."""
    return f"{_CURSOR}{position}"


def position_of(cursor: str | None) -> int:
    """The place that a cursor names; without one the beginning."""
    if cursor is None:
        return 0
    digits = cursor.removeprefix(_CURSOR)
    if not cursor.startswith(_CURSOR) or not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise BadInput("This cursor is not one of the feed's.", field="after")
    return int(digits)


def following(after: int, types: Collection[str] | None, limit: int) -> Select[Any, Any, Any]:
    """Selects the next events after a position. Positions become visible in their order, so none is ever missed."""
    statement = select(OutboxEvent.id, OutboxEvent.position, OutboxEvent.type).where(OutboxEvent.position > after)
    if types is not None:
        statement = statement.where(OutboxEvent.type.in_(types))
    return statement.order_by(OutboxEvent.position).limit(limit)


def newest() -> Select[Any]:
    """Selects the last position that was given; null in an empty feed."""
    return select(func.max(OutboxEvent.position))


def read_on(session: GuardedSession, after: int, types: Collection[str] | None, limit: int) -> list[FeedEvent]:
    """The next events after a position."""
    return [FeedEvent(*row) for row in session.execute(following(after, types, limit))]
