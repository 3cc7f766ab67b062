"""Posting drafts."""

from __future__ import annotations

from huikuan.commands import command
from huikuan.context import Context
from huikuan.values import Id
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.posting import post, posting_locks
from huikuan_invoicing.snapshots import InvoiceStatus

__all__ = ["invoice_post"]


@command(permission="invoicing.post", idempotency="natural")
def invoice_post(ctx: Context, id: Id[Invoice]) -> Invoice:
    """Post a draft: it gets the next number, its instalments and its hash, and changes no more.

    Posting again changes nothing. Dates follow numbers: a date before that of the last number is refused.
    """
    ctx.lock(posting_locks(ctx, ctx.get(Invoice, id)))
    invoice = ctx.get(Invoice, id)
    if invoice.status is InvoiceStatus.POSTED:
        return invoice
    return post(ctx, invoice)
