"""Reading customers: each function answers for many at once, with a fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from huikuan import Context, NotFound
from huikuan_customers.models import Address, BankAccount, Contact, Customer, CustomerGroup
from huikuan_customers.snapshots import (
    AddressKind,
    AddressSnapshot,
    Cascaded,
    CascadeLevel,
    ContactPurpose,
    ContactSnapshot,
    CustomerRoles,
    CustomerSnapshot,
)

__all__ = [
    "CASCADED",
    "account_holders",
    "addresses_of",
    "cascade",
    "cascades",
    "contacts_of",
    "customer_ids",
    "customers",
    "first_set",
    "grouped",
    "groupings",
    "held",
    "people",
]

CASCADED = ("payment_terms", "discount_percent")
_COLUMNS = (
    Customer.id,
    Customer.code,
    Customer.name,
    Customer.tax_id,
    Customer.currency,
    Customer.language,
    Customer.group_id,
    Customer.parent_id,
    Customer.bill_to_id,
    Customer.payer_id,
    Customer.ship_to_id,
    Customer.held_at,
    Customer.hold_reason,
    Customer.archived_at,
)
FEW = 20


def customers(ctx: Context, ids: Collection[UUID]) -> dict[UUID, CustomerSnapshot]:
    """These customers by id; unknown ids are left out. One statement."""
    return {id: _snapshot(row) for id, row in people(ctx, ids).items()}


def people(ctx: Context, ids: Collection[UUID]) -> Mapping[UUID, Customer | Row[Any]]:
    """Rows of customers by id: of a few those that the command has read already, of many without entities."""
    if not ids:
        return {}
    if len(ids) <= FEW:
        return ctx.get_many(Customer, ids)
    return {row.id: row for row in ctx.rows(select(*_COLUMNS).where(ctx.among(Customer.id, ids)))}


def customer_ids(ctx: Context, codes: Collection[str]) -> dict[str, UUID]:
    """The ids of these codes; unknown codes are left out. One statement."""
    if not codes:
        return {}
    rows = ctx.rows(select(Customer.code, Customer.id).where(Customer.code.in_(codes)))
    return {row.code: row.id for row in rows}


def account_holders(ctx: Context, numbers: Collection[str]) -> dict[str, list[UUID]]:
    """Who pays from these accounts, which several may share; unknown ones are left out. One statement.

    ``numbers``: as they are kept, in capitals without spaces and punctuation.
    """
    if not numbers:
        return {}
    found: dict[str, list[UUID]] = {}
    statement = select(BankAccount.number, BankAccount.customer_id).where(ctx.among(BankAccount.number, numbers))
    for row in ctx.rows(statement.order_by(BankAccount.customer_id)):
        found.setdefault(row.number, []).append(row.customer_id)
    return found


def groupings(ctx: Context) -> dict[UUID, tuple[UUID | None, UUID | None]]:
    """Group and owner of all customers that have either. One statement."""
    either = Customer.group_id.is_not(None) | Customer.owner_id.is_not(None)
    rows = ctx.rows(select(Customer.id, Customer.group_id, Customer.owner_id).where(either))
    return {row.id: (row.group_id, row.owner_id) for row in rows}


def held(ctx: Context, roles: CustomerRoles) -> list[CustomerSnapshot]:
    """Who of buyer, bill-to and commercial parent is on hold: then no new order of the buyer confirms."""
    ids = dict.fromkeys((roles.buyer, roles.bill_to, roles.commercial))
    found = customers(ctx, list(ids))
    return [found[id] for id in ids if id in found and found[id].held]


def _snapshot(row: Customer | Row[Any]) -> CustomerSnapshot:
    return CustomerSnapshot(
        id=row.id,
        code=row.code,
        name=row.name,
        tax_id=row.tax_id,
        currency=row.currency,
        language=row.language,
        group_id=row.group_id,
        parent_id=row.parent_id,
        held=row.held_at is not None,
        hold_reason=row.hold_reason,
        archived=row.archived_at is not None,
    )


def first_set(customer: Any, group: Any, company: Any) -> Cascaded:
    """The first value that is set. 0 and an empty text are values; only None means unset."""
    levels = ((customer, CascadeLevel.CUSTOMER), (group, CascadeLevel.GROUP), (company, CascadeLevel.COMPANY))
    return next((Cascaded(value, level) for value, level in levels if value is not None), Cascaded(None, None))


def cascade(ctx: Context, customer_id: UUID, name: str) -> Cascaded:
    """What is in force for one customer; see `cascades`."""
    found = cascades(ctx, [customer_id], name)
    if customer_id not in found:
        raise NotFound(f"Customer {customer_id} does not exist.", field="customer")
    return found[customer_id]


def cascades(ctx: Context, ids: Collection[UUID], name: str) -> dict[UUID, Cascaded]:
    """What is in force: the customer's own value, else its group's, else the company's setting.

    ``name`` is "payment_terms" (an id; the company's setting is a code) or "discount_percent". At
    most two statements.
    """
    if name not in CASCADED:
        raise ValueError(f"{name!r} does not cascade; these do: {', '.join(CASCADED)}")
    if not ids:
        return {}
    column = "payment_terms_id" if name == "payment_terms" else name
    if len(ids) <= FEW:
        return _few_cascades(ctx, ids, column, _company(ctx, name))
    own, group = getattr(Customer, column), getattr(CustomerGroup, column)
    on = (CustomerGroup.id == Customer.group_id) & (CustomerGroup.tenant_id == Customer.tenant_id)
    statement = select(Customer.id, own.label("own"), group.label("common"))
    rows = ctx.rows(statement.outerjoin(CustomerGroup, on).where(Customer.id.in_(ids)))
    company = _company(ctx, name)
    return {row.id: first_set(row.own, row.common, company) for row in rows}


def _few_cascades(ctx: Context, ids: Collection[UUID], column: str, company: Any) -> dict[UUID, Cascaded]:
    found = ctx.get_many(Customer, ids)
    groups = ctx.get_many(CustomerGroup, {row.group_id for row in found.values() if row.group_id is not None})
    common = {group.id: getattr(group, column) for group in groups.values()}
    return {
        id: first_set(getattr(row, column), common.get(row.group_id) if row.group_id else None, company)
        for id, row in found.items()
    }


def _company(ctx: Context, name: str) -> Any:
    value = ctx.setting(f"customers.{name}")
    if name == "discount_percent":
        return Decimal(value)
    return value or None


def addresses_of(ctx: Context, ids: Collection[UUID], kind: AddressKind) -> dict[UUID, AddressSnapshot]:
    """The address of each customer to use for ``kind``; who has none at all is left out.

    The preferred one of the kind, else any of the kind, else the legal one, else any.
    """
    if not ids:
        return {}
    rows = ctx.scalars(select(Address).where(Address.customer_id.in_(ids)).order_by(Address.id))

    def rank(row: Address) -> tuple[bool, bool, bool]:
        return row.kind is not kind, row.kind is not AddressKind.LEGAL, not row.preferred

    return {row.customer_id: _address(row) for row in _first(rows, rank)}


def contacts_of(ctx: Context, ids: Collection[UUID], purpose: ContactPurpose) -> dict[UUID, ContactSnapshot]:
    """The person to address at each customer for ``purpose``, with an e-mail address if any has one.

    Somebody of that purpose, else a general contact, else anybody; the earliest of equals.
    """
    if not ids:
        return {}
    rows = ctx.scalars(select(Contact).where(Contact.customer_id.in_(ids)).order_by(Contact.id))

    def rank(row: Contact) -> tuple[bool, bool, bool]:
        return row.email is None, row.purpose is not purpose, row.purpose is not ContactPurpose.GENERAL

    return {row.customer_id: _contact(row) for row in _first(rows, rank)}


def _first(rows: Iterable[Any], rank: Any) -> Iterable[Any]:
    """The row of the lowest rank of each customer; the first one of equals."""
    found: dict[UUID, Any] = {}
    for row in rows:
        if row.customer_id not in found or rank(row) < rank(found[row.customer_id]):
            found[row.customer_id] = row
    return found.values()


def _address(row: Address) -> AddressSnapshot:
    return AddressSnapshot(
        id=row.id,
        customer_id=row.customer_id,
        kind=row.kind,
        name=row.name,
        line1=row.line1,
        line2=row.line2,
        postal_code=row.postal_code,
        city=row.city,
        region=row.region,
        country=row.country,
    )


def _contact(row: Contact) -> ContactSnapshot:
    return ContactSnapshot(
        id=row.id,
        customer_id=row.customer_id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        purpose=row.purpose,
        language=row.language,
    )


def grouped(rows: Iterable[Any], key: str) -> Mapping[UUID, list[Any]]:
    """Rows by one of their ids, in order."""
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(row)
    return found
