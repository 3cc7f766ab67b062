"""Credit notes: what may be credited, and what is told when it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.money import Money
from huikuan_invoicing.amounts import assess, common_discount
from huikuan_invoicing.creating import Draft, store, terms_of
from huikuan_invoicing.errors import CREDIT_TOO_LARGE, LINE_UNKNOWN, NOT_CREDITABLE, NOTHING_TO_CREDIT
from huikuan_invoicing.events import InvoiceCredited
from huikuan_invoicing.hookspecs import invoicing_after_credit
from huikuan_invoicing.masters import Parties
from huikuan_invoicing.models import Invoice, InvoiceLine
from huikuan_invoicing.snapshots import CreditAftermath, DiscountTax, InvoiceKind, InvoiceStatus
from huikuan_invoicing.values import LineValues
from huikuan_invoicing.views import lines_of, snapshot

__all__ = ["check_credit", "credit_lines", "credited", "draft_credit", "left_to_credit", "tell_credit"]

ZERO = Decimal(0)


def credited(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """How much of each document posted credit notes take back; more than 0, those without are left out."""
    rows = ctx.rows(
        select(Invoice.origin_id, func.sum(Invoice.total_amount).label("total"))
        .where(Invoice.origin_id.in_(ids), Invoice.status == InvoiceStatus.POSTED)
        .group_by(Invoice.origin_id)
    )
    return {row.origin_id: -row.total for row in rows}


def check_credit(ctx: Context, note: Invoice) -> None:
    """Refuse a credit note that takes back more than there is of its origin."""
    if note.origin_id is None:
        return
    origin = ctx.get(Invoice, note.origin_id)
    left = origin.total - Money(credited(ctx, [origin.id]).get(origin.id, ZERO), origin.currency)
    if note.currency != origin.currency or -note.total > left:
        ctx.refuse(
            Refusal(
                CREDIT_TOO_LARGE,
                f"{origin.number} can be credited with {left} at most; this would be {-note.total}.",
                advice="Credit less, or write a credit note of its own.",
                left=left,
                invoice=origin.id,
            )
        )


def credit_lines(ctx: Context, origin: Invoice, wanted: Mapping[int, Decimal | None] | None) -> list[LineValues]:
    """The lines of a credit note: of these quantities by position, None for all that is left; or of everything.

    What finishes a line takes its rest to the cent, so that credit notes of the whole add up to it.
    """
    if origin.kind is InvoiceKind.CREDIT_NOTE:
        ctx.refuse(Refusal(NOT_CREDITABLE, f"{origin.number} is a credit note.", advice="Write an invoice instead."))
    lines = {line.position: line for line in lines_of(ctx, origin.id)}
    unknown = sorted(set(wanted or ()) - set(lines))
    if unknown:
        ctx.refuse(Refusal(LINE_UNKNOWN, f"{origin.number} has no line {unknown[0]}.", field="lines"))
    before = _taken_back(ctx, origin.id)
    found: list[LineValues] = []
    last: list[tuple[LineValues, InvoiceLine, _Taken]] = []
    for position, line in lines.items():
        if wanted is not None and position not in wanted:
            continue
        taken = before.get(line.id, _NOTHING)
        left = line.quantity - taken.quantity
        asked = wanted[position] if wanted is not None else None
        quantity = left if asked is None else asked
        _check_quantity(ctx, line, quantity, left)
        if not quantity:
            continue
        values = _reversed(line, quantity, len(found) + 1)
        found.append(values)
        if quantity == left:
            last.append((values, line, taken))
    if not found:
        ctx.refuse(Refusal(NOTHING_TO_CREDIT, f"All of {origin.number} has been credited."))
    assess(found, origin.currency, origin.tax_rounding, _early(origin))
    for values, line, taken in last:
        values.net, values.tax = -(line.net - taken.net), -(line.tax - taken.tax)
        values.gross = values.net + values.tax
    return found


def left_to_credit(ctx: Context, origin: Invoice) -> dict[int, Decimal]:
    """How much of each line, by position, no credit note takes back yet."""
    before = _taken_back(ctx, origin.id)
    return {line.position: line.quantity - before.get(line.id, _NOTHING).quantity for line in lines_of(ctx, origin.id)}


def draft_credit(
    ctx: Context,
    origin: Invoice,
    wanted: Mapping[int, Decimal | None] | None,
    reason: str,
    aftermath: CreditAftermath = CreditAftermath.REBILL,
) -> Invoice:
    """The draft of a credit note; the origin's customer is locked by the caller."""
    return store(
        ctx,
        Draft(
            parties=Parties(
                customer=origin.customer_id,
                bill_to=origin.bill_to_id,
                payer=origin.payer_id,
                currency=origin.currency,
                payment_terms=origin.payment_terms,
                terms=terms_of(origin),
            ),
            lines=credit_lines(ctx, origin, wanted),
            assessed=True,
            tax_rounding=origin.tax_rounding,
            discount_tax=origin.discount_tax,
            rate=origin.rate,
            rate_units=origin.rate_units,
            rate_on=origin.rate_on,
            origin_id=origin.id,
            reason=reason,
            aftermath=aftermath,
            source_type=origin.source_type,
            source_id=origin.source_id,
        ),
    )


