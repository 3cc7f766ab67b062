"""Writing customers and what belongs to them; commands, importers and the api share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from huikuan import BadInput, Context, Unset, new_id
from huikuan_customers import values
from huikuan_customers.checks import check_account, check_code, check_parent, check_tax_id, usable
from huikuan_customers.events import CustomerCreated, CustomerUpdated
from huikuan_customers.inputs import (
    AddressChange,
    AddressInput,
    BankAccountInput,
    ContactChange,
    ContactInput,
    CustomerChange,
    CustomerInput,
)
from huikuan_customers.models import (
    Address,
    BankAccount,
    Contact,
    Customer,
    CustomerGroup,
    CustomerTag,
    PaymentTerms,
)
from huikuan_customers.snapshots import AddressKind

__all__ = [
    "MAX_PARTS",
    "add_account",
    "add_address",
    "add_contact",
    "address_values",
    "assign",
    "change_customer",
    "contact_values",
    "create_customer",
    "drop_preference",
    "given",
]

MAX_PARTS = 200
_REFERENCES: Mapping[str, tuple[Any, str]] = {
    "group": (CustomerGroup, "group_id"),
    "parent": (Customer, "parent_id"),
    "bill_to": (Customer, "bill_to_id"),
    "payer": (Customer, "payer_id"),
    "ship_to": (Customer, "ship_to_id"),
    "payment_terms": (PaymentTerms, "payment_terms_id"),
}
_TEXTS: Mapping[str, Any] = {
    "name": lambda value: values.text(value, "name"),
    "tax_id": values.tax_id,
    "currency": values.currency,
    "language": values.language,
    "note": lambda value: values.optional(value, "note", 10_000),
    "discount_percent": values.percent,
}


def create_customer(ctx: Context, input: CustomerInput) -> Customer:
    """Check and add a new customer with all that the input names."""
    if max(len(part) for part in (input.tags, input.contacts, input.addresses, input.bank_accounts)) > MAX_PARTS:
        raise BadInput(f"At most {MAX_PARTS} of each kind at once; add the others afterwards.", field="input")
    code = check_code(ctx, Customer, input.code)
    columns = _columns(ctx, given(input))
    columns["currency"] = columns["currency"] or ctx.tenant.currency
    columns["language"] = columns["language"] or ctx.setting("customers.language")
    check_parent(ctx, None, columns["parent_id"])
    check_tax_id(ctx, columns["tax_id"], None, columns["parent_id"])
    customer = Customer(id=new_id(), code=code, **columns)
    parts = [_contact(customer.id, item) for item in input.contacts]
    addresses = [_address(customer.id, item) for item in input.addresses]
    accounts = [_account(ctx, customer.id, item) for item in input.bank_accounts]
    _check_preferred(addresses)
    tags = [CustomerTag(customer_id=customer.id, tag=tag) for tag in values.tags(input.tags)]
    ctx.add(customer)
    ctx.add_all([*parts, *addresses, *accounts, *tags])
    ctx.emit(CustomerCreated(customer_id=customer.id))
    return customer


def change_customer(ctx: Context, customer: Customer, change: CustomerChange) -> bool:
    """Check and make the change; whether anything was different."""
    wanted = given(change)
    code = check_code(ctx, Customer, wanted.pop("code"), customer.id) if "code" in wanted else customer.code
    tags = values.tags(wanted.pop("tags")) if "tags" in wanted else None
    columns = {"code": code, **_columns(ctx, wanted)}
    parent_id = columns.get("parent_id", customer.parent_id)
    if parent_id != customer.parent_id:
        check_parent(ctx, customer.id, parent_id)
    tax_id = columns.get("tax_id", customer.tax_id)
    if (tax_id, parent_id) != (customer.tax_id, customer.parent_id):
        check_tax_id(ctx, tax_id, customer.id, parent_id)
    changed = assign(customer, columns)
    if tags is not None:
        changed |= _set_tags(ctx, customer.id, tags)
    if changed:
        ctx.emit(CustomerUpdated(customer_id=customer.id))
    return changed


def given(change: Any) -> dict[str, Any]:
    """The fields that the caller named."""
    return {
        name: value for name in change.__dataclass_fields__ if not isinstance(value := getattr(change, name), Unset)
    }


def assign(row: Any, columns: Mapping[str, Any]) -> bool:
    """Set the columns; whether any was different."""
    different = {name: value for name, value in columns.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def _columns(ctx: Context, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values of those fields that are columns of a customer."""
    found: dict[str, Any] = {}
    for name, value in wanted.items():
        if name in _REFERENCES:
            model, column = _REFERENCES[name]
            found[column] = usable(ctx, model, value, name)
        elif name == "owner":
            found["owner_id"] = None if value is None else value.id
        elif name in ("currency", "language") and value is None:
            found[name] = None
        elif name in _TEXTS:
            found[name] = _TEXTS[name](value)
    return found


