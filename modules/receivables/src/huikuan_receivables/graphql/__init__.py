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
from huikuan_receivables.graphql.figures import (
    CustomerFigures,
    receivables_figure_rows_page,
    receivables_timeline,
)
from huikuan_receivables.graphql.ledger import CustomerAccount, InstalmentItem, InvoiceItems
from huikuan_receivables.graphql.reports import receivables_aging, receivables_open_items, receivables_statement

__all__ = [
    "CustomerAccount",
    "CustomerCollections",
    "CustomerFigures",
    "InstalmentItem",
    "InvoiceItems",
    "ItemCollections",
    "bank_match_precision",
    "bank_suspense",
    "collection_worklist",
    "receivables_aging",
    "receivables_figure_rows_page",
    "receivables_open_items",
    "receivables_statement",
    "receivables_timeline",
]
