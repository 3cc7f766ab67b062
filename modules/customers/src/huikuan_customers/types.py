"""GraphQL types of customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import select

from huikuan import Context, Money, Ref
from huikuan.core.types import User
from huikuan.graphql import RefusalCodeName, batch, column, connection, extend, node, output, to_many, to_one
from huikuan_customers import models, overdue
from huikuan_customers.family import roles
from huikuan_customers.queries import cascades, grouped
from huikuan_customers.snapshots import AddressKind, ContactPurpose, TermsKind, Weekday
from huikuan_customers.stored_terms import payment_terms_in_force

__all__ = [
    "Address",
    "BankAccount",
    "Contact",
    "Customer",
    "CustomerChildren",
    "CustomerGroup",
    "CustomerOverdueTotal",
    "CustomerRolesType",
    "EarlyDiscountType",
    "GroupMembers",
    "PaymentTerms",
    "PaymentTermsInstalment",
    "PaymentTermsLine",
    "PaymentTermsPreview",
]


@node(models.PaymentTermsLine, permission="customers.read", root=False)
class PaymentTermsLine:
    """One line of payment terms: how much, and when.

    Due is the document's date + months + days; then, if asked for, the end of that month and days
    after it; then the next such day of a month; then the next such weekday.
    """

    position: int
    kind: TermsKind
    percent: Decimal | None
    amount: Money | None = column("The fixed amount.")
    parts: int | None
    months: int
    days: int
    every_months: int
    every_days: int
    end_of_month: bool
    days_after: int
    day_of_month: int | None
    weekday: Weekday | None
    discount_percent: Decimal | None
    discount_days: int | None


@node(models.PaymentTerms, keys=("code",), permission="customers.read", plural="paymentTermsList")
class PaymentTerms:
    """When a document's total is to be paid. Documents keep the instalments they were made with."""

    code: str
    name: str
    archived_at: datetime | None
    lines: list[PaymentTermsLine] = to_many("terms_id", "The lines in order.", order_by="position")


@node(models.CustomerGroup, keys=("code",), permission="customers.read")
class CustomerGroup:
    """A class of customers with common defaults; what it leaves open comes from the settings."""

    code: str
    name: str
    discount_percent: Decimal | None
    payment_terms: PaymentTerms | None = to_one("payment_terms_id", "Payment terms of the group.")


@node(models.Contact, permission="customers.read")
class Contact:
    """A person at a customer."""

    name: str
    email: str | None
    phone: str | None
    role: str | None
    purpose: ContactPurpose
    language: str | None
    customer: Customer = to_one("customer_id", "The customer.")


@node(models.Address, permission="customers.read", plural="addresses")
class Address:
    """A postal address of a customer."""

    kind: AddressKind
    preferred: bool
    name: str | None
    line1: str
    line2: str | None
    postal_code: str | None
    city: str
    region: str | None
    country: str
    customer: Customer = to_one("customer_id", "The customer.")


@node(models.BankAccount, permission="customers.bank")
class BankAccount:
    """A bank account that a customer pays from."""

    number: str
    bank_code: str | None
    bank_name: str | None
    holder: str | None
    currency: str | None
    customer: Customer = to_one("customer_id", "The customer.")


@output
@dataclass(frozen=True)
class CustomerOverdueTotal:
    """What is overdue in one currency."""

    count: Annotated[int, "Number of overdue items, those of children included."]
    amount: Annotated[Money, "Their open amount."]
    own_count: Annotated[int, "Number of overdue items of the customer itself."]
    own_amount: Annotated[Money, "Their open amount."]


@output
@dataclass(frozen=True)
class CustomerRolesType:
    """Who takes which part when the customer buys."""

    bill_to: Annotated[Ref[Customer], "Who gets the invoices."]
    payer: Annotated[Ref[Customer], "Who pays them."]
    ship_to: Annotated[Ref[Customer], "Who gets the goods."]
    commercial: Annotated[Ref[Customer], "The topmost parent of the bill-to: credit and reminders follow it."]


