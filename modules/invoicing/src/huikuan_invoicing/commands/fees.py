"""Late fees: an invoice of their own, once for each invoice and level."""

from __future__ import annotations

from decimal import Decimal

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import Money
from huikuan.values import Id
from huikuan_customers.api import customer_lock
from huikuan_invoicing.creating import Draft, rounding, store
from huikuan_invoicing.errors import NOT_POSTED, NOTHING_TO_INVOICE
from huikuan_invoicing.masters import parties
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.posting import post
from huikuan_invoicing.settling import settlements
from huikuan_invoicing.snapshots import InvoiceStatus
from huikuan_invoicing.values import LineValues

__all__ = ["invoice_late_fee"]

HUNDRED = Decimal(100)


@command(permission="invoicing.post", idempotency="natural")
def invoice_late_fee(
    ctx: Context, id: Id[Invoice], level: int, amount: Money | None = None, percent: Decimal | None = None
) -> Invoice:
    """Invoice a late fee for an overdue invoice: a fixed amount, or a percentage of what is overdue; not taxed.

    Each invoice gets one fee per level, however often it is asked for.
    """
    origin = ctx.get(Invoice, id)
    ctx.lock([customer_lock(origin.bill_to_id)])
    key = f"late-fee:{id}:{level}"
    found = ctx.find(Invoice, billing_key=key)
    if found is not None:
        return found
    origin = ctx.get(Invoice, id)
    if origin.status is not InvoiceStatus.POSTED:
        ctx.refuse(Refusal(NOT_POSTED, "A draft is not overdue.", advice="Post it first."))
    fee = _fee(ctx, origin, level, amount, percent)
    people = parties(ctx, origin.customer_id, currency=origin.currency)
    line = LineValues.new(
        position=1,
        description=f"Late fee {level}, invoice {origin.number}",
        quantity=Decimal(1),
        unit_price=fee.amount,
        source_type="invoicing.invoice",
        source_id=origin.id,
    )
    return post(
        ctx,
        store(
            ctx,
            Draft(
                parties=people,
                lines=[line],
                tax_rounding=rounding(ctx),
                billing_key=key,
                rate=origin.rate,
                rate_units=origin.rate_units,
                rate_on=origin.rate_on,
            ),
        ),
    )


def _fee(ctx: Context, origin: Invoice, level: int, amount: Money | None, percent: Decimal | None) -> Money:
    if level < 1:
        raise BadInput("Levels begin with 1.", field="level")
    if (amount is None) == (percent is None):
        raise BadInput("Give either an amount or a percentage.", field="amount")
    overdue = settlements(ctx, [origin.id])[origin.id].overdue
    if amount is not None and amount.currency != origin.currency:
        raise BadInput(f"The invoice is in {origin.currency}.", field="amount")
    if percent is not None and not 0 < percent <= HUNDRED:
        raise BadInput("A percentage is more than 0 and at most 100.", field="percent")
    fee = amount if amount is not None else (overdue * (percent or Decimal(0)) * Decimal("0.01")).rounded()
    if overdue.amount <= 0 or fee.amount <= 0:
        ctx.refuse(
            Refusal(NOTHING_TO_INVOICE, f"Nothing of {origin.number} is overdue, or the fee is nothing.", field="id")
        )
    return fee
