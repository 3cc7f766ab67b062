"""Tables of customers."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, String

from huikuan import Money
from huikuan.db import (
    Mapped,
    TenantModel,
    UtcDateTime,
    currency_code,
    index,
    mapped_column,
    money,
    pii,
    quantity,
    state,
    tenant_fk,
    unique,
)
from huikuan_customers.snapshots import AddressKind, ContactPurpose, TermsKind, Weekday

__all__ = [
    "Address",
    "BankAccount",
    "Contact",
    "Customer",
    "CustomerGroup",
    "CustomerTag",
    "PaymentTerms",
    "PaymentTermsLine",
]

CODE = String(64)
NAME = String(200)


class PaymentTerms(TenantModel):
    """When a document's total is to be paid. Documents keep the instalments they were made with."""

    code: Mapped[str] = mapped_column(CODE, doc="Your own key of the terms")
    name: Mapped[str] = mapped_column(NAME, doc="Name, as printed on documents")
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When the terms went out of use")
    __table_args__ = (unique("code"),)


class PaymentTermsLine(TenantModel):
    """One line of payment terms: how much, and when."""

    terms_id: Mapped[UUID] = tenant_fk("customers_payment_terms", index=False, ondelete="CASCADE")
    position: Mapped[int] = mapped_column(doc="1, 2, … in the order of the lines")
    kind: Mapped[TermsKind] = state(TermsKind, doc="How much the line takes")
    percent: Mapped[Decimal | None] = quantity(doc="Percent of the total, or of what the lines before left")
    amount: Mapped[Money | None] = money(doc="The fixed amount")
    parts: Mapped[int | None] = mapped_column(doc="Number of equal parts")
    months: Mapped[int] = mapped_column(default=0, doc="Months after the document's date")
    days: Mapped[int] = mapped_column(default=0, doc="Days after that")
    every_months: Mapped[int] = mapped_column(default=0, doc="Months between equal parts")
    every_days: Mapped[int] = mapped_column(default=0, doc="Days between equal parts")
    end_of_month: Mapped[bool] = mapped_column(default=False, doc="Then on to the end of that month")
    days_after: Mapped[int] = mapped_column(default=0, doc="Days after the end of the month")
    day_of_month: Mapped[int | None] = mapped_column(doc="Then on to this day of a month; 31 is the last day")
    weekday: Mapped[Weekday | None] = state(Weekday, doc="Then on to this day of the week", nullable=True)
    discount_percent: Mapped[Decimal | None] = quantity(doc="Percent that may be kept back for paying early")
    discount_days: Mapped[int | None] = mapped_column(doc="Days after the document's date that count as early")
    __table_args__ = (unique("terms_id", "position"),)


class CustomerGroup(TenantModel):
    """A class of customers with common defaults; what the group leaves open comes from the settings."""

    code: Mapped[str] = mapped_column(CODE, doc="Your own key of the group")
    name: Mapped[str] = mapped_column(NAME, doc="Name of the group")
    payment_terms_id: Mapped[UUID | None] = tenant_fk("customers_payment_terms", nullable=True)
    discount_percent: Mapped[Decimal | None] = quantity(doc="Standing discount in percent; 0 is none, null is unset")
    __table_args__ = (unique("code"),)


