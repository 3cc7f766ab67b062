"""Posting: number, instalments, taxes and hash; from here on a document does not change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import exists, func, select

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.errors import Refusal
from huikuan_customers.api import customer_lock, instalments
from huikuan_customers.snapshots import Instalment
from huikuan_invoicing.amounts import Totals, discount_of, in_base, tax_sums
from huikuan_invoicing.content import content_hash
from huikuan_invoicing.creating import terms_of
from huikuan_invoicing.crediting import check_credit, tell_credit
from huikuan_invoicing.errors import (
    DATE_AHEAD,
    DATE_BEFORE_LAST,
    EMPTY,
    NUMBER_TAKEN,
    RATE_MISSING,
)
from huikuan_invoicing.events import InvoicePosted
from huikuan_invoicing.hookspecs import invoicing_after_post, invoicing_before_post, invoicing_post_locks
from huikuan_invoicing.masters import Addressee, addressee
from huikuan_invoicing.models import INVOICE_RANK, Invoice, InvoiceInstalment, InvoiceLine, InvoiceTax
from huikuan_invoicing.snapshots import InvoiceKind, InvoiceStatus
from huikuan_invoicing.views import lines_of, snapshot

__all__ = ["OPENING", "documents_of", "draft_locks", "others_locks", "own_prefixes", "post", "posting_locks"]

OPENING = "OPENING"
"""The series of documents that were posted elsewhere; they keep their own numbers."""

COUNTER = "invoicing:"
ONE = Decimal(1)


def draft_locks(invoice: Invoice) -> list[LockKey]:
    """What a command locks that changes a draft; the customer, where it takes back another document."""
    keys = [LockKey(INVOICE_RANK, Invoice, invoice.id)]
    return keys if invoice.origin_id is None else [customer_lock(invoice.bill_to_id), *keys]


def posting_locks(ctx: Context, invoice: Invoice) -> list[LockKey]:
    """What a command locks that posts a draft: the draft, and what other modules' reactions write."""
    documents = [invoice.source_id] if invoice.source_id is not None else documents_of(ctx, invoice.id)
    return [*draft_locks(invoice), *others_locks(ctx, invoice.bill_to_id, documents)]


def others_locks(ctx: Context, bill_to_id: UUID, documents: Sequence[UUID]) -> list[LockKey]:
    """What other modules write when a document of this bill-to is posted."""
    found: list[LockKey] = ctx.collect(invoicing_post_locks, bill_to_id=bill_to_id, documents=documents)
    return found


def documents_of(ctx: Context, invoice_id: UUID) -> list[UUID]:
    """The documents, such as orders, that an invoice's lines bill."""
    rows = ctx.scalars(
        select(InvoiceLine.document_id)
        .where(InvoiceLine.invoice_id == invoice_id, InvoiceLine.document_id.is_not(None))
        .distinct()
        .order_by(InvoiceLine.document_id)
    )
    return [id for id in rows if id is not None]


def post(ctx: Context, invoice: Invoice, *, due_on: date | None = None, number: str | None = None) -> Invoice:
    """Post a draft: checks, then everything that hangs on it, then reactions and the event; the number comes last.

    ``number``: its own, of a document that was posted elsewhere; ``due_on``: when that one is due.
    """
    lines = lines_of(ctx, invoice.id)
    issued_on = invoice.issued_on or ctx.today
    _check(ctx, invoice, lines, issued_on)
    check_credit(ctx, invoice)
    if not invoice.past:
        seen = snapshot(invoice, lines)
        ctx.guard(
            ctx.vetoes(invoicing_before_post, invoice=seen), subject=invoice, pin=(str(seen.total), str(issued_on))
        )
    whom = addressee(ctx, invoice.bill_to_id)  # before the first change, so that the invoice is written once
    invoice.issued_on = issued_on
    if number is None:
        invoice.series = _series(ctx, invoice)
    _set_rate(ctx, invoice)
    parts = _instalments(invoice, issued_on, due_on)
    invoice.due_on = max(part.due_on for part in parts)
    taxes = _taxes(invoice, lines)
    _freeze(ctx, invoice, lines, whom)
    ctx.add_all(taxes)
    ctx.add_all(parts)
    ctx.flush()
    ctx.react(invoicing_after_post, invoice=snapshot(invoice, lines, parts))
    ctx.emit(
        InvoicePosted(
            invoice_id=invoice.id,
            customer_id=invoice.customer_id,
            bill_to_id=invoice.bill_to_id,
            payer_id=invoice.payer_id,
            kind=invoice.kind,
            issued_on=issued_on,
            due_on=invoice.due_on,
            total=invoice.total,
            past=invoice.past,
        )
    )
    tell_credit(ctx, invoice, lines)
    if number is not None:
        _keep_number(invoice, lines, taxes, parts, number)
    else:
        _number(ctx, invoice, lines, taxes, parts)
    return invoice


def _check(ctx: Context, invoice: Invoice, lines: Sequence[InvoiceLine], issued_on: date) -> None:
    if not lines:
        ctx.refuse(Refusal(EMPTY, "The invoice has no lines.", advice="Add lines, or discard it."))
    if issued_on > ctx.today:
        ctx.refuse(
            Refusal(
                DATE_AHEAD,
                f"The invoice is dated {issued_on}, today is {ctx.today}.",
                field="issuedOn",
                advice="Post it on that day, or leave the date out.",
            )
        )
    if invoice.currency != ctx.tenant.currency and invoice.rate is None and not invoice.past:
        ctx.refuse(
            Refusal(
                RATE_MISSING,
                f"The invoice is in {invoice.currency}; its rate to {ctx.tenant.currency} is missing.",
                field="rate",
                advice="Give the rate and its day by invoiceChange.",
            )
        )


