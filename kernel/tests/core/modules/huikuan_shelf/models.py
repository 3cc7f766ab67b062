"""Tables of shelf."""

from __future__ import annotations

from enum import Enum
from typing import Any
from uuid import UUID

from huikuan.db import Mapped, TenantModel, index, mapped_column, pii, state, unique

__all__ = ["Effect", "Item", "ItemState"]


class ItemState(Enum):
    """How far an item is."""

    DRAFT = "may change"
    POSTED = "may not change any more"


class Item(TenantModel):
    """Something on the shelf."""

    code: Mapped[str]
    keeper: Mapped[str | None] = pii(mapped_column())
    quantity: Mapped[int] = mapped_column(default=0)
    note: Mapped[str | None]
    state: Mapped[ItemState] = state(ItemState, default=ItemState.DRAFT)
    number: Mapped[str | None]
    __table_args__ = (unique("code"), unique("number"), {"info": {"draft_when": "state = 'DRAFT'"}})

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return bool(instance.state is ItemState.POSTED)


class Effect(TenantModel):
    """What a subscriber or job did; a second row for one event would be a second effect."""

    consumer: Mapped[str]
    subject_id: Mapped[UUID | None]
    sequence: Mapped[int | None]
    event_id: Mapped[UUID | None]
    __table_args__ = (index("subject_id"),)
