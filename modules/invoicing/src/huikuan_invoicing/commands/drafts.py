"""Writing, changing and discarding drafts."""

from __future__ import annotations

from uuid import UUID

from huikuan.codec import digest
from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.values import UNSET, Id, Unset
from huikuan_invoicing.creating import (
    Draft,
    check_rate,
    given_lines,
    line_row,
    rounding,
    same_invoice,
    set_totals,
    store,
    taxed,
    terms_of,
)
from huikuan_invoicing.errors import NOT_DRAFT
from huikuan_invoicing.events import InvoiceChanged, InvoiceDiscarded
from huikuan_invoicing.inputs import InvoiceChangeInput, InvoiceInput
from huikuan_invoicing.masters import parties
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.posting import draft_locks
from huikuan_invoicing.snapshots import InvoiceStatus
from huikuan_invoicing.views import lines_of

__all__ = ["discard", "invoice_change", "invoice_discard", "invoice_draft", "locked_draft"]


@command(permission="invoicing.draft", idempotency="natural")
def invoice_draft(ctx: Context, input: InvoiceInput) -> Invoice:
    """Write a draft of an invoice by hand.

    With a reference it is safe to repeat: the same content gives the invoice that is there already, other
    content is refused. Without one, send an idempotencyKey.
    """
    found = same_invoice(ctx, input.reference, input)
    if found is not None:
        return found
    people = parties(ctx, input.customer.id, input.payment_terms, input.currency)
    return store(
        ctx,
        Draft(
            parties=people,
            lines=given_lines(input.lines),
            tax_rounding=rounding(ctx),
            reference=input.reference,
            input_hash=digest(input) if input.reference is not None else None,
            rate=input.rate,
            rate_units=input.rate_units,
            rate_on=input.rate_on,
            issued_on=input.issued_on,
            due_from=input.due_from,
            notes=input.notes,
        ),
    )


@command(permission="invoicing.draft", idempotency="key")
def invoice_change(ctx: Context, id: Id[Invoice], input: InvoiceChangeInput) -> Invoice:
    """Change a draft; what is left out stays. A posted invoice does not change: credit it instead."""
    invoice = locked_draft(ctx, id)
    if not isinstance(input.lines, Unset):
        _replace_lines(ctx, invoice, input)
    for name in ("rate", "rate_units", "rate_on", "issued_on", "due_from", "notes"):
        value = getattr(input, name)
        if value is not UNSET:
            setattr(invoice, name, value)
    check_rate(invoice.rate, invoice.rate_units)
    ctx.emit(InvoiceChanged(invoice_id=invoice.id, total=invoice.total))
    return invoice


def _replace_lines(ctx: Context, invoice: Invoice, input: InvoiceChangeInput) -> None:
    assert not isinstance(input.lines, Unset)
    lines = given_lines(input.lines)
    taxed(ctx, lines, invoice.currency, invoice.tax_rounding, invoice.discount_tax, terms_of(invoice))
    _remove_lines(ctx, invoice.id)
    set_totals(invoice, lines)
    ctx.add_all([line_row(invoice, line) for line in lines])


@command(permission="invoicing.draft", idempotency="natural", payload="discarded")
def invoice_discard(ctx: Context, id: Id[Invoice]) -> bool:
    """Throw a draft away; it never had a number. False: it was gone already."""
    if not ctx.exists(Invoice, id=id):
        return False
    discard(ctx, locked_draft(ctx, id))
    return True


def discard(ctx: Context, invoice: Invoice) -> None:
    """Throw a draft away that is locked already."""
    _remove_lines(ctx, invoice.id)
    ctx.remove(invoice)
    ctx.emit(InvoiceDiscarded(invoice_id=invoice.id))


def locked_draft(ctx: Context, id: UUID) -> Invoice:
    """The draft, locked and read after the lock; refuses a posted one."""
    ctx.lock(draft_locks(ctx.get(Invoice, id)))
    invoice = ctx.get(Invoice, id)
    if invoice.status is not InvoiceStatus.DRAFT:
        ctx.refuse(
            Refusal(
                NOT_DRAFT,
                f"{invoice.number} is posted and does not change.",
                advice="Credit it by invoiceCredit and write another one.",
                number=invoice.number,
            )
        )
    return invoice


def _remove_lines(ctx: Context, invoice_id: UUID) -> None:
    for line in lines_of(ctx, invoice_id):
        ctx.remove(line)
    ctx.flush()  # before others take their positions
