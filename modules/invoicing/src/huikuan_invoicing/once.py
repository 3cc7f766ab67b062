"""Invoices and deposits that another module raises for something of its own: at most one for each billing key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.money import Money
from huikuan_invoicing.amounts import check_numbers
from huikuan_invoicing.billing import automatically, deposit
from huikuan_invoicing.creating import Draft, rounding, store
from huikuan_invoicing.masters import parties
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.posting import others_locks, post
from huikuan_invoicing.snapshots import SourceDocument
from huikuan_invoicing.values import LineValues

__all__ = ["InvoiceOnce", "deposit_locks", "deposit_once", "invoice_once"]

ONE = Decimal(1)
ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class InvoiceOnce:
    """What is billed. ``due_on``: all of it is due on this day; None: by the bill-to's payment terms."""

    key: str
    customer_id: UUID
    description: str
    amount: Money
    source_type: str
    source_id: UUID
    tax_code: str | None = None
    tax_percent: Decimal = ZERO
    tax_included: bool = False
    due_on: date | None = None


def invoice_once(ctx: Context, wanted: InvoiceOnce) -> UUID:
    """The invoice with this billing key, made if there is none, and posted where invoices are made by themselves.

    The caller holds the lock of what it bills and of the customer; two that bill the same key wait there.
    """
    found = ctx.find(Invoice, billing_key=wanted.key)
    if found is not None:
        return found.id
    check_numbers(ONE, wanted.amount.amount, ZERO, wanted.tax_percent, "amount")
    people = parties(ctx, wanted.customer_id, currency=wanted.amount.currency)
    if wanted.due_on is not None:
        people = replace(people, payment_terms=None, terms=None)
    line = LineValues.new(
        position=1,
        description=wanted.description,
        quantity=ONE,
        unit_price=wanted.amount.amount,
        tax_code=wanted.tax_code,
        tax_percent=wanted.tax_percent,
        tax_included=wanted.tax_included,
        source_type=wanted.source_type,
        source_id=wanted.source_id,
    )
    invoice = store(
        ctx,
        Draft(
            parties=people,
            lines=[line],
            tax_rounding=rounding(ctx),
            billing_key=wanted.key,
            due_from=wanted.due_on,
            source_type=wanted.source_type,
            source_id=wanted.source_id,
        ),
    )
    return (post(ctx, invoice) if automatically(ctx, wanted.amount.currency) else invoice).id


def deposit_locks(ctx: Context, source: SourceDocument) -> list[LockKey]:
    """What a command locks that asks for a deposit on this document."""
    own = [source.lock] if source.lock is not None else []
    return [*own, *others_locks(ctx, source.bill_to_id, [source.id])]


def deposit_once(ctx: Context, source: SourceDocument, amount: Money, text: str, *, key: str, due_on: date) -> UUID:
    """The deposit with this billing key, made if there is none; invoices of the document deduct it.

    ``source``: as ``invoicing_source`` tells it, read after its ``deposit_locks`` were taken.
    """
    found = ctx.find(Invoice, billing_key=key)
    return found.id if found is not None else deposit(ctx, source, amount, text, key=key, due_on=due_on).id
