"""Customers: make, change, archive, hold."""

from __future__ import annotations

from typing import Annotated

from huikuan import Context, Id, Refusal, Unset, command
from huikuan_customers import values
from huikuan_customers.errors import NOT_HELD
from huikuan_customers.events import CustomerArchived, CustomerHeld, CustomerUnarchived, CustomerUnheld
from huikuan_customers.family import ancestors
from huikuan_customers.hookspecs import customers_before_archive
from huikuan_customers.inputs import CustomerChange, CustomerInput
from huikuan_customers.locks import customer_lock
from huikuan_customers.models import Customer
from huikuan_customers.queries import customers
from huikuan_customers.writing import change_customer, create_customer

__all__ = [
    "customer_archive",
    "customer_create",
    "customer_hold",
    "customer_unarchive",
    "customer_unhold",
    "customer_update",
]


@command(permission="customers.edit", idempotency="natural")
def customer_create(ctx: Context, input: CustomerInput) -> Customer:
    """Make a customer with its contacts, addresses and bank accounts."""
    return create_customer(ctx, input)


@command(permission="customers.edit", idempotency="natural")
def customer_update(ctx: Context, id: Id[Customer], input: CustomerChange) -> Customer:
    """Change a customer; what the input leaves out stays as it is."""
    keys = [customer_lock(id)]
    parent = input.parent
    if not isinstance(parent, Unset | None):
        # The family is locked upwards, so that two customers cannot be put above each other at once.
        keys += [customer_lock(above) for above in (parent.id, *ancestors(ctx, parent.id))]
    ctx.lock(keys)
    customer = ctx.get(Customer, id)
    change_customer(ctx, customer, input)
    return customer


@command(permission="customers.edit", idempotency="natural")
def customer_archive(ctx: Context, id: Id[Customer]) -> Customer:
    """Take a customer out of use: it keeps its history, and nothing new can name it."""
    ctx.lock([customer_lock(id)])
    customer = ctx.get(Customer, id)
    if customer.archived_at is None:
        snapshot = customers(ctx, [id])[id]
        ctx.guard(
            ctx.vetoes(customers_before_archive, customer=snapshot),
            subject=customer,
            pin=(id, customer.updated_at),
        )
        customer.archived_at = ctx.now
        ctx.emit(CustomerArchived(customer_id=id))
    return customer


@command(permission="customers.edit", idempotency="natural")
def customer_unarchive(ctx: Context, id: Id[Customer]) -> Customer:
    """Take an archived customer into use again."""
    ctx.lock([customer_lock(id)])
    customer = ctx.get(Customer, id)
    if customer.archived_at is not None:
        customer.archived_at = None
        ctx.emit(CustomerUnarchived(customer_id=id))
    return customer


@command(permission="customers.hold", idempotency="natural")
def customer_hold(
    ctx: Context, id: Id[Customer], reason: Annotated[str, "Why: whoever looks at an order sees it."]
) -> Customer:
    """Put a customer on hold: none of its orders confirms; what is confirmed goes on."""
    ctx.lock([customer_lock(id)])
    customer = ctx.get(Customer, id)
    customer.hold_reason = values.text(reason, "reason", 1000)
    if customer.held_at is None:
        customer.held_at = ctx.now
        ctx.emit(CustomerHeld(customer_id=id))
    return customer


@command(permission="customers.hold", idempotency="natural")
def customer_unhold(ctx: Context, id: Id[Customer]) -> Customer:
    """Lift the hold of a customer: its orders confirm again."""
    ctx.lock([customer_lock(id)])
    customer = ctx.get(Customer, id)
    if customer.held_at is None:
        ctx.refuse(Refusal(NOT_HELD, f"{customer.code} is not on hold."))
    customer.held_at = customer.hold_reason = None
    ctx.emit(CustomerUnheld(customer_id=id))
    return customer
