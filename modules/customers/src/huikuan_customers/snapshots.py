"""Frozen values of customers, as hooks, events and other modules see them; no row leaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from huikuan import Money

__all__ = [
    "AddressKind",
    "AddressSnapshot",
    "CascadeLevel",
    "Cascaded",
    "ContactPurpose",
    "ContactSnapshot",
    "CustomerOverdue",
    "CustomerRoles",
    "CustomerSnapshot",
    "EarlyDiscount",
    "Instalment",
    "PaymentTermsSnapshot",
    "Terms",
    "TermsKind",
    "TermsLine",
    "Weekday",
]


class AddressKind(Enum):
    """What an address is for."""

    LEGAL = "where the company is registered"
    BILLING = "where invoices go"
    SHIPPING = "where goods go"
    OTHER = "anything else"


class ContactPurpose(Enum):
    """What a person is addressed for."""

    GENERAL = "anything"
    BILLING = "invoices, reminders and payments"
    PURCHASING = "quotes and orders"
    DELIVERY = "shipments"


class Weekday(Enum):
    """A day of the week."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class TermsKind(Enum):
    """How much a line of payment terms takes."""

    FIXED = "a fixed amount"
    PERCENT = "percent of the total"
    PERCENT_OF_REST = "percent of what the lines before have left"
    EQUAL_PARTS = "all that is left, in equal parts"
    BALANCE = "all that is left"

    @property
    def closes(self) -> bool:
        """Whether it takes all that is left; exactly the last line does."""
        return self in (TermsKind.EQUAL_PARTS, TermsKind.BALANCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsLine:
    """One line of payment terms: how much, and when.

    Due is the document's date + ``months`` + ``days``; then, if asked for, the end of that month and
    ``days_after`` it; then the next ``day_of_month``; then the next ``weekday``. ``parts`` equal
    parts follow each other every ``every_months`` + ``every_days``. ``discount_percent`` may be kept
    back by who pays within ``discount_days``.
    """

    kind: TermsKind
    percent: Decimal | None = None
    amount: Money | None = None
    parts: int | None = None
    months: int = 0
    days: int = 0
    every_months: int = 0
    every_days: int = 0
    end_of_month: bool = False
    days_after: int = 0
    day_of_month: int | None = None
    weekday: Weekday | None = None
    discount_percent: Decimal | None = None
    discount_days: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """Payment terms: lines in order, the last one takes what is left."""

    lines: tuple[TermsLine, ...]


@dataclass(frozen=True, slots=True)
class EarlyDiscount:
    """What may be kept back if the instalment is paid by ``until``."""

    percent: Decimal
    until: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of a total and when it is due; parts of a credit note are negative."""

    due_date: date
    amount: Money
    discount: EarlyDiscount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTermsSnapshot:
    """Stored payment terms with their lines."""

    id: UUID
    code: str
    name: str
    archived: bool
    terms: Terms


class CascadeLevel(Enum):
    """Where a cascaded value was found."""

    CUSTOMER = "on the customer"
    GROUP = "on the customer's group"
    COMPANY = "in the company's settings"


@dataclass(frozen=True, slots=True)
class Cascaded:
    """A value and the level that gave it; 0 and "" are values, only None means unset."""

    value: Any
    level: CascadeLevel | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSnapshot:
    """A customer. ``held`` means: no new order confirms."""

    id: UUID
    code: str
    name: str
    tax_id: str | None
    currency: str
    language: str
    group_id: UUID | None
    parent_id: UUID | None
    held: bool
    hold_reason: str | None
    archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRoles:
    """Who takes which part when ``buyer`` orders; ids of customers.

    ``commercial`` is the topmost parent of the bill-to: credit, reminders and statements follow it.
    """

    buyer: UUID
    bill_to: UUID
    payer: UUID
    ship_to: UUID
    commercial: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressSnapshot:
    """A postal address."""

    id: UUID
    customer_id: UUID
    kind: AddressKind
    name: str | None
    line1: str
    line2: str | None
    postal_code: str | None
    city: str
    region: str | None
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSnapshot:
    """A person at a customer."""

    id: UUID
    customer_id: UUID
    name: str
    email: str | None
    phone: str | None
    purpose: ContactPurpose
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerOverdue:
    """What of a customer is overdue in one currency: number of items and their open amount."""

    customer_id: UUID
    count: int
    amount: Money
