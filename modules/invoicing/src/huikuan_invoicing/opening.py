"""Documents that were posted elsewhere: they keep their numbers, and are frozen like any other."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import Money
from huikuan_invoicing.creating import Draft, rounding, store
from huikuan_invoicing.errors import NUMBER_TAKEN
from huikuan_invoicing.inputs import InvoiceImportInput
from huikuan_invoicing.masters import Parties, parties
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.posting import OPENING, own_prefixes, post
from huikuan_invoicing.snapshots import DiscountTax, InvoiceKind
from huikuan_invoicing.values import LineValues

__all__ = ["opened", "record_opening", "refuse_other"]

LATEST = timedelta(days=50 * 366)
"""Nothing is due later than that: it is how other systems write that they know no due date."""


def opened(ctx: Context, number: str) -> Invoice | None:
    """The document that was entered under this number before; refuses a number of our own series."""
    number = number.strip()
    if not number:
        raise BadInput("A number is not empty.", field="number")
    found = ctx.find(Invoice, number=number)
    if (found is not None and found.series != OPENING) or (
        found is None and number.startswith(tuple(prefix for prefix in own_prefixes(ctx) if prefix))
    ):
        ctx.refuse(
            Refusal(
                NUMBER_TAKEN,
                f"{number!r} belongs to the numbers that are given here.",
                field="number",
                advice="Choose another prefix for own numbers in the settings.",
            )
        )
    return found


def refuse_other(ctx: Context, found: Invoice, customer_id: UUID | None, total: Money, issued_on: date) -> None:
    """Refuse what is not the document that was entered under its number: a balance that was corrected is not lost."""
    if (found.customer_id, found.total, found.issued_on) != (customer_id, total, issued_on):
        ctx.refuse(
            Refusal(
                NUMBER_TAKEN,
                f"{found.number} was entered before, of {found.issued_on} over {found.total}.",
                field="number",
                advice="Credit what was entered wrongly, or enter this one under another number.",
            )
        )


def record_opening(ctx: Context, input: InvoiceImportInput, customer_id: UUID) -> Invoice:
    """Enter a document of the past: with its number, dates and amounts as they are, once for each number."""
    number = input.number.strip()
    found = opened(ctx, number)
    if found is not None:
        return found
    _check(ctx, input)
    people = parties(ctx, customer_id, input.payment_terms, input.total.currency)
    if input.payment_terms is None:  # today's terms say nothing about a document of the past
        people = Parties(
            customer=people.customer,
            bill_to=people.bill_to,
            payer=people.payer,
            currency=people.currency,
            payment_terms=None,
            terms=None,
        )
    invoice = store(
        ctx,
        Draft(
            parties=people,
            lines=[_line(input, number)],
            assessed=True,
            tax_rounding=rounding(ctx),
            discount_tax=DiscountTax.INCLUDED,
            kind=InvoiceKind.DEPOSIT if input.kind is InvoiceKind.DEPOSIT else InvoiceKind.INVOICE,
            rate=input.rate,
            rate_units=input.rate_units,
            issued_on=input.issued_on,
            past=True,
        ),
    )
    return post(ctx, invoice, due_on=input.due_on, number=number)


def _check(ctx: Context, input: InvoiceImportInput) -> None:
    if input.due_on is not None and input.due_on < input.issued_on:
        raise BadInput("An invoice is not due before its date.", field="dueOn")
    if input.due_on is not None and input.due_on - input.issued_on > LATEST:
        raise BadInput(
            f"{input.due_on} is no day when an invoice is due; leave it out if none is known.", field="dueOn"
        )
    tax = Money(input.tax, input.total.currency)
    if abs(tax) > abs(input.total) or tax.amount * input.total.amount < 0:
        raise BadInput("The tax is a part of the total.", field="tax")
    negative = input.total.amount < 0
    if input.kind is not None and (input.kind is InvoiceKind.CREDIT_NOTE) != negative:
        raise BadInput("Credit notes are negative, and nothing else is.", field="kind")


def _line(input: InvoiceImportInput, number: str) -> LineValues:
    gross, tax = input.total.amount, input.tax
    negative = gross < 0
    return LineValues.new(
        position=1,
        description=input.description.strip() or f"Balance of {number}",
        quantity=Decimal(-1 if negative else 1),
        unit_price=abs(gross - tax),
        net=gross - tax,
        tax=tax,
        gross=gross,
    )
