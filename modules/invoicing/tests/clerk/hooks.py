"""An invoice of 13 is unlucky; of 666 it makes the clerk fail. What it is told, it writes down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from huikuan import Level, Refusal, hookimpl
from huikuan.db import LockKey
from huikuan_customers.api import customer_lock
from huikuan_invoicing.snapshots import InvoiceSnapshot, PaymentPart
from modules.invoicing.tests.clerk.errors import CLERK_ABSENT


@dataclass
class Book:
    """What the clerk was told, and what was paid by invoice."""

    told: list[tuple[str, str, str | None]] = field(default_factory=list)
    paid: dict[UUID, Decimal] = field(default_factory=dict)
    asked: list[tuple[UUID, list[UUID]]] = field(default_factory=list)


book = Book()


@hookimpl
def invoicing_post_locks(bill_to_id: UUID, documents: Sequence[UUID]) -> list[LockKey]:
    book.asked.append((bill_to_id, list(documents)))
    return [customer_lock(bill_to_id)]


@hookimpl
def invoicing_before_post(invoice: InvoiceSnapshot) -> Refusal | None:
    if invoice.total.amount == 13:
        return Refusal(CLERK_ABSENT, "Nobody posts 13.", level=Level.APPROVE, advice="Ask the manager.")
    return None


@hookimpl
def invoicing_after_post(invoice: InvoiceSnapshot) -> None:
    if invoice.total.amount == 666:
        raise RuntimeError("the clerk fainted")
    book.told.append(("post", str(invoice.total), invoice.number))


@hookimpl
def invoicing_after_credit(invoice: InvoiceSnapshot, credit_note: InvoiceSnapshot) -> None:
    book.told.append(("credit", f"{invoice.total} by {credit_note.total}", credit_note.number))


@hookimpl
def invoicing_payment_parts(invoices: Sequence[UUID]) -> list[PaymentPart]:
    return [PaymentPart(invoice_id=id, paid=book.paid[id]) for id in invoices if id in book.paid]