def _set_rate(ctx: Context, invoice: Invoice) -> None:
    if invoice.currency == ctx.tenant.currency:
        invoice.rate, invoice.rate_units = ONE, 1
    if invoice.rate is not None:
        invoice.rate_on = invoice.rate_on or invoice.issued_on
        invoice.base_total = in_base(invoice.total, invoice.rate, invoice.rate_units, ctx.tenant.currency)


def _instalments(invoice: Invoice, issued_on: date, due_on: date | None) -> list[InvoiceInstalment]:
    totals = Totals(invoice.net, invoice.tax, invoice.total)
    if due_on is not None:
        found: Sequence[Instalment] = (Instalment(due_on, invoice.total),)
    else:
        found = instalments(terms_of(invoice), invoice.total, invoice.due_from or issued_on)
    rows = []
    for sequence, part in enumerate(found, 1):
        early = part.discount
        rows.append(
            InvoiceInstalment(
                invoice_id=invoice.id,
                sequence=sequence,
                due_on=part.due_date,
                currency=invoice.currency,
                amount=part.amount.amount,
                discount_percent=early.percent if early else None,
                discount_until=early.until if early else None,
                discount_amount=(
                    discount_of(invoice.discount_tax, part.amount, early.percent, totals).amount if early else None
                ),
            )
        )
    return rows


def _taxes(invoice: Invoice, lines: Sequence[InvoiceLine]) -> list[InvoiceTax]:
    return [
        InvoiceTax(
            invoice_id=invoice.id,
            position=position,
            currency=invoice.currency,
            code=item.code,
            percent=item.percent,
            included=item.included,
            base=item.base,
            tax=item.tax,
        )
        for position, item in enumerate(tax_sums(lines), 1)
    ]


def _freeze(ctx: Context, invoice: Invoice, lines: Sequence[InvoiceLine], whom: Addressee) -> None:
    """What stands on it for good; its status freezes it together with the number."""
    invoice.bill_to_name, invoice.bill_to_tax_id, invoice.bill_to_address = whom.name, whom.tax_id, whom.address
    invoice.posted_at = ctx.now
    for line in lines:
        line.posted = True


def _number(
    ctx: Context,
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    taxes: Sequence[InvoiceTax],
    parts: Sequence[InvoiceInstalment],
) -> None:
    series = invoice.series
    assert series is not None

    def take(value: int) -> str:
        # Asked while the counter is locked: nobody else takes a number of the series meanwhile.
        number = f"{series}{value:06d}"
        if _check_order(ctx, invoice, series, number):
            ctx.refuse(
                Refusal(
                    NUMBER_TAKEN,
                    f"Another invoice has the number {number}.",
                    advice="Choose another prefix for numbers in the settings.",
                ).stamped(module="invoicing")
            )
        invoice.sequence = value
        invoice.content_hash = content_hash(invoice, lines, taxes, parts, number=number)
        return number

    ctx.number(f"{COUNTER}{series}", invoice, format=take, also={"status": InvoiceStatus.POSTED})


def _keep_number(
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    taxes: Sequence[InvoiceTax],
    parts: Sequence[InvoiceInstalment],
    number: str,
) -> None:
    invoice.series, invoice.number = OPENING, number
    invoice.content_hash = content_hash(invoice, lines, taxes, parts)
    invoice.status = InvoiceStatus.POSTED


def _check_order(ctx: Context, invoice: Invoice, series: str, number: str) -> bool:
    """Refuses a date before that of the series' last document; whether another document has the number."""
    posted = (Invoice.series == series, Invoice.sequence.is_not(None), Invoice.status == InvoiceStatus.POSTED)
    newest = select(func.max(Invoice.issued_on)).where(*posted).scalar_subquery()
    [(last, taken)] = ctx.rows(select(newest, exists(select(Invoice.id).where(Invoice.number == number))))
    assert invoice.issued_on is not None
    if last is not None and last > invoice.issued_on:
        ctx.refuse(
            Refusal(
                DATE_BEFORE_LAST,
                f"The last document of {series} is dated {last}, this one {invoice.issued_on}.",
                field="issuedOn",
                advice=f"Date it {last} or later.",
                last=last,
            ).stamped(module="invoicing")
        )
    return bool(taken)


def own_prefixes(ctx: Context) -> tuple[str, ...]:
    """What the numbers of documents that are posted here begin with."""
    return str(ctx.setting("invoicing.number_prefix")), str(ctx.setting("invoicing.credit_prefix"))


def _series(ctx: Context, invoice: Invoice) -> str:
    """The series: what numbers begin with, and so unlike that of any other series."""
    invoices, credit_notes = own_prefixes(ctx)
    prefix = credit_notes if invoice.kind is InvoiceKind.CREDIT_NOTE else invoices
    assert invoice.issued_on is not None
    return f"{prefix}{invoice.issued_on.year}-" if ctx.setting("invoicing.number_yearly") else prefix
