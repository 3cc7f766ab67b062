"""From what was agreed to an invoice: what is left of it, deposits deducted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.money import Money, allocate
from huikuan_invoicing.amounts import assess, total_of
from huikuan_invoicing.creating import Draft, discount_tax, store, taxed
from huikuan_invoicing.errors import DEPOSIT_TOO_LARGE, NOTHING_TO_INVOICE, TOO_MUCH
from huikuan_invoicing.masters import Parties
from huikuan_invoicing.models import Invoice, InvoiceLine
from huikuan_invoicing.posting import post
from huikuan_invoicing.queries import Billed, asked_for, billed
from huikuan_invoicing.snapshots import InvoiceKind, InvoiceStatus, SourceDocument, SourceLine
from huikuan_invoicing.values import LineValues

__all__ = ["DEPOSIT", "automatically", "bill", "deposit", "deposits_of", "excess", "left_of", "lines_type"]

DEPOSIT = "invoicing.deposit"
DEDUCTION = "invoicing.deduction"
ZERO = Decimal(0)
NOTHING = Billed()


def lines_type(source_type: str) -> str:
    """The source type of a document's lines."""
    return f"{source_type}.line"


def excess(ctx: Context, line: SourceLine, taken: Decimal) -> Decimal:
    """How much of ``taken`` is more than was ordered, allowance included; 0 if it is not."""
    percent = Decimal(ctx.setting("invoicing.overbilling_percent"))
    limit = abs(line.quantity) * (100 + percent) / 100
    return max(abs(taken) - limit, ZERO)


def left_of(ctx: Context, source: SourceDocument) -> dict[UUID, Decimal]:
    """What is left to invoice by line, with the line's sign; lines of which nothing is left are left out."""
    before = billed(ctx, lines_type(source.type), [line.id for line in source.lines])
    left = {line.id: line.quantity - before.get(line.id, NOTHING).taken for line in source.lines}
    return {line.id: left[line.id] for line in source.lines if left[line.id] * line.quantity > 0}


def automatically(ctx: Context, currency: str) -> bool:
    """Whether what is made by itself is posted at once; in a foreign currency somebody gives the rate first."""
    return bool(ctx.setting("invoicing.auto_post")) and currency == ctx.tenant.currency


def bill(
    ctx: Context,
    sources: Sequence[SourceDocument],
    quantities: Mapping[UUID, Decimal] | None = None,
    *,
    key: str | None = None,
    post_now: bool = False,
) -> Invoice:
    """Invoice documents of one bill-to, payer, currency and terms: these quantities by line, else all that is left.

    Deposits are deducted, from the last invoice of a document wholly: what then comes to less than nothing is a
    credit note. The documents' rows are locked by the caller.
    """
    lines = [line for source in sources for line in _lines(ctx, source, quantities)]
    if not lines:
        ctx.refuse(
            Refusal(NOTHING_TO_INVOICE, "All of it is invoiced.", advice="Credit an invoice to invoice it anew.")
        )
    first = sources[0]
    for position, line in enumerate(lines, 1):
        line.position = position
    invoice = store(
        ctx,
        Draft(
            parties=_parties(first),
            lines=lines,
            tax_rounding=first.tax_rounding,
            billing_key=key,
            source_type=first.type if len(sources) == 1 else None,
            source_id=first.id if len(sources) == 1 else None,
        ),
    )
    return post(ctx, invoice) if post_now else invoice


def _parties(source: SourceDocument) -> Parties:
    return Parties(
        customer=source.customer_id,
        bill_to=source.bill_to_id,
        payer=source.payer_id,
        currency=source.currency,
        payment_terms=source.payment_terms,
        terms=source.terms,
    )


def _lines(ctx: Context, source: SourceDocument, quantities: Mapping[UUID, Decimal] | None) -> list[LineValues]:
    kind = lines_type(source.type)
    before = billed(ctx, kind, [line.id for line in source.lines])
    found: list[LineValues] = []
    whole = True
    for line in source.lines:
        taken = before.get(line.id, NOTHING).taken
        left = line.quantity - taken
        quantity = left if quantities is None else quantities.get(line.id, ZERO)
        if quantities is None and left * line.quantity < 0:
            quantity = ZERO  # more was invoiced than ordered, as the allowance permits
        if quantity * line.quantity < 0 or excess(ctx, line, taken + quantity):
            _too_much(ctx, line, quantity, left)
        whole = whole and abs(taken + quantity) >= abs(line.quantity)
        if quantity:
            found.append(_line(source, line, quantity))
    if found:
        mode = discount_tax(ctx)
        taxed(ctx, found, source.currency, source.tax_rounding, mode, source.terms)
        found += _deductions(ctx, source, total_of(found, source.currency).total.amount, whole)
    return found


def _line(source: SourceDocument, line: SourceLine, quantity: Decimal) -> LineValues:
    return LineValues.new(
        position=0,
        sku=line.sku,
        description=line.description,
        quantity=quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        tax_code=line.tax_code,
        tax_percent=line.tax_percent,
        tax_included=line.tax_included,
        source_type=lines_type(source.type),
        source_id=line.id,
        document_id=source.id,
    )


