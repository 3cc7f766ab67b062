"""Tables of invoicing. Posted documents and all that hangs on them are frozen, in the session and in the database."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, String

from huikuan.db import (
    Json,
    Mapped,
    TenantModel,
    UtcDateTime,
    currency_code,
    index,
    mapped_column,
    money,
    pii,
    state,
    tenant_fk,
    unique,
)
from huikuan.db import amount as sums  # columns are named amount and quantity
from huikuan.db import quantity as units
from huikuan.money import Money
from huikuan.tax import TaxRounding
from huikuan_invoicing.snapshots import BillingMethod, CreditAftermath, DiscountTax, InvoiceKind, InvoiceStatus

__all__ = [
    "INVOICE_RANK",
    "BillingMilestone",
    "BillingPlan",
    "BillingPolicy",
    "Invoice",
    "InvoiceInstalment",
    "InvoiceLine",
    "InvoiceTax",
]

INVOICE_RANK = 40
"""Drafts of invoices are locked after stock; posted ones cannot be locked, their customer is."""

ZERO = Decimal(0)


class Invoice(TenantModel):
    """An invoice, a credit note or a deposit."""

    kind: Mapped[InvoiceKind] = state(InvoiceKind, default=InvoiceKind.INVOICE)
    status: Mapped[InvoiceStatus] = state(InvoiceStatus, default=InvoiceStatus.DRAFT)
    series: Mapped[str | None] = mapped_column(String(60), doc="What its number begins with; OPENING: from elsewhere")
    sequence: Mapped[int | None] = mapped_column(BigInteger, doc="1, 2, … without gaps within the series")
    number: Mapped[str | None] = mapped_column(String(80), doc="Given just before the posting commits")
    reference: Mapped[str | None] = mapped_column(String(200), doc="The caller's own unique key")
    input_hash: Mapped[str | None] = mapped_column(String(64), doc="Of the input sent with the reference")
    billing_key: Mapped[str | None] = mapped_column(String(200), doc="What it bills: at most one invoice for each")
    customer_id: Mapped[UUID] = tenant_fk("customers_customer", doc="Who bought")
    bill_to_id: Mapped[UUID] = tenant_fk("customers_customer", doc="Who gets it")
    payer_id: Mapped[UUID] = tenant_fk("customers_customer", doc="Who pays")
    bill_to_name: Mapped[str | None] = pii(mapped_column(doc="As it was when it was posted"))
    bill_to_tax_id: Mapped[str | None] = pii(mapped_column())
    bill_to_address: Mapped[str | None] = pii(mapped_column())
    currency: Mapped[str] = currency_code()
    rate: Mapped[Decimal | None] = units("What rate_units of the currency are worth in the company's currency")
    rate_units: Mapped[int] = mapped_column(default=1)
    rate_on: Mapped[date | None] = mapped_column(doc="The day of the rate")
    issued_on: Mapped[date | None] = mapped_column(doc="Its date; a draft without one gets the day of its posting")
    due_from: Mapped[date | None] = mapped_column(doc="The day from which payment terms count; none: its date")
    due_on: Mapped[date | None] = mapped_column(doc="When the last instalment is due")
    payment_terms: Mapped[str | None] = mapped_column(String(64), doc="Code of the terms")
    terms: Mapped[Any | None] = mapped_column(Json, doc="The terms themselves; none: due at once")
    tax_rounding: Mapped[TaxRounding] = state(TaxRounding)
    discount_tax: Mapped[DiscountTax] = state(DiscountTax)
    net: Mapped[Money] = money("Without tax")
    tax: Mapped[Money] = money("Tax")
    total: Mapped[Money] = money("Tax included; the sum of the lines")
    base_total: Mapped[Money | None] = money("The total in the company's currency, at the rate")
    origin_id: Mapped[UUID | None] = tenant_fk("invoicing_invoice", nullable=True, doc="The invoice it takes back")
    reason: Mapped[str | None] = mapped_column(doc="Why it takes it back")
    aftermath: Mapped[CreditAftermath] = state(CreditAftermath, default=CreditAftermath.REBILL)
    source_type: Mapped[str | None] = mapped_column(String(60), doc="What it was made of, if it is one document")
    source_id: Mapped[UUID | None]
    notes: Mapped[str] = mapped_column(default="")
    past: Mapped[bool] = mapped_column(default=False, doc="It was posted elsewhere")
    posted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    content_hash: Mapped[str | None] = mapped_column(String(64), doc="Of all that may not change any more")
    if TYPE_CHECKING:  # the columns that money() makes
        net_amount: Mapped[Decimal]
        tax_amount: Mapped[Decimal]
        total_amount: Mapped[Decimal]
    __table_args__ = (
        unique("number"),
        unique("series", "sequence"),
        unique("reference"),
        unique("billing_key"),
        index("status", "id"),
        index("issued_on", "id"),
        index("due_on", "id"),
        index("series", "issued_on"),
        index("source_type", "source_id"),
        {"info": {"draft_when": "status = 'DRAFT'"}},
    )

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return bool(instance.status is InvoiceStatus.POSTED)


class InvoiceLine(TenantModel):
    """One line; amounts are in the invoice's currency, with code, percent and mode of the tax."""

    invoice_id: Mapped[UUID] = tenant_fk("invoicing_invoice", index=False, ondelete="CASCADE")
    position: Mapped[int]
    source_type: Mapped[str | None] = mapped_column(String(60), doc="What it bills: an order's line, a deposit's line")
    source_id: Mapped[UUID | None]
    document_id: Mapped[UUID | None] = mapped_column(doc="The order that it belongs to")
    origin_line_id: Mapped[UUID | None] = tenant_fk("invoicing_invoice_line", nullable=True, doc="The line credited")
    sku: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str]
    currency: Mapped[str] = currency_code()
    quantity: Mapped[Decimal] = units("Negative on credit notes and deductions")
    unit_price: Mapped[Decimal] = units("Before discount; tax included or not as tax_included says")
    discount_percent: Mapped[Decimal] = units(default=ZERO)
    tax_code: Mapped[str | None] = mapped_column(String(40))
    tax_percent: Mapped[Decimal] = units(default=ZERO)
    tax_included: Mapped[bool] = mapped_column(default=False, doc="Whether the unit price includes the tax")
    net: Mapped[Decimal] = sums()
    tax: Mapped[Decimal] = sums()
    gross: Mapped[Decimal] = sums()
    posted: Mapped[bool] = mapped_column(default=False, doc="Frozen together with its invoice")
    __table_args__ = (
        unique("invoice_id", "position"),
        index("source_type", "source_id"),
        index("document_id"),
        {"info": {"draft_when": "NOT posted"}},
    )

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return bool(instance.posted)


