"""The payment terms of a risk class, and by how many days other terms are longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil
from uuid import UUID

from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.money import Money
from huikuan_credit.errors import TERMS_UNKNOWN
from huikuan_credit.models import RiskClass
from huikuan_customers.api import instalments, payment_terms_by_code, payment_terms_codes
from huikuan_customers.snapshots import PaymentTermsSnapshot, Terms

__all__ = ["Agreed", "class_terms", "days_longer", "require_known"]

NAMED = 20


@dataclass(frozen=True, slots=True)
class Agreed:
    """The terms on a document and its day; no terms: due at once."""

    code: str | None
    terms: Terms | None
    on: date


def class_terms(ctx: Context, class_id: UUID | None) -> PaymentTermsSnapshot | None:
    """What customers of a class get: none without a class in use, or where the setting leaves it to people."""
    risk = None if class_id is None else ctx.get(RiskClass, class_id)
    if risk is None or not risk.active or risk.payment_terms is None or not ctx.setting("credit.terms_of_class"):
        return None
    return payment_terms_by_code(ctx, risk.payment_terms)


def require_known(ctx: Context, code: str) -> None:
    """Refuse a code that no terms in use have, naming theirs. Customers keeps all terms, with orders or without."""
    known = payment_terms_codes(ctx)
    if code in known:
        return
    named = ", ".join(known[:NAMED]) + (f" and {len(known) - NAMED} more" if len(known) > NAMED else "")
    ctx.refuse(
        Refusal(
            TERMS_UNKNOWN,
            f"No payment terms have the code {code!r}; known are {named}."
            if known
            else f"No payment terms have the code {code!r}; there are none yet.",
            field="paymentTerms",
            advice="Name one of them, or make it by paymentTermsCreate.",
            known=list(known[:NAMED]),
        )
    )


def days_longer(terms: Terms | None, bound: Terms, total: Money, on: date) -> int:
    """By how many days money comes later than by ``bound``: the last of it, or all of it on average."""
    if terms is None:
        return 0
    last, average = _days(terms, total, on)
    last_allowed, average_allowed = _days(bound, total, on)
    return max(last - last_allowed, ceil(average - average_allowed), 0)


def _days(terms: Terms, total: Money, on: date) -> tuple[int, Fraction]:
    parts = [((part.due_date - on).days, Fraction(part.amount.amount)) for part in instalments(terms, total, on)]
    whole = sum((amount for _, amount in parts), Fraction(0))
    average = sum((days * amount for days, amount in parts), Fraction(0)) / whole if whole else Fraction(0)
    return max(days for days, _ in parts), average
