"""Fields that receivables adds to others' types; each part has a file of its own."""

from huikuan_receivables.graphql.bank import (
    bank_match_precision,
    bank_suspense,
)
from huikuan_receivables.graphql.collecting import (
    CustomerCollections,
    ItemCollections,
    collection_worklist,
)
from huikuan_receivables.graphql.ledger import CustomerAccount, InstalmentItem, InvoiceItems

__all__ = [
    "CustomerAccount",
    "CustomerCollections",
    "InstalmentItem",
    "InvoiceItems",
    "ItemCollections",
    "bank_match_precision",
    "bank_suspense",
    "collection_worklist",
]