@node(models.Customer, keys=("code",), permission="customers.read")
class Customer:
    """A legal entity that buys, pays or receives."""

    code: str
    name: str
    tax_id: str | None
    currency: str
    language: str
    note: str | None
    discount_percent: Decimal | None
    held_at: datetime | None
    hold_reason: str | None
    archived_at: datetime | None
    group: CustomerGroup | None = to_one("group_id", "The group whose defaults it takes.")
    owner: User | None = to_one("owner_id", "The user who looks after it.")
    parent: Customer | None = to_one("parent_id", "The company above it.")
    bill_to: Customer | None = to_one("bill_to_id", "Who gets its invoices, if not itself.")
    payer: Customer | None = to_one("payer_id", "Who pays its invoices, if not who gets them.")
    ship_to: Customer | None = to_one("ship_to_id", "Who gets its goods, if not itself.")
    payment_terms: PaymentTerms | None = to_one("payment_terms_id", "Its own payment terms; null: the group's.")
    contacts: list[Contact] = to_many("customer_id", "Persons.")
    addresses: list[Address] = to_many("customer_id", "Postal addresses.")
    bank_accounts: list[BankAccount] = to_many(
        "customer_id", "Bank accounts it pays from.", permission="customers.bank"
    )

    @batch(requires=["id"])
    def tags(ctx: Context, customers: Sequence[Any]) -> list[list[str]]:
        """Words by which it is found."""
        statement = select(models.CustomerTag.customer_id, models.CustomerTag.tag).order_by(models.CustomerTag.tag)
        rows = ctx.rows(statement.where(models.CustomerTag.customer_id.in_([row.id for row in customers])))
        found = grouped(rows, "customer_id")
        return [[row.tag for row in found.get(customer.id, ())] for customer in customers]

    @batch(requires=["id"])
    def roles(ctx: Context, customers: Sequence[Any]) -> list[CustomerRolesType]:
        """Who takes which part when it buys, with its own words and its family's taken together."""
        found = roles(ctx, [row.id for row in customers])
        return [
            CustomerRolesType(
                Ref(found[row.id].bill_to),
                Ref(found[row.id].payer),
                Ref(found[row.id].ship_to),
                Ref(found[row.id].commercial),
            )
            for row in customers
        ]

    @batch(requires=["id"])
    def payment_terms_in_force(ctx: Context, customers: Sequence[Any]) -> list[Ref[PaymentTerms] | None]:
        """Its own payment terms, else the group's, else the company's."""
        found = payment_terms_in_force(ctx, [row.id for row in customers])
        return [None if (terms := found.get(row.id)) is None else Ref(terms) for row in customers]

    @batch(requires=["id"])
    def discount_percent_in_force(ctx: Context, customers: Sequence[Any]) -> list[Decimal]:
        """Its own standing discount, else the group's, else the company's; 0 is a value."""
        found = cascades(ctx, [row.id for row in customers], "discount_percent")
        return [found[row.id].value for row in customers]

    @batch(requires=["id"])
    def overdue(ctx: Context, customers: Sequence[Any]) -> list[list[CustomerOverdueTotal]]:
        """What is overdue today by currency; a parent shows its children's too."""
        found = overdue.overdue_totals(ctx, [row.id for row in customers])
        return [
            [CustomerOverdueTotal(item.count, item.amount, item.own_count, item.own) for item in found[row.id]]
            for row in customers
        ]


@extend(CustomerGroup)
class GroupMembers:
    """The customers of a group."""

    customers = connection(Customer, "group_id", "The customers of the group.")


@extend(Customer)
class CustomerChildren:
    """The companies below a customer."""

    children = connection(Customer, "parent_id", "The companies directly below it.")


@output
@dataclass(frozen=True)
class EarlyDiscountType:
    """What may be kept back for paying early."""

    percent: Annotated[Decimal, "Percent of the instalment."]
    until: Annotated[date, "The last day."]
    amount: Annotated[Money, "The same as an amount."]


@output
@dataclass(frozen=True)
class PaymentTermsInstalment:
    """A part of a total and when it is due."""

    due_date: Annotated[date, "When it is due."]
    amount: Annotated[Money, "How much."]
    discount: Annotated[EarlyDiscountType | None, "What may be kept back for paying early."]


@output
@dataclass(frozen=True)
class PaymentTermsPreview:
    """How an amount would fall into instalments, or why the terms do not fit it."""

    instalments: Annotated[list[PaymentTermsInstalment], "The parts; together they are the amount."]
    refusal: Annotated[RefusalCodeName | None, "Why the terms do not fit the amount."]
    message: Annotated[str | None, "The same in words."]
