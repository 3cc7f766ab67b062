"""What other modules may call. Commands join the open transaction of ``ctx``."""

from huikuan_receivables.queries import (
    balances,
    items_by_id,
    items_of_invoices,
    open_items,
    payments_by_id,
    unapplied,
)

__all__ = [
    "balances",
    "items_by_id",
    "items_of_invoices",
    "open_items",
    "payments_by_id",
    "unapplied",
]
