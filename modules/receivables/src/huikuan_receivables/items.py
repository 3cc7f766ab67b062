"""What posted documents ask for: an item for each instalment, and its entry in the ledger."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from huikuan.context import Context
from huikuan.money import allocate
from huikuan_invoicing.snapshots import InvoiceKind, InvoiceSnapshot
from huikuan_receivables.booking import Side, book
from huikuan_receivables.models import ItemBalance, ReceivableItem
from huikuan_receivables.snapshots import Account, EntryKind

__all__ = ["known_documents", "post_items"]

ZERO = Decimal(0)


def post_items(ctx: Context, invoice: InvoiceSnapshot) -> list[ItemBalance]:
    """Write the items of a posted document and their entry."""
    assert invoice.issued_on is not None
    bases = _bases(ctx, invoice)
    documents = {line.document_id for line in invoice.lines if line.document_id is not None}
    document_id = documents.pop() if len(documents) == 1 else None
    balances = []
    items = []
    for part, base in zip(invoice.instalments, bases, strict=True):
        facts = {
            "invoice_id": invoice.id,
            "sequence": part.sequence,
            "kind": invoice.kind,
            "customer_id": invoice.bill_to_id,
            "payer_id": invoice.payer_id,
            "currency": invoice.currency,
            "amount": part.amount.amount,
            "issued_on": invoice.issued_on,
            "due_on": part.due_on,
            "discount_until": part.discount_until,
            "discount_amount": part.discount_amount.amount if part.discount_amount is not None else None,
            "origin_id": invoice.origin_id,
            "document_id": document_id,
        }
        item = ReceivableItem(instalment_id=part.id, base_amount=base, rated=invoice.base_total is not None, **facts)
        items.append(item)
        balances.append(
            ItemBalance(
                id=item.id,
                item_id=item.id,
                open=part.amount.amount,
                base_open=base,
                fx=ZERO,
                closed_on=None if part.amount else invoice.issued_on,
                chase_on=part.due_on,
                **facts,
            )
        )
    ctx.add_all(items)
    ctx.flush()
    ctx.add_all(balances)
    _book(ctx, invoice, balances)
    ctx.flush()
    return balances


def known_documents(ctx: Context, invoices: list[InvoiceSnapshot]) -> set[object]:
    """Which of these documents have their items already."""
    ids = [invoice.id for invoice in invoices]
    return set(ctx.scalars(select(ReceivableItem.invoice_id).where(ReceivableItem.invoice_id.in_(ids)).distinct()))


def _bases(ctx: Context, invoice: InvoiceSnapshot) -> list[Decimal]:
    """The document's value in the company's currency, split over its instalments to the cent."""
    total = invoice.base_total
    weights = [abs(part.amount.amount) for part in invoice.instalments]
    if total is None or not any(weights):
        return [ZERO for _ in weights]
    return allocate(total.amount, weights, ctx.tenant.currency)


def _book(ctx: Context, invoice: InvoiceSnapshot, balances: list[ItemBalance]) -> None:
    kind = EntryKind.CREDIT_NOTE if invoice.kind is InvoiceKind.CREDIT_NOTE else EntryKind.INVOICE
    assert invoice.issued_on is not None
    sides = [
        Side(
            account=Account.RECEIVABLE,
            customer_id=row.customer_id,
            currency=row.currency,
            amount=row.open,
            base=row.base_open,
            item=row,
        )
        for row in balances
    ]
    total = sum((side.amount for side in sides), ZERO)
    base = sum((side.base for side in sides), ZERO)
    sales = Side(
        account=Account.SALES,
        customer_id=invoice.bill_to_id,
        currency=invoice.currency,
        amount=-total,
        base=-base,
    )
    book(ctx, kind, invoice.issued_on, ("Invoice", invoice.id), [*sides, sales])
