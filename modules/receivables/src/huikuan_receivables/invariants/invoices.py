"""What must always be true between invoices and the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.invariants import Invariant
from huikuan_invoicing.api import posted_documents, settlements
from huikuan_invoicing.snapshots import InvoiceSnapshot
from huikuan_receivables.models import ItemBalance, ReceivableItem

__all__ = ["INVOICES"]

ZERO = Decimal(0)


def _items(ctx: Context) -> Sequence[UUID]:
    """Every instalment of a posted document has its item, with its amount and days."""
    broken = []
    for page in _pages(ctx):
        ids = [document.id for document in page]
        items: dict[UUID, ReceivableItem] = {
            row.instalment_id: row
            for row in ctx.scalars(select(ReceivableItem).where(ReceivableItem.invoice_id.in_(ids)))
        }
        for document in page:
            for part in document.instalments:
                item = items.get(part.id)
                told = (part.amount.amount, part.amount.currency, part.due_on, document.bill_to_id, document.issued_on)
                if item is None or told != (item.amount, item.currency, item.due_on, item.customer_id, item.issued_on):
                    broken.append(document.id)
    return list(dict.fromkeys(broken))


def _settled(ctx: Context) -> Sequence[UUID]:
    """What invoicing calls open of a document is what its items have open."""
    broken = []
    for page in _pages(ctx):
        ids = [document.id for document in page]
        rows = ctx.rows(
            select(ItemBalance.invoice_id, func.sum(ItemBalance.open))
            .where(ItemBalance.invoice_id.in_(ids))
            .group_by(ItemBalance.invoice_id)
        )
        open = {row[0]: row[1] for row in rows}
        found = settlements(ctx, ids)
        broken += [id for id in ids if found[id].open.amount != open.get(id, ZERO)]
    return broken


def _pages(ctx: Context) -> Iterator[list[InvoiceSnapshot]]:
    after = None
    while page := posted_documents(ctx, after=after):
        yield page
        last = page[-1]
        assert last.issued_on is not None
        after = (last.issued_on, last.id)


INVOICES = (
    Invariant("receivables.items", "Every instalment of a posted document is an item of the ledger.", _items),
    Invariant("receivables.settled", "An invoice is open by what its items are.", _settled),
)
