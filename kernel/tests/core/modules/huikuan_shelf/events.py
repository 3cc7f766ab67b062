"""Events of shelf."""

from __future__ import annotations

from uuid import UUID

from huikuan import Event

__all__ = ["ItemAdded", "ItemMoved", "ItemPosted"]


class ItemAdded(Event, aggregate="item"):
    """An item was added."""

    item_id: UUID
    code: str


class ItemMoved(Event, aggregate="item"):
    """An item's quantity changed."""

    item_id: UUID
    quantity: int


class ItemPosted(Event, aggregate="item"):
    """An item was posted."""

    item_id: UUID
