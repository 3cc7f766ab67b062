"""The only file that asks customers and products: who takes part in an order, and what is ordered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from huikuan.codec import encode
from huikuan.context import Context
from huikuan.errors import BadInput, NotFound
from huikuan_customers.api import cascade, customers, payment_terms_by_code, payment_terms_for, roles_of, tops
from huikuan_customers.snapshots import CustomerSnapshot, PaymentTermsSnapshot
from huikuan_orders.inputs import OrderCreateInput
from huikuan_products.api import default_tax_rate, price_of, products_by_id, products_by_sku
from huikuan_products.snapshots import ProductSnapshot, TaxRateSnapshot

__all__ = [
    "Parties",
    "accountable",
    "goods_by_id",
    "goods_by_sku",
    "list_prices",
    "parties",
    "past_parties",
    "people",
    "standing_discount",
    "usual_tax",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who takes part in an order, and on which terms; frozen when it is written."""

    customer: UUID
    bill_to: UUID
    ship_to: UUID
    payer: UUID
    currency: str
    payment_terms: str | None
    terms: Any | None


def parties(ctx: Context, input: OrderCreateInput) -> Parties:
    """The parties of a new order: as given, else as the customer's record says."""
    customer = customers(ctx, [input.customer.id]).get(input.customer.id)
    if customer is None:
        raise NotFound("The customer does not exist.", field="customer")
    if customer.archived:
        raise BadInput(f"Customer {customer.code} is archived; restore it first.", field="customer")
    roles = roles_of(ctx, customer.id)
    bill_to = _role(input.bill_to, roles.bill_to)
    terms = _terms(ctx, input.payment_terms) or payment_terms_for(ctx, bill_to)
    return Parties(
        customer=customer.id,
        bill_to=bill_to,
        ship_to=_role(input.ship_to, roles.ship_to),
        payer=_role(input.payer, bill_to if input.bill_to else roles.payer),
        currency=input.currency or customer.currency,
        payment_terms=terms.code if terms else None,
        terms=encode(terms.terms) if terms else None,
    )


def past_parties(ctx: Context, input: OrderCreateInput) -> Parties:
    """The parties of an order of the past: only what is given; today's roles and terms say nothing about it."""
    customer = input.customer.id
    terms = _terms(ctx, input.payment_terms)
    bill_to = _role(input.bill_to, customer)
    return Parties(
        customer=customer,
        bill_to=bill_to,
        ship_to=_role(input.ship_to, customer),
        payer=_role(input.payer, bill_to),
        currency=input.currency or customers(ctx, [customer])[customer].currency,
        payment_terms=terms.code if terms else None,
        terms=encode(terms.terms) if terms else None,
    )


def _role(given: Any, otherwise: UUID) -> UUID:
    found: UUID = given.id if given is not None else otherwise
    return found


def _terms(ctx: Context, code: str | None) -> PaymentTermsSnapshot | None:
    if code is None:
        return None
    found = payment_terms_by_code(ctx, code)
    if found is None:
        raise NotFound(f"There are no payment terms {code!r}.", field="paymentTerms")
    return found


def accountable(ctx: Context, customer_id: UUID, bill_to_id: UUID) -> list[UUID]:
    """Whose hold stops an order: who buys, who gets the invoice, and who stands above that one."""
    return list(dict.fromkeys((customer_id, bill_to_id, tops(ctx, [bill_to_id])[bill_to_id])))


def people(ctx: Context, ids: Collection[UUID]) -> Mapping[UUID, CustomerSnapshot]:
    """Customers by id."""
    return customers(ctx, ids)


def goods_by_sku(ctx: Context, skus: Collection[str]) -> Mapping[str, ProductSnapshot]:
    """Products by sku; unknown ones are left out."""
    return products_by_sku(ctx, skus)


def goods_by_id(ctx: Context, ids: Collection[UUID]) -> Mapping[UUID, ProductSnapshot]:
    """Products by id."""
    return products_by_id(ctx, ids)


def list_prices(
    ctx: Context, questions: Sequence[tuple[int, UUID, Decimal]], currency: str, on: Any
) -> dict[int, Decimal]:
    """List prices by line for (line, product, quantity); lines without one are left out.

    The same product on several lines is asked about again, for each may have another quantity.
    """
    found: dict[int, Decimal] = {}
    left = list(questions)
    while left:
        asked: dict[UUID, tuple[int, Decimal]] = {}
        later = []
        for line, product_id, quantity in left:
            if product_id in asked:
                later.append((line, product_id, quantity))
            else:
                asked[product_id] = line, quantity
        prices = price_of(ctx, {id: quantity for id, (_, quantity) in asked.items()}, currency, on)
        found.update({asked[id][0]: price.unit_price for id, price in prices.items()})
        left = later
    return found


def standing_discount(ctx: Context, customer_id: UUID) -> Decimal:
    """The discount in force for a customer, in percent."""
    return Decimal(cascade(ctx, customer_id, "discount_percent").value or 0)


def usual_tax(ctx: Context) -> TaxRateSnapshot | None:
    """The tax on lines of free text: the one of products that name none."""
    return default_tax_rate(ctx)
