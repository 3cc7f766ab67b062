"""Writes a draft: first everything is read and checked, then it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from huikuan.codec import decode, digest, encode
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import exponent
from huikuan.tax import TaxRounding
from huikuan_customers.snapshots import Terms
from huikuan_invoicing.amounts import IMMEDIATE, assess, check_numbers, common_discount, tax_percent, total_of
from huikuan_invoicing.errors import DISCOUNT_MIXED, REFERENCE_TAKEN
from huikuan_invoicing.events import InvoiceDrafted
from huikuan_invoicing.inputs import InvoiceLineInput
from huikuan_invoicing.masters import Parties
from huikuan_invoicing.models import Invoice, InvoiceLine
from huikuan_invoicing.snapshots import CreditAftermath, DiscountTax, InvoiceKind
from huikuan_invoicing.values import LINE_FIELDS, LineValues

__all__ = [
    "Draft",
    "check_rate",
    "discount_tax",
    "given_lines",
    "line_row",
    "rounding",
    "same_invoice",
    "set_totals",
    "store",
    "taxed",
    "terms_of",
]

MAX_LINES = 5_000
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A document about to be stored."""

    parties: Parties
    lines: Sequence[LineValues]
    tax_rounding: TaxRounding
    kind: InvoiceKind = InvoiceKind.INVOICE
    assessed: bool = False
    """Whether the lines have their amounts already: what is left of a document credited in part."""
    discount_tax: DiscountTax | None = None
    reference: str | None = None
    input_hash: str | None = None
    billing_key: str | None = None
    rate: Decimal | None = None
    rate_units: int = 1
    rate_on: date | None = None
    issued_on: date | None = None
    due_from: date | None = None
    origin_id: UUID | None = None
    reason: str | None = None
    aftermath: CreditAftermath = CreditAftermath.REBILL
    source_type: str | None = None
    source_id: UUID | None = None
    notes: str = ""
    past: bool = False


def same_invoice(ctx: Context, reference: str | None, input: Any) -> Invoice | None:
    """The invoice that was made from this very input before, by its reference; refuses another content."""
    if reference is None:
        return None
    if not reference.strip():
        raise BadInput("A reference is not empty; leave it out instead.", field="reference")
    found = ctx.find(Invoice, reference=reference)
    if found is not None and found.input_hash != digest(input):
        ctx.refuse(
            Refusal(
                REFERENCE_TAKEN,
                f"Another invoice has the reference {reference!r}, with other content.",
                field="reference",
                advice="Change that invoice, or send another reference.",
                invoice=found.id,
            )
        )
    return found


def given_lines(inputs: Sequence[InvoiceLineInput], field: str = "lines") -> list[LineValues]:
    """The lines of a caller, checked; their amounts are still to be assessed."""
    if len(inputs) > MAX_LINES:
        raise BadInput(f"An invoice has at most {MAX_LINES} lines; split it.", field=field)
    found = []
    for index, line in enumerate(inputs):
        where = f"{field}.{index}"
        percent = tax_percent(line.tax_code, line.tax_percent, where)
        check_numbers(line.quantity, line.unit_price, line.discount_percent, percent, where)
        if not line.description.strip():
            raise BadInput("A line needs a description.", field=f"{where}.description")
        found.append(
            LineValues.new(
                position=index + 1,
                sku=line.sku,
                description=line.description.strip(),
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                tax_code=line.tax_code,
                tax_percent=percent,
                tax_included=line.tax_included,
            )
        )
    return found


def rounding(ctx: Context) -> TaxRounding:
    """Where taxes of new invoices are rounded."""
    return TaxRounding.DOCUMENT if ctx.setting("invoicing.tax_per_document") else TaxRounding.LINE


def discount_tax(ctx: Context) -> DiscountTax:
    """What early-payment discount does to tax on new invoices."""
    name = str(ctx.setting("invoicing.discount_tax")).strip().upper()
    if name not in DiscountTax.__members__:
        choices = ", ".join(item.name.lower() for item in DiscountTax)
        raise BadInput(f"The setting invoicing.discount_tax is {name.lower()!r}; set it to one of {choices}.")
    return DiscountTax[name]


