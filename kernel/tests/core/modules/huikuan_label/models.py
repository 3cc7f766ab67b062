"""Tables of label."""

from __future__ import annotations

from uuid import UUID

from huikuan.db import Mapped, TenantModel, tenant_fk

__all__ = ["Label"]


class Label(TenantModel):
    """A label on an item."""

    item_id: Mapped[UUID] = tenant_fk("shelf_item", ondelete="CASCADE")
    text: Mapped[str]
