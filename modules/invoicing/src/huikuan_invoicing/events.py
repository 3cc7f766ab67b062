"""What happened to invoices: ids, amounts and dates."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from huikuan.events import Event
from huikuan.money import Money
from huikuan_invoicing.snapshots import InvoiceKind

__all__ = ["InvoiceChanged", "InvoiceCredited", "InvoiceDiscarded", "InvoiceDrafted", "InvoicePosted"]


class InvoiceDrafted(Event, aggregate="invoice"):
    """A draft was written."""

    invoice_id: UUID
    customer_id: UUID
    kind: InvoiceKind
    total: Money


class InvoiceChanged(Event, aggregate="invoice"):
    """A draft was changed."""

    invoice_id: UUID
    total: Money


class InvoiceDiscarded(Event, aggregate="invoice"):
    """A draft was thrown away."""

    invoice_id: UUID


class InvoicePosted(Event, aggregate="invoice"):
    """A document was posted: it has its number and changes no more. ``past``: it was posted elsewhere."""

    invoice_id: UUID
    customer_id: UUID
    bill_to_id: UUID
    payer_id: UUID
    kind: InvoiceKind
    issued_on: date
    due_on: date
    total: Money
    past: bool = False


class InvoiceCredited(Event, aggregate="invoice"):
    """A posted credit note takes back an invoice, or a part of it; ``whole``: nothing of it is left."""

    invoice_id: UUID
    credit_note_id: UUID
    amount: Money
    whole: bool
