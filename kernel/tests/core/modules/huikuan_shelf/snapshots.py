"""What hooks see of an item."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

__all__ = ["ItemView"]


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item."""

    id: UUID
    code: str
    quantity: int
