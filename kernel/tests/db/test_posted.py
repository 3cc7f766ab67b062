"""A posted document does not change, in whatever way it is tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, update

from huikuan.db import Database, GuardedSession
from huikuan.db.errors import PostedImmutableError
from kernel.tests.db.shop import Order, State, order, trial

orders: Any = Order.__table__


def posted(session: GuardedSession) -> Order:
    placed = order("a", state=State.POSTED)
    session.add(placed)
    session.flush()
    return placed


def test_a_draft_changes_and_is_posted_and_then_stands(database: Database) -> None:
    with trial(database) as session:
        placed = order("a")
        session.add(placed)
        session.flush()
        placed.number = "b"
        session.flush()
        placed.number, placed.state = "c", State.POSTED
        session.flush()
        placed.number = "d"
        with pytest.raises(PostedImmutableError, match="is posted") as caught:
            session.flush()
        assert caught.value.code == "POSTED_IMMUTABLE"


def back_to_draft(_session: Any, placed: Order) -> None:
    placed.state, placed.number = State.DRAFT, "b"


def back_to_draft_unread(session: Any, placed: Order) -> None:
    session.expire(placed)
    placed.state = State.DRAFT


CHANGES: dict[str, Callable[[Any, Order], Any]] = {
    "attribute": lambda _, placed: setattr(placed, "number", "b"),
    "back to draft": back_to_draft,
    "back to draft, unread": back_to_draft_unread,
    "delete": lambda session, placed: session.delete(placed),
    "UPDATE": lambda session, _: session.execute(update(Order).values(number="b")),
    "DELETE": lambda session, _: session.execute(delete(Order)),
    "UPDATE of the table": lambda session, _: session.execute(update(orders).values(number="b")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_posted_document_stands(name: str, database: Database) -> None:
    with trial(database) as session:
        placed = posted(session)
        with pytest.raises(PostedImmutableError):
            CHANGES[name](session, placed)
            session.flush()


def test_setting_the_same_value_is_no_change(database: Database) -> None:
    with trial(database) as session:
        placed = posted(session)
        placed.number = "a"
        session.flush()