class InvoiceTax(TenantModel):
    """All of one tax on a posted invoice; written once."""

    invoice_id: Mapped[UUID] = tenant_fk("invoicing_invoice", index=False)
    position: Mapped[int]
    currency: Mapped[str] = currency_code()
    code: Mapped[str] = mapped_column(String(40))
    percent: Mapped[Decimal] = units()
    included: Mapped[bool] = mapped_column(doc="Whether the unit prices include it")
    base: Mapped[Decimal] = sums("What it is on")
    tax: Mapped[Decimal] = sums("What it comes to")
    __table_args__ = (unique("invoice_id", "position"), {"info": {"draft_when": "false"}})

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class InvoiceInstalment(TenantModel):
    """A part of a posted invoice's total; written once."""

    invoice_id: Mapped[UUID] = tenant_fk("invoicing_invoice", index=False)
    sequence: Mapped[int] = mapped_column(doc="1, 2, … within the invoice")
    due_on: Mapped[date]
    currency: Mapped[str] = currency_code()
    amount: Mapped[Decimal] = sums("Negative on a credit note")
    discount_percent: Mapped[Decimal | None] = units("For paying early")
    discount_until: Mapped[date | None] = mapped_column(doc="Last day of the discount")
    discount_amount: Mapped[Decimal | None] = sums("What may be kept back")
    __table_args__ = (
        unique("invoice_id", "sequence"),
        index("due_on", "id"),
        {"info": {"draft_when": "false"}},
    )

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class BillingPolicy(TenantModel):
    """How one order is invoiced, where that differs from the settings."""

    source_type: Mapped[str] = mapped_column(String(60))
    source_id: Mapped[UUID]
    method: Mapped[BillingMethod] = state(BillingMethod, default=BillingMethod.MANUAL)
    prepayment_percent: Mapped[Decimal] = units("Of the total, to be paid before it is confirmed", default=ZERO)
    ship_when_paid: Mapped[bool] = mapped_column(default=False, doc="Whether goods wait for the invoice's payment")
    __table_args__ = (unique("source_type", "source_id"),)


class BillingPlan(TenantModel):
    """An amount that is invoiced part by part, when milestones are reached or days come."""

    reference: Mapped[str] = mapped_column(String(200), doc="Your own unique key, such as a contract's number")
    input_hash: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[UUID] = tenant_fk("customers_customer")
    source_type: Mapped[str | None] = mapped_column(String(60), doc="What is billed by it, such as an order")
    source_id: Mapped[UUID | None]
    payment_terms: Mapped[str | None] = mapped_column(String(64), doc="Code of the terms; none: the customer's")
    amount: Mapped[Money] = money("Without tax, or with it as tax_included says")
    tax_code: Mapped[str | None] = mapped_column(String(40))
    tax_percent: Mapped[Decimal] = units(default=ZERO)
    tax_included: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (unique("reference"), index("source_type", "source_id"))


class BillingMilestone(TenantModel):
    """One part of a billing plan; it raises its own invoice, and only then is anything owed."""

    plan_id: Mapped[UUID] = tenant_fk("invoicing_billing_plan", index=False, ondelete="CASCADE")
    sequence: Mapped[int] = mapped_column(doc="1, 2, … within the plan")
    name: Mapped[str] = mapped_column(String(200))
    amount: Mapped[Money] = money("Its part of the plan's amount")
    planned_on: Mapped[date | None] = mapped_column(doc="With scheduled: the day of its invoice")
    scheduled: Mapped[bool] = mapped_column(default=False, doc="Whether the day alone makes its invoice")
    reached_on: Mapped[date | None]
    invoice_id: Mapped[UUID | None] = tenant_fk("invoicing_invoice", nullable=True, doc="Its invoice")
    __table_args__ = (unique("plan_id", "sequence"), index("scheduled", "planned_on"))