def terms_of(invoice: Invoice) -> Terms:
    """The terms frozen on a document; where none were agreed, all is due at once."""
    found: Terms | None = decode(Terms, invoice.terms)
    return found or IMMEDIATE


def taxed(
    ctx: Context, lines: Sequence[LineValues], currency: str, where: TaxRounding, mode: DiscountTax, terms: Terms | None
) -> None:
    """Assess the lines; in mixed mode the tax is that of the amount less early-payment discount."""
    early: Decimal | None = ZERO
    if mode is DiscountTax.MIXED:
        early = common_discount(terms or IMMEDIATE)
        if early is None:
            ctx.refuse(
                Refusal(
                    DISCOUNT_MIXED,
                    "The instalments have different early-payment discounts; their tax cannot be reduced beforehand.",
                    field="paymentTerms",
                    advice="Use terms with one discount, or set invoicing.discount_tax to included or excluded.",
                )
            )
    assess(lines, currency, where, early or ZERO)


def store(ctx: Context, draft: Draft) -> Invoice:
    """Add the draft with its lines and tell the world."""
    people = draft.parties
    exponent(people.currency)
    check_rate(draft.rate, draft.rate_units)
    mode = draft.discount_tax or discount_tax(ctx)
    invoice = Invoice(
        kind=draft.kind,
        reference=draft.reference,
        input_hash=draft.input_hash,
        billing_key=draft.billing_key,
        customer_id=people.customer,
        bill_to_id=people.bill_to,
        payer_id=people.payer,
        currency=people.currency,
        rate=draft.rate,
        rate_units=draft.rate_units,
        rate_on=draft.rate_on,
        issued_on=draft.issued_on,
        due_from=draft.due_from,
        payment_terms=people.payment_terms,
        terms=encode(people.terms) if people.terms is not None else None,
        tax_rounding=draft.tax_rounding,
        discount_tax=mode,
        origin_id=draft.origin_id,
        reason=draft.reason,
        aftermath=draft.aftermath,
        source_type=draft.source_type,
        source_id=draft.source_id,
        notes=draft.notes,
        past=draft.past,
    )
    if not draft.assessed:
        taxed(ctx, draft.lines, people.currency, draft.tax_rounding, mode, people.terms)
    set_totals(invoice, draft.lines)
    ctx.add(invoice)
    ctx.flush()
    ctx.add_all([line_row(invoice, line) for line in draft.lines])
    ctx.emit(
        InvoiceDrafted(invoice_id=invoice.id, customer_id=invoice.customer_id, kind=invoice.kind, total=invoice.total)
    )
    return invoice


def line_row(invoice: Invoice, line: LineValues) -> InvoiceLine:
    """A line to be stored."""
    values = {name: getattr(line, name) for name in LINE_FIELDS}
    return InvoiceLine(invoice_id=invoice.id, currency=invoice.currency, **values)


def set_totals(invoice: Invoice, lines: Iterable[LineValues]) -> None:
    """Copy the sums of the lines; what comes to less than nothing is a credit note, never a negative invoice."""
    totals = total_of(lines, invoice.currency)
    invoice.net, invoice.tax, invoice.total = totals.net, totals.tax, totals.total
    if invoice.kind is not InvoiceKind.DEPOSIT:
        less = totals.total.amount < 0 or invoice.origin_id is not None
        invoice.kind = InvoiceKind.CREDIT_NOTE if less else InvoiceKind.INVOICE


def check_rate(rate: Decimal | None, rate_units: int) -> None:
    """A rate that can be calculated with."""
    if rate_units < 1:
        raise BadInput("A rate is for at least one unit.", field="rateUnits")
    if rate is None:
        return
    if not rate.is_finite() or rate <= 0 or rate != round(rate, 6):
        raise BadInput(f"{rate} is no rate: more than 0, at most 6 digits after the point.", field="rate")