class Customer(TenantModel):
    """A legal entity that buys, pays or receives."""

    code: Mapped[str] = mapped_column(CODE, doc="Your own key of the customer")
    name: Mapped[str] = pii(mapped_column(NAME, doc="Legal name"))
    tax_id: Mapped[str | None] = pii(mapped_column(CODE, doc="Tax id, without spaces and punctuation"))
    currency: Mapped[str] = currency_code(doc="Currency of its documents unless they say otherwise")
    language: Mapped[str] = mapped_column(String(35), doc="Language to write in, such as en or zh-CN")
    note: Mapped[str | None] = mapped_column(doc="Anything worth knowing")
    group_id: Mapped[UUID | None] = tenant_fk("customers_customer_group", nullable=True)
    owner_id: Mapped[UUID | None] = tenant_fk("kernel_user", nullable=True)
    parent_id: Mapped[UUID | None] = tenant_fk("customers_customer", nullable=True)
    bill_to_id: Mapped[UUID | None] = tenant_fk("customers_customer", nullable=True)
    payer_id: Mapped[UUID | None] = tenant_fk("customers_customer", nullable=True)
    ship_to_id: Mapped[UUID | None] = tenant_fk("customers_customer", nullable=True)
    payment_terms_id: Mapped[UUID | None] = tenant_fk("customers_payment_terms", nullable=True)
    discount_percent: Mapped[Decimal | None] = quantity(doc="Standing discount in percent; 0 is none, null is unset")
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When it was put on hold: no new order confirms")
    hold_reason: Mapped[str | None] = mapped_column(doc="Why it is on hold")
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When it went out of use")
    __table_args__ = (
        unique("code"),
        # Two legal entities never share a tax id; branches share their parent's.
        unique("tax_id", where="parent_id IS NULL AND tax_id IS NOT NULL"),
        index("tax_id", "parent_id"),
        index("name"),
        CheckConstraint("(held_at IS NULL) = (hold_reason IS NULL)", name="hold_whole"),
    )


class CustomerTag(TenantModel):
    """A word by which customers are found."""

    customer_id: Mapped[UUID] = tenant_fk("customers_customer", index=False, ondelete="CASCADE")
    tag: Mapped[str] = mapped_column(CODE, doc="The word")
    __table_args__ = (unique("customer_id", "tag"), index("tag"))


class Contact(TenantModel):
    """A person at a customer."""

    customer_id: Mapped[UUID] = tenant_fk("customers_customer", ondelete="CASCADE")
    name: Mapped[str] = pii(mapped_column(NAME, doc="Name of the person"))
    email: Mapped[str | None] = pii(mapped_column(String(254), doc="E-mail address"))
    phone: Mapped[str | None] = pii(mapped_column(String(50), doc="Phone number"))
    role: Mapped[str | None] = mapped_column(NAME, doc="Role in the company")
    purpose: Mapped[ContactPurpose] = state(ContactPurpose, doc="What the person is addressed for")
    language: Mapped[str | None] = mapped_column(String(35), doc="Language to write in; null: the customer's")


class Address(TenantModel):
    """A postal address of a customer."""

    customer_id: Mapped[UUID] = tenant_fk("customers_customer", ondelete="CASCADE")
    kind: Mapped[AddressKind] = state(AddressKind, doc="What the address is for")
    preferred: Mapped[bool] = mapped_column(default=False, doc="Whether it is taken first among those of its kind")
    name: Mapped[str | None] = pii(mapped_column(NAME, doc="Addressee, if not the customer"))
    line1: Mapped[str] = pii(mapped_column(NAME, doc="Street and number"))
    line2: Mapped[str | None] = pii(mapped_column(NAME, doc="Second line"))
    postal_code: Mapped[str | None] = pii(mapped_column(String(20), doc="Postal code"))
    city: Mapped[str] = pii(mapped_column(NAME, doc="City"))
    region: Mapped[str | None] = mapped_column(NAME, doc="State or province")
    country: Mapped[str] = mapped_column(String(2), doc="Country, as ISO 3166 code of two letters")
    __table_args__ = (unique("customer_id", "kind", where="preferred"),)


class BankAccount(TenantModel):
    """A bank account that a customer pays from."""

    customer_id: Mapped[UUID] = tenant_fk("customers_customer", index=False, ondelete="CASCADE")
    number: Mapped[str] = pii(mapped_column(String(50), doc="IBAN or account number, without spaces"))
    bank_code: Mapped[str | None] = mapped_column(String(20), doc="BIC or the bank's code")
    bank_name: Mapped[str | None] = mapped_column(NAME, doc="Name of the bank")
    holder: Mapped[str | None] = pii(mapped_column(NAME, doc="Holder, if not the customer"))
    currency: Mapped[str | None] = currency_code(doc="Currency of the account")
    __table_args__ = (unique("customer_id", "number"), index("number"))
