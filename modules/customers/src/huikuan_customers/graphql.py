"""Root fields of customers."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from huikuan import BadInput, Context, Money, Ref
from huikuan.errors import Refused
from huikuan.graphql import query
from huikuan_customers.inputs import PaymentTermsLineInput
from huikuan_customers.snapshots import Instalment, Terms
from huikuan_customers.stored_terms import payment_terms
from huikuan_customers.terms import instalments
from huikuan_customers.types import EarlyDiscountType, PaymentTerms, PaymentTermsInstalment, PaymentTermsPreview

__all__ = ["payment_terms_preview"]


@query(permission="customers.read")
def payment_terms_preview(
    ctx: Context,
    amount: Annotated[Money, "A sample amount; negative as on a credit note."],
    terms: Annotated[Ref[PaymentTerms] | None, "Stored payment terms."] = None,
    lines: Annotated[list[PaymentTermsLineInput] | None, "Or lines that are not stored yet."] = None,
    date: Annotated[date | None, "Date of the document; left out: today."] = None,
) -> PaymentTermsPreview:
    """How an amount would fall into instalments."""
    if (terms is None) == (lines is None):
        raise BadInput("Give either terms or lines.", field="terms")
    wanted = payment_terms(ctx, [terms.id])[terms.id].terms if terms is not None else _terms(lines or [])
    try:
        parts = instalments(wanted, amount, date or ctx.today)
    except Refused as refused:
        refusal = refused.refusals[0]
        return PaymentTermsPreview([], refusal.code, refusal.message)
    return PaymentTermsPreview([_view(part) for part in parts], None, None)


def _terms(lines: list[PaymentTermsLineInput]) -> Terms:
    return Terms(tuple(line.line() for line in lines))


def _view(part: Instalment) -> PaymentTermsInstalment:
    found = part.discount
    discount = None if found is None else EarlyDiscountType(found.percent, found.until, found.amount)
    return PaymentTermsInstalment(part.due_date, part.amount, discount)
