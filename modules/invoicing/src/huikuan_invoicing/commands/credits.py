"""Taking back what was posted."""

from __future__ import annotations

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.values import Id
from huikuan_customers.api import customer_lock
from huikuan_invoicing.crediting import draft_credit
from huikuan_invoicing.errors import NOT_POSTED
from huikuan_invoicing.inputs import InvoiceCreditLineInput
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.posting import documents_of, others_locks, post
from huikuan_invoicing.snapshots import CreditAftermath, InvoiceStatus

__all__ = ["invoice_credit"]


@command(permission="invoicing.credit", idempotency="key")
def invoice_credit(
    ctx: Context,
    id: Id[Invoice],
    reason: str,
    lines: list[InvoiceCreditLineInput] | None = None,
    aftermath: CreditAftermath = CreditAftermath.REBILL,
    post_now: bool = True,
) -> Invoice:
    """Credit a posted invoice: wholly, or single lines of it, never more than is left.

    With ``postNow: false`` the credit note stays a draft. ``aftermath`` says whether the quantities of an
    order that it takes back may be invoiced again.
    """
    if not reason.strip():
        raise BadInput("Say why.", field="reason")
    whom = ctx.get(Invoice, id).bill_to_id
    ctx.lock([customer_lock(whom), *others_locks(ctx, whom, documents_of(ctx, id))])
    origin = ctx.get(Invoice, id)
    if origin.status is not InvoiceStatus.POSTED:
        ctx.refuse(
            Refusal(NOT_POSTED, "The invoice is a draft.", advice="Change it, or throw it away by invoiceDiscard.")
        )
    wanted = None if lines is None else {line.position: line.quantity for line in lines}
    if lines is not None and len(lines) != len(wanted or ()):
        raise BadInput("Name each line once.", field="lines")
    note = draft_credit(ctx, origin, wanted, reason.strip(), aftermath)
    return post(ctx, note) if post_now else note
