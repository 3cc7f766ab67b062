"""What happens to goods by itself."""

from __future__ import annotations

from datetime import timedelta

from huikuan.context import Context
from huikuan.jobs import enqueue, job
from huikuan_inventory.commands import expire_reservations

__all__ = ["free_expired"]

BATCH = 200


@job(every=timedelta(minutes=5))
def free_expired(ctx: Context) -> None:
    """Free reservations made by hand whose time has run out; many are done in several transactions."""
    if len(expire_reservations(ctx, BATCH)) == BATCH:
        enqueue(ctx, free_expired)
