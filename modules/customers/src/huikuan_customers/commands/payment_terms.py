"""Payment terms."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import delete

from huikuan import UNSET, Context, Id, Refusal, Unset, command
from huikuan_customers import values
from huikuan_customers.checks import check_code
from huikuan_customers.errors import IN_USE
from huikuan_customers.events import PaymentTermsChanged
from huikuan_customers.inputs import PaymentTermsLineInput
from huikuan_customers.models import Customer, CustomerGroup, PaymentTerms, PaymentTermsLine
from huikuan_customers.snapshots import Terms
from huikuan_customers.stored_terms import line_rows
from huikuan_customers.terms import check_terms

__all__ = ["payment_terms_archive", "payment_terms_create", "payment_terms_update"]


@command(permission="customers.terms", idempotency="natural")
def payment_terms_create(
    ctx: Context,
    code: Annotated[str, "Your own key of the terms; never used twice."],
    name: Annotated[str, "Name, as printed on documents."],
    lines: Annotated[list[PaymentTermsLineInput], "The lines in order."],
) -> PaymentTerms:
    """Make payment terms. The last line takes what the others leave: BALANCE or EQUAL_PARTS."""
    checked = _checked(lines)
    terms = ctx.add(PaymentTerms(code=check_code(ctx, PaymentTerms, code), name=values.text(name, "name")))
    ctx.add_all(line_rows(terms.id, checked.lines))
    ctx.emit(PaymentTermsChanged(payment_terms_id=terms.id))
    return terms


@command(permission="customers.terms", idempotency="natural")
def payment_terms_update(
    ctx: Context,
    id: Id[PaymentTerms],
    name: Annotated[str | Unset, "Name, as printed on documents."] = UNSET,
    lines: Annotated[list[PaymentTermsLineInput] | Unset, "All lines in order; replaces the former."] = UNSET,
) -> PaymentTerms:
    """Rename payment terms or replace all their lines. Documents keep the instalments they have."""
    terms = ctx.get(PaymentTerms, id)
    if not isinstance(name, Unset):
        terms.name = values.text(name, "name")
    if not isinstance(lines, Unset):
        checked = _checked(lines)
        ctx.execute(delete(PaymentTermsLine).where(PaymentTermsLine.terms_id == id))
        ctx.add_all(line_rows(id, checked.lines))
    ctx.emit(PaymentTermsChanged(payment_terms_id=id))
    return terms


@command(permission="customers.terms", idempotency="natural")
def payment_terms_archive(ctx: Context, id: Id[PaymentTerms]) -> PaymentTerms:
    """Take payment terms out of use; refused while customers, groups or the settings name them."""
    terms = ctx.get(PaymentTerms, id)
    if terms.archived_at is not None:
        return terms
    named = ctx.exists(Customer, payment_terms_id=id, archived_at=None) or ctx.exists(
        CustomerGroup, payment_terms_id=id
    )
    if named or ctx.setting("customers.payment_terms") == terms.code:
        ctx.refuse(
            Refusal(
                IN_USE,
                f"The payment terms {terms.code} are in use.",
                advice="Give customers, groups and the settings other terms first.",
            )
        )
    terms.archived_at = ctx.now
    ctx.emit(PaymentTermsChanged(payment_terms_id=id))
    return terms


def _checked(lines: list[PaymentTermsLineInput]) -> Terms:
    terms = Terms(tuple(line.line() for line in lines))
    check_terms(terms)
    return terms
