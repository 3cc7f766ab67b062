"""What happens when invoicing posts a document: its items, its entry, and the advances paid for its orders."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan_invoicing.api import posted_documents
from huikuan_invoicing.snapshots import InvoiceKind, InvoiceSnapshot
from huikuan_receivables.allocating import settle_by_payment
from huikuan_receivables.applying import BY_DOCUMENT, oldest_first
from huikuan_receivables.changes import Changes
from huikuan_receivables.crediting import settle_origin
from huikuan_receivables.drawing import hold
from huikuan_receivables.hookspecs import receivables_after_settle
from huikuan_receivables.items import known_documents, post_items
from huikuan_receivables.models import ItemBalance, Payment
from huikuan_receivables.shares import How
from huikuan_receivables.snapshots import EntryKind, PaymentStatus, SettledItem, Share

__all__ = ["document_credited", "document_posted", "read_history"]

ZERO = Decimal(0)


def document_posted(ctx: Context, invoice: InvoiceSnapshot) -> None:
    """Items and entry of a document; advances paid for its orders settle it at once."""
    balances = post_items(ctx, invoice)
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        return
    by_document: dict[UUID, Decimal] = {}
    for line in invoice.lines:
        if line.document_id is not None:
            by_document[line.document_id] = by_document.get(line.document_id, ZERO) + line.gross.amount
    if by_document:
        _use_advances(ctx, invoice, balances, by_document)


def document_credited(ctx: Context, invoice: InvoiceSnapshot, credit_note: InvoiceSnapshot) -> None:
    """A credit note settles the document that it takes back."""
    assert credit_note.issued_on is not None
    changes = Changes(ctx)
    settle_origin(ctx, changes, invoice.id, credit_note.id, credit_note.issued_on)
    changes.finish()


def read_history(ctx: Context) -> int:
    """Items and entries of documents that were posted while receivables was not there; how many there were."""
    count, after = 0, None
    while page := posted_documents(ctx, after=after):
        known = known_documents(ctx, page)
        for document in page:
            if document.id in known:
                continue
            count += 1
            _tell(ctx, post_items(ctx, document))
            if document.origin_id is not None and document.issued_on is not None:
                changes = Changes(ctx)
                settle_origin(ctx, changes, document.origin_id, document.id, document.issued_on)
                changes.finish()
        last = page[-1]
        assert last.issued_on is not None
        after = (last.issued_on, last.id)
    return count


def _tell(ctx: Context, balances: list[ItemBalance]) -> None:
    """Nobody was told of these items when their document was posted."""
    items = [
        SettledItem(
            item_id=row.item_id,
            invoice_id=row.invoice_id,
            customer_id=row.customer_id,
            currency=row.currency,
            due_on=row.due_on,
            before=ZERO,
            after=row.open,
            on=row.issued_on,
            kind=EntryKind.CREDIT_NOTE if row.kind is InvoiceKind.CREDIT_NOTE else EntryKind.INVOICE,
        )
        for row in balances
        if row.open
    ]
    if items:
        ctx.react(receivables_after_settle, items=items)


def _use_advances(
    ctx: Context, invoice: InvoiceSnapshot, balances: list[ItemBalance], by_document: dict[UUID, Decimal]
) -> None:
    """Each order's advances settle at most what the document bills of it. Nobody else knows the new items yet."""
    payments = ctx.scalars(
        select(Payment)
        .where(
            Payment.source_id.in_(by_document),
            Payment.status == PaymentStatus.SUCCEEDED,
            Payment.unapplied > 0,
            Payment.amount_currency == invoice.currency,
        )
        .order_by(Payment.received_on, Payment.id)
    )
    for payment in sorted(payments, key=lambda row: row.id):
        hold(ctx, payment)
    changes = Changes(ctx)
    for payment in payments:
        if payment.status is not PaymentStatus.SUCCEEDED or payment.source_id is None:
            continue
        room = by_document[payment.source_id]
        shares = _capped(oldest_first(ctx, payment, [row for row in balances if row.open > ZERO]), room)
        made = settle_by_payment(ctx, changes, payment, shares, How(rule=BY_DOCUMENT, on=ctx.today))
        by_document[payment.source_id] = room - sum((row.amount for row in made), ZERO)
    changes.finish()


def _capped(shares: list[Share], room: Decimal) -> list[Share]:
    found = []
    for share in shares:
        amount = min(share.amount, room)
        if amount > ZERO:
            found.append(Share(item_id=share.item_id, amount=amount))
            room -= amount
    return found
