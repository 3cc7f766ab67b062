"""The only file that asks customers: who takes part in an invoice, and on which terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from huikuan.context import Context
from huikuan.errors import BadInput, NotFound
from huikuan_customers.api import (
    addresses_of,
    customer_ids,
    customers,
    payment_terms_by_code,
    payment_terms_for,
    roles_of,
)
from huikuan_customers.snapshots import AddressKind, AddressSnapshot, CustomerSnapshot, Terms

__all__ = ["Addressee", "Parties", "addressee", "codes", "named", "parties", "terms_by_code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who takes part in an invoice, and on which terms."""

    customer: UUID
    bill_to: UUID
    payer: UUID
    currency: str
    payment_terms: str | None
    terms: Terms | None


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a document is addressed to, as it stands on it for good."""

    name: str
    tax_id: str | None
    address: str | None


def parties(ctx: Context, customer_id: UUID, terms_code: str | None = None, currency: str | None = None) -> Parties:
    """The parties of an invoice to this customer, as its record says."""
    customer = customers(ctx, [customer_id]).get(customer_id)
    if customer is None:
        raise NotFound("The customer does not exist.", field="customer")
    if customer.archived:
        raise BadInput(f"Customer {customer.code} is archived; restore it first.", field="customer")
    roles = roles_of(ctx, customer_id)
    code, terms = terms_by_code(ctx, terms_code)
    if code is None and (found := payment_terms_for(ctx, roles.bill_to)) is not None:
        code, terms = found.code, found.terms
    return Parties(
        customer=customer_id,
        bill_to=roles.bill_to,
        payer=roles.payer,
        currency=currency or customer.currency,
        payment_terms=code,
        terms=terms,
    )


def terms_by_code(ctx: Context, code: str | None) -> tuple[str | None, Terms | None]:
    """The terms with this code; neither for None."""
    if code is None:
        return None, None
    found = payment_terms_by_code(ctx, code)
    if found is None:
        raise NotFound(f"There are no payment terms {code!r}.", field="paymentTerms")
    return found.code, found.terms


def codes(ctx: Context, wanted: Sequence[str]) -> dict[str, UUID]:
    """The ids of customers by code; unknown codes are left out."""
    return customer_ids(ctx, wanted)


def named(ctx: Context, customer_id: UUID) -> CustomerSnapshot:
    """One customer."""
    return customers(ctx, [customer_id])[customer_id]


def addressee(ctx: Context, bill_to: UUID) -> Addressee:
    """Name, tax id and billing address, else the registered one, as they are today."""
    customer = named(ctx, bill_to)
    found = addresses_of(ctx, [bill_to], AddressKind.BILLING).get(bill_to)
    return Addressee(customer.name, customer.tax_id, _text(found) if found is not None else None)


def _text(address: AddressSnapshot) -> str:
    city = " ".join(part for part in (address.postal_code, address.city) if part)
    parts = (address.name, address.line1, address.line2, city, address.region, address.country)
    return "\n".join(part for part in parts if part)
