"""What belongs to a customer: contacts, addresses, bank accounts."""

from __future__ import annotations

from uuid import UUID

from huikuan import Context, Id, Ref, command
from huikuan_customers.events import CustomerUpdated
from huikuan_customers.inputs import AddressChange, AddressInput, BankAccountInput, ContactChange, ContactInput
from huikuan_customers.models import Address, BankAccount, Contact, Customer
from huikuan_customers.writing import (
    add_account,
    add_address,
    add_contact,
    address_values,
    assign,
    contact_values,
    drop_preference,
)

__all__ = [
    "address_add",
    "address_remove",
    "address_update",
    "bank_account_add",
    "bank_account_remove",
    "contact_add",
    "contact_remove",
    "contact_update",
]


@command(permission="customers.edit")
def contact_add(ctx: Context, customer: Ref[Customer], input: ContactInput) -> Contact:
    """Add a person to a customer."""
    contact = add_contact(ctx, customer.id, input)
    _changed(ctx, customer.id)
    return contact


@command(permission="customers.edit", idempotency="natural")
def contact_update(ctx: Context, id: Id[Contact], input: ContactChange) -> Contact:
    """Change a person; what the input leaves out stays as it is."""
    contact = ctx.get(Contact, id)
    if assign(contact, contact_values(input)):
        _changed(ctx, contact.customer_id)
    return contact


@command(permission="customers.edit", idempotency="natural")
def contact_remove(ctx: Context, id: Id[Contact]) -> Customer:
    """Delete a person."""
    return _remove(ctx, ctx.get(Contact, id))


@command(permission="customers.edit")
def address_add(ctx: Context, customer: Ref[Customer], input: AddressInput) -> Address:
    """Add an address to a customer; a preferred one takes the place of the one preferred before."""
    address = add_address(ctx, customer.id, input)
    _changed(ctx, customer.id)
    return address


@command(permission="customers.edit", idempotency="natural")
def address_update(ctx: Context, id: Id[Address], input: AddressChange) -> Address:
    """Change an address; what the input leaves out stays as it is. Documents keep theirs."""
    address = ctx.get(Address, id)
    columns = address_values(input)
    kind, preferred = columns.get("kind", address.kind), columns.get("preferred", address.preferred)
    if preferred and (kind, True) != (address.kind, address.preferred):
        drop_preference(ctx, address.customer_id, kind, besides=address.id)
    if assign(address, columns):
        _changed(ctx, address.customer_id)
    return address


@command(permission="customers.edit", idempotency="natural")
def address_remove(ctx: Context, id: Id[Address]) -> Customer:
    """Delete an address. Documents keep theirs."""
    return _remove(ctx, ctx.get(Address, id))


@command(permission="customers.edit")
def bank_account_add(ctx: Context, customer: Ref[Customer], input: BankAccountInput) -> BankAccount:
    """Add a bank account to a customer; warns if another customer has it too."""
    account = add_account(ctx, customer.id, input)
    _changed(ctx, customer.id)
    return account


@command(permission="customers.edit", idempotency="natural")
def bank_account_remove(ctx: Context, id: Id[BankAccount]) -> Customer:
    """Delete a bank account."""
    return _remove(ctx, ctx.get(BankAccount, id))


def _remove(ctx: Context, part: Contact | Address | BankAccount) -> Customer:
    ctx.remove(part)
    _changed(ctx, part.customer_id)
    return ctx.get(Customer, part.customer_id)


def _changed(ctx: Context, customer_id: UUID) -> None:
    ctx.emit(CustomerUpdated(customer_id=customer_id))