def _set_tags(ctx: Context, customer_id: UUID, tags: Sequence[str]) -> bool:
    before = set(ctx.scalars(select(CustomerTag.tag).where(CustomerTag.customer_id == customer_id)))
    if before == set(tags):
        return False
    gone = before - set(tags)
    if gone:
        ctx.execute(delete(CustomerTag).where(CustomerTag.customer_id == customer_id, CustomerTag.tag.in_(gone)))
    ctx.add_all(CustomerTag(customer_id=customer_id, tag=tag) for tag in tags if tag not in before)
    return True


def contact_values(input: ContactInput | ContactChange) -> dict[str, Any]:
    """Columns of a contact."""
    rules: Mapping[str, Any] = {
        "name": lambda value: values.text(value, "name"),
        "email": values.email,
        "phone": lambda value: values.optional(value, "phone", 50),
        "role": lambda value: values.optional(value, "role"),
        "language": lambda value: None if value is None else values.language(value),
    }
    return {name: rules[name](value) if name in rules else value for name, value in given(input).items()}


def address_values(input: AddressInput | AddressChange) -> dict[str, Any]:
    """Columns of an address."""
    rules: Mapping[str, Any] = {
        "line1": lambda value: values.text(value, "line1"),
        "city": lambda value: values.text(value, "city"),
        "country": values.country,
        "name": lambda value: values.optional(value, "name"),
        "line2": lambda value: values.optional(value, "line2"),
        "postal_code": lambda value: values.optional(value, "postalCode", 20),
        "region": lambda value: values.optional(value, "region"),
    }
    return {name: rules[name](value) if name in rules else value for name, value in given(input).items()}


def _contact(customer_id: UUID, input: ContactInput) -> Contact:
    return Contact(customer_id=customer_id, **contact_values(input))


def _address(customer_id: UUID, input: AddressInput) -> Address:
    return Address(customer_id=customer_id, **address_values(input))


def _account(ctx: Context, customer_id: UUID, input: BankAccountInput) -> BankAccount:
    number = values.account_number(input.number)
    check_account(ctx, number, {customer_id})
    return BankAccount(
        customer_id=customer_id,
        number=number,
        bank_code=values.optional(input.bank_code, "bankCode", 20),
        bank_name=values.optional(input.bank_name, "bankName"),
        holder=values.optional(input.holder, "holder"),
        currency=None if input.currency is None else values.currency(input.currency),
    )


def add_contact(ctx: Context, customer_id: UUID, input: ContactInput) -> Contact:
    """Add a person to a customer."""
    return ctx.add(_contact(customer_id, input))


def add_address(ctx: Context, customer_id: UUID, input: AddressInput) -> Address:
    """Add an address; a preferred one takes the place of the one preferred before."""
    address = _address(customer_id, input)
    if address.preferred:
        drop_preference(ctx, customer_id, address.kind)
    return ctx.add(address)


def _check_preferred(addresses: Sequence[Address]) -> None:
    preferred = [address.kind for address in addresses if address.preferred]
    if len(preferred) != len(set(preferred)):
        raise BadInput("Only one address of each kind can be the preferred one.", field="addresses")


def drop_preference(ctx: Context, customer_id: UUID, kind: AddressKind, besides: UUID | None = None) -> None:
    """No other address of the kind stays preferred."""
    statement = update(Address).where(Address.customer_id == customer_id, Address.kind == kind, Address.preferred)
    if besides is not None:
        statement = statement.where(Address.id != besides)
    ctx.execute(statement.values(preferred=False))


def add_account(ctx: Context, customer_id: UUID, input: BankAccountInput) -> BankAccount:
    """Add a bank account."""
    return ctx.add(_account(ctx, customer_id, input))
