"""Tables of receivables: the ledger and payments; each further part has a file of its own."""

from huikuan_receivables.models.ledger import (
    Allocation,
    Entry,
    ItemBalance,
    Payment,
    Posting,
    ProvisionRun,
    ReceivableItem,
    Refund,
)

__all__ = [
    "Allocation",
    "Entry",
    "ItemBalance",
    "Payment",
    "Posting",
    "ProvisionRun",
    "ReceivableItem",
    "Refund",
]
