"""Rows to snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.money import Money
from huikuan_invoicing.models import Invoice, InvoiceInstalment, InvoiceLine
from huikuan_invoicing.snapshots import InstalmentSnapshot, InvoiceLineSnapshot, InvoiceSnapshot

__all__ = ["instalments_of", "lines_of", "snapshot", "snapshots"]


def lines_of(ctx: Context, invoice_id: UUID) -> Sequence[InvoiceLine]:
    """The lines of an invoice by position."""
    statement = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id)
    return ctx.scalars(statement.order_by(InvoiceLine.position))


def instalments_of(ctx: Context, invoice_id: UUID) -> Sequence[InvoiceInstalment]:
    """The instalments of a posted invoice, in order."""
    statement = select(InvoiceInstalment).where(InvoiceInstalment.invoice_id == invoice_id)
    return ctx.scalars(statement.order_by(InvoiceInstalment.sequence))


def snapshots(ctx: Context, ids: Sequence[UUID]) -> list[InvoiceSnapshot]:
    """Many invoices with three statements, by id; those that do not exist are left out."""
    invoices = ctx.scalars(select(Invoice).where(Invoice.id.in_(ids)).order_by(Invoice.id))
    lines: dict[UUID, list[InvoiceLine]] = {invoice.id: [] for invoice in invoices}
    parts: dict[UUID, list[InvoiceInstalment]] = {invoice.id: [] for invoice in invoices}
    for line in ctx.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id.in_(ids)).order_by(InvoiceLine.position)):
        lines[line.invoice_id].append(line)
    for part in ctx.scalars(
        select(InvoiceInstalment).where(InvoiceInstalment.invoice_id.in_(ids)).order_by(InvoiceInstalment.sequence)
    ):
        parts[part.invoice_id].append(part)
    return [snapshot(invoice, lines[invoice.id], parts[invoice.id]) for invoice in invoices]


def snapshot(
    invoice: Invoice, lines: Iterable[InvoiceLine], instalments: Iterable[InvoiceInstalment] = ()
) -> InvoiceSnapshot:
    """The invoice as others see it."""
    currency = invoice.currency
    return InvoiceSnapshot(
        id=invoice.id,
        number=invoice.number,
        kind=invoice.kind,
        status=invoice.status,
        customer_id=invoice.customer_id,
        bill_to_id=invoice.bill_to_id,
        payer_id=invoice.payer_id,
        currency=currency,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        net=invoice.net,
        tax=invoice.tax,
        total=invoice.total,
        base_total=invoice.base_total,
        origin_id=invoice.origin_id,
        source_type=invoice.source_type,
        source_id=invoice.source_id,
        past=invoice.past,
        lines=tuple(_line(line, currency) for line in lines),
        instalments=tuple(_instalment(part, currency) for part in instalments),
    )


def _line(line: InvoiceLine, currency: str) -> InvoiceLineSnapshot:
    return InvoiceLineSnapshot(
        id=line.id,
        position=line.position,
        source_type=line.source_type,
        source_id=line.source_id,
        document_id=line.document_id,
        sku=line.sku,
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        tax_code=line.tax_code,
        tax_percent=line.tax_percent,
        tax_included=line.tax_included,
        net=Money(line.net, currency),
        tax=Money(line.tax, currency),
        gross=Money(line.gross, currency),
    )


def _instalment(part: InvoiceInstalment, currency: str) -> InstalmentSnapshot:
    discount = part.discount_amount
    return InstalmentSnapshot(
        id=part.id,
        sequence=part.sequence,
        due_on=part.due_on,
        amount=Money(part.amount, currency),
        discount_until=part.discount_until,
        discount_amount=Money(discount, currency) if discount is not None else None,
    )
