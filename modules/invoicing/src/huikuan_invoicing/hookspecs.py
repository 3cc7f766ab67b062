"""Extension points of invoicing. Each docstring is the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from huikuan.hooks import contribution, provider, reaction, veto
from huikuan_invoicing.snapshots import InvoiceSnapshot, PaymentPart, SourceDocument

if TYPE_CHECKING:
    from huikuan.context import Context
    from huikuan.db import LockKey
    from huikuan.errors import Refusal

__all__ = [
    "invoicing_after_credit",
    "invoicing_after_post",
    "invoicing_before_post",
    "invoicing_payment_parts",
    "invoicing_post_locks",
    "invoicing_source",
]


@contribution
def invoicing_post_locks(ctx: Context, bill_to_id: UUID, documents: Sequence[UUID]) -> list[LockKey]:  # type: ignore[empty-body]
    """Rows to lock before anything is decided about posting documents of one bill-to.

    Kind: contribution. Asked once by each command that posts, credits or asks for a deposit, together with
    its own locks; where an order or a shipment makes the invoice, their lock hooks are asked instead. Not asked
    for late fees, which bill no document and may be charged within another command.
    ``bill_to_id``: who gets the document; ``documents``: ids of the orders and the like that it bills.
    Returns the rows whose values your vetoes and reactions read or write. Only queries, no writes.
    """


@veto
def invoicing_before_post(ctx: Context, invoice: InvoiceSnapshot) -> list[Refusal] | Refusal | None:
    """Whether a draft may be posted.

    Kind: veto. After the locks, before the first write of posting. ``invoice``: the draft as it would
    be posted, amounts in its currency, without number and instalments; a credit note is negative.
    Returns refusals: WARN lets pass and tells, APPROVE places a hold, BLOCK refuses. Not asked about
    documents of the past, which were posted elsewhere.
    """


@reaction
def invoicing_after_post(ctx: Context, invoice: InvoiceSnapshot) -> None:
    """A document has just been posted; for credit notes, deposits and documents of the past too.

    Kind: reaction, in the same transaction: what you write stands or falls with it. ``invoice``: with
    its instalments; its number is still None, it is the last thing before commit.
    """


@reaction
def invoicing_after_credit(ctx: Context, invoice: InvoiceSnapshot, credit_note: InvoiceSnapshot) -> None:
    """A posted credit note takes back an invoice or a part of it.

    Kind: reaction, in the same transaction, after ``invoicing_after_post`` of the credit note.
    ``invoice``: the document credited, unchanged; ``credit_note``: negative amounts, at most what is left.
    """


@contribution
def invoicing_payment_parts(ctx: Context, invoices: Sequence[UUID]) -> list[PaymentPart]:  # type: ignore[empty-body]
    """How much of posted documents is settled.

    Kind: contribution, on demand, read-only; for many documents at once. ``invoices``: ids of posted
    documents. Returns parts in the documents' currency and with their sign; parts of the same document
    are added up, those that have none are left out. Credit notes are known to invoicing itself.
    """


@provider
def invoicing_source(ctx: Context, source_type: str, source_id: UUID) -> SourceDocument | None:
    """What may be invoiced of a document of another module, such as an order.

    Kind: provider, on demand, read-only: the first answer that is not None is taken. ``source_type``: a name such
    as "orders.order"; answer None for those of others. ``source_id``: its id.
    """