def _too_much(ctx: Context, line: SourceLine, quantity: Decimal, left: Decimal) -> None:
    ctx.refuse(
        Refusal(
            TOO_MUCH,
            f"Of {line.description} {left:f} can be invoiced, not {quantity:f}.",
            advice="Invoice less, or allow more by invoicing.overbilling_percent.",
            left=left,
        )
    )


# --- deposits -----------------------------------------------------------------------------------


def deposits_of(ctx: Context, document_id: UUID) -> list[UUID]:
    """Posted deposits of a source document."""
    return list(
        ctx.scalars(
            select(Invoice.id).where(
                Invoice.source_id == document_id,
                Invoice.kind == InvoiceKind.DEPOSIT,
                Invoice.status == InvoiceStatus.POSTED,
            )
        )
    )


def deposit(
    ctx: Context, source: SourceDocument, gross: Money, text: str, *, key: str | None = None, due_on: date | None = None
) -> Invoice:
    """A posted deposit of this amount, tax included: a line for each tax of the document, in proportion.

    ``key``: its billing key; ``due_on``: all of it is due on this day, else by the document's terms. With all that
    invoices and drafts ask for already, it comes to the document's total at most.
    """
    asked = asked_for(ctx, [source.id]).get(source.id, ZERO)
    if gross.amount <= 0 or asked + gross.amount > source.total.amount:
        ctx.refuse(
            Refusal(
                DEPOSIT_TOO_LARGE,
                f"{Money(asked, gross.currency)} and {gross} more do not fit a total of {source.total}.",
                advice="Ask for more than nothing, and no more than the rest.",
            )
        )
    people = _parties(source)
    groups = _by_tax(source)
    shares = allocate(gross.amount, list(groups.values()), gross.currency)
    lines = [
        LineValues.new(
            position=position,
            description=text,
            quantity=Decimal(1),
            unit_price=share,
            tax_code=code,
            tax_percent=percent,
            tax_included=True,
            source_type=DEPOSIT,
            source_id=source.id,
            document_id=source.id,
        )
        for position, ((code, percent), share) in enumerate(zip(groups, shares, strict=True), 1)
        if share
    ]
    invoice = store(
        ctx,
        Draft(
            parties=people if due_on is None else replace(people, payment_terms=None, terms=None),
            lines=lines,
            tax_rounding=source.tax_rounding,
            kind=InvoiceKind.DEPOSIT,
            billing_key=key,
            due_from=due_on,
            source_type=source.type,
            source_id=source.id,
        ),
    )
    return post(ctx, invoice) if automatically(ctx, source.currency) else invoice


def _by_tax(source: SourceDocument) -> dict[tuple[str | None, Decimal], Decimal]:
    """What the document comes to by tax; deductions within it lower their own."""
    lines = [_line(source, line, line.quantity) for line in source.lines if line.quantity]
    assess(lines, source.currency, source.tax_rounding)
    found: dict[tuple[str | None, Decimal], Decimal] = {}
    for line in lines:
        key = line.tax_code, line.tax_percent
        found[key] = found.get(key, ZERO) + line.gross
    return {key: gross for key, gross in found.items() if gross > 0}


def _deductions(ctx: Context, source: SourceDocument, gross: Decimal, whole: bool) -> list[LineValues]:
    """What of the document's deposits this invoice deducts: up to its amount; the last one, all of it."""
    posted = ctx.scalars(
        select(InvoiceLine)
        .where(
            InvoiceLine.document_id == source.id,
            InvoiceLine.source_type == DEPOSIT,
            InvoiceLine.origin_line_id.is_(None),
            InvoiceLine.posted.is_(True),
        )
        .order_by(InvoiceLine.id)
    )
    used = _used(ctx, [line.id for line in posted])
    room = gross
    found = []
    for line in posted:
        left = line.gross + used.get(line.id, ZERO)
        share = left if whole else min(left, max(room, ZERO))
        if share <= 0:
            continue
        room -= share
        found.append(
            LineValues.new(
                position=0,
                description=line.description,
                quantity=Decimal(-1),
                unit_price=share,
                tax_code=line.tax_code,
                tax_percent=line.tax_percent,
                tax_included=True,
                source_type=DEDUCTION,
                source_id=line.id,
                document_id=source.id,
            )
        )
    return found


def _used(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """What was deducted or credited of lines of deposits, as it stands on drafts and posted documents: negative."""
    if not ids:
        return {}
    found: dict[UUID, Decimal] = {}
    deducted = select(InvoiceLine.source_id.label("id"), InvoiceLine.gross).where(
        InvoiceLine.source_type == DEDUCTION, InvoiceLine.source_id.in_(ids)
    )
    credited = select(InvoiceLine.origin_line_id.label("id"), InvoiceLine.gross).where(
        InvoiceLine.origin_line_id.in_(ids)
    )
    for row in [*ctx.rows(deducted), *ctx.rows(credited)]:
        found[row.id] = found.get(row.id, ZERO) + row.gross
    return found
