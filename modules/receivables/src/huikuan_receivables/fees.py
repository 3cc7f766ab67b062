"""Late fees of dunning levels: through invoicing, once for each invoice and level."""

from __future__ import annotations

from huikuan.context import Context
from huikuan.errors import BadInput, Refused
from huikuan_invoicing.api import invoice_late_fee, invoices_by_id
from huikuan_receivables.models import DunningLevel, DunningLine
from huikuan_receivables.snapshots import OpenItem

__all__ = ["charge"]

LATE_FEE = "invoicing.invoice"
"""What the line of a late fee says it was made of."""


def charge(ctx: Context, line: DunningLine, item: OpenItem, level: DunningLevel) -> None:
    """Invoice the fee of a level; why there is none stands on the line, the reminder goes out all the same."""
    if any(it.source_type == LATE_FEE for it in invoices_by_id(ctx, [item.invoice_id])[item.invoice_id].lines):
        line.fee_refused = "A late fee bears no late fee."
        return
    if level.fee is not None and level.fee.currency != item.currency:
        line.fee_refused = f"The fee is in {level.fee.currency}, the invoice in {item.currency}."
        return
    try:
        with ctx.savepoint():
            fee = invoice_late_fee(
                ctx, id=item.invoice_id, level=level.position, amount=level.fee, percent=level.fee_percent
            )
    except Refused as refused:
        line.fee_refused = refused.refusals[0].message
    except BadInput as fault:
        line.fee_refused = fault.message
    else:
        line.fee_invoice_id = fee.id
