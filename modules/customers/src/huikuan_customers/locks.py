"""The rank of customers among row locks: they come before documents."""

from __future__ import annotations

from uuid import UUID

from huikuan.db import LockKey
from huikuan_customers.models import Customer

__all__ = ["CUSTOMER_RANK", "customer_lock"]

CUSTOMER_RANK = 10


def customer_lock(customer_id: UUID) -> LockKey:
    """Lock a customer: while held, it is neither put on hold, archived nor moved in its family."""
    return LockKey(CUSTOMER_RANK, Customer, customer_id)
