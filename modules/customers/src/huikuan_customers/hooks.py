"""What customers contributes to the kernel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from huikuan import Context, Invariant, Refusal, hookimpl
from huikuan.core.errors import SETTING_INVALID
from huikuan.errors import BadInput, Refused
from huikuan_customers import values
from huikuan_customers.models import Customer, PaymentTerms
from huikuan_customers.stored_terms import payment_terms
from huikuan_customers.terms import check_terms

__all__ = ["kernel_before_setting", "kernel_invariants"]


@hookimpl
def kernel_before_setting(ctx: Context, key: str, value: str | int | bool) -> Refusal | None:
    """The company's payment terms are in use, and its language is one."""
    if key == "customers.language":
        return _no_language(str(value))
    if key != "customers.payment_terms" or not value or ctx.exists(PaymentTerms, code=value, archived_at=None):
        return None
    return Refusal(
        SETTING_INVALID,
        f"No payment terms in use have the code {value!r}.",
        field="value",
        advice="Create them first, or leave the value empty for payment at once.",
    )


def _no_language(text: str) -> Refusal | None:
    try:
        values.language(text)
    except BadInput as error:
        return Refusal(SETTING_INVALID, error.message, field="value")
    return None


@hookimpl
def kernel_invariants(ctx: Context) -> Iterable[Invariant]:
    """What must hold of customers."""
    return [
        Invariant("customers.family", "No customer stands above itself.", _own_ancestors),
        Invariant("customers.terms", "The last line of payment terms, and no other, takes what is left.", _no_terms),
    ]


def _own_ancestors(ctx: Context) -> Sequence[UUID]:
    rows = ctx.rows(select(Customer.id, Customer.parent_id).where(Customer.parent_id.is_not(None)))
    parent = {row.id: row.parent_id for row in rows}
    settled: set[UUID] = set()
    broken: list[UUID] = []
    for start in parent:
        path: dict[UUID, None] = {}
        at: UUID | None = start
        while at is not None and at not in settled and at not in path:
            path[at] = None
            at = parent.get(at)
        if at is not None and at in path:
            broken.append(at)
        settled.update(path)
    return broken


def _no_terms(ctx: Context) -> Sequence[UUID]:
    broken = []
    for terms in payment_terms(ctx, ctx.scalars(select(PaymentTerms.id))).values():
        try:
            check_terms(terms.terms)
        except Refused:
            broken.append(terms.id)
    return broken