def _early(origin: Invoice) -> Decimal:
    """By how much the origin's tax was reduced beforehand."""
    if origin.discount_tax is not DiscountTax.MIXED:
        return ZERO
    return common_discount(terms_of(origin)) or ZERO


class _Taken:
    """What credit notes took back of a line; positive like the line."""

    def __init__(self, quantity: Decimal, net: Decimal, tax: Decimal) -> None:
        self.quantity, self.net, self.tax = quantity, net, tax


_NOTHING = _Taken(ZERO, ZERO, ZERO)


def _taken_back(ctx: Context, origin_id: UUID) -> dict[UUID, _Taken]:
    """By line; drafts of credit notes count, so that two of them never take back the same."""
    same = (InvoiceLine.invoice_id == Invoice.id) & (InvoiceLine.tenant_id == Invoice.tenant_id)
    rows = ctx.rows(
        select(
            InvoiceLine.origin_line_id,
            func.sum(InvoiceLine.quantity).label("quantity"),
            func.sum(InvoiceLine.net).label("net"),
            func.sum(InvoiceLine.tax).label("tax"),
        )
        .join(Invoice, same)
        .where(Invoice.origin_id == origin_id, InvoiceLine.origin_line_id.is_not(None))
        .group_by(InvoiceLine.origin_line_id)
    )
    return {row.origin_line_id: _Taken(-row.quantity, -row.net, -row.tax) for row in rows}


def _check_quantity(ctx: Context, line: InvoiceLine, quantity: Decimal, left: Decimal) -> None:
    if abs(quantity) > abs(left) or quantity * line.quantity < 0:
        ctx.refuse(
            Refusal(
                CREDIT_TOO_LARGE,
                f"Of line {line.position} {left:f} can be credited, not {quantity:f}.",
                field="lines",
                advice="Credit at most what is left, with the line's own sign.",
                left=left,
            )
        )


def _reversed(line: InvoiceLine, quantity: Decimal, position: int) -> LineValues:
    return LineValues.new(
        position=position,
        sku=line.sku,
        description=line.description,
        quantity=-quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        tax_code=line.tax_code,
        tax_percent=line.tax_percent,
        tax_included=line.tax_included,
        source_type=line.source_type,
        source_id=line.source_id,
        document_id=line.document_id,
        origin_line_id=line.id,
    )


def tell_credit(ctx: Context, note: Invoice, lines: Sequence[InvoiceLine]) -> None:
    """After a credit note was posted: reactions and the event of the document that it takes back."""
    if note.origin_id is None:
        return
    origin = ctx.get(Invoice, note.origin_id)
    # The note itself is stored as posted only with its number, at the end of the command.
    taken = credited(ctx, [origin.id]).get(origin.id, ZERO) - note.total.amount
    whole = taken == origin.total.amount
    ctx.react(
        invoicing_after_credit,
        invoice=snapshot(origin, lines_of(ctx, origin.id)),
        credit_note=snapshot(note, lines),
    )
    ctx.emit(InvoiceCredited(invoice_id=origin.id, credit_note_id=note.id, amount=-note.total, whole=whole))
