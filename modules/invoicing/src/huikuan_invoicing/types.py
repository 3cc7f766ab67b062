"""GraphQL types of invoicing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from huikuan.context import Context
from huikuan.graphql import batch, column, node, to_many, to_one
from huikuan.money import Money
from huikuan.tax import TaxRounding
from huikuan_customers.types import Customer
from huikuan_invoicing import models
from huikuan_invoicing.settling import settlements
from huikuan_invoicing.snapshots import (
    BillingMethod,
    CreditAftermath,
    DiscountTax,
    InvoiceKind,
    InvoiceStatus,
    PaymentState,
    Settlement,
)

__all__ = [
    "BillingMilestone",
    "BillingPlan",
    "BillingPolicy",
    "Invoice",
    "InvoiceInstalment",
    "InvoiceLine",
    "InvoiceTax",
]


@node(models.Invoice, keys=("number", "reference", "billing_key"), permission="invoicing.read")
class Invoice:
    """An invoice, a credit note or a deposit."""

    number: str | None
    kind: InvoiceKind = column("What it is.")
    status: InvoiceStatus = column("Draft, or posted and frozen.")
    reference: str | None
    billing_key: str | None
    customer: Customer = to_one("customer_id", "Who bought.")
    bill_to: Customer = to_one("bill_to_id", "Who gets it.")
    payer: Customer = to_one("payer_id", "Who pays.")
    bill_to_name: str | None
    bill_to_tax_id: str | None = column("Tax id of who gets it, as it was when it was posted.")
    bill_to_address: str | None = column("Address of who gets it, as it was when it was posted.")
    currency: str
    rate: Decimal | None
    rate_units: int = column("For how many units of the currency the rate is.")
    rate_on: date | None
    issued_on: date | None
    due_from: date | None
    due_on: date | None
    payment_terms: str | None
    tax_rounding: TaxRounding = column("Where its taxes are rounded, frozen.")
    discount_tax: DiscountTax = column("What early-payment discount does to its tax, frozen.")
    net: Money = column("Without tax.")
    tax: Money = column("Tax.")
    total: Money = column("Tax included; the sum of the lines.")
    base_total: Money | None = column("The total in the company's currency, at the rate.")
    origin: Invoice | None = to_one("origin_id", "The invoice that it takes back.")
    reason: str | None
    aftermath: CreditAftermath = column("Of a credit note: whether its quantities may be invoiced again.")
    notes: str = column("Anything worth knowing.")
    past: bool
    posted_at: datetime | None = column("When it was posted.")
    content_hash: str | None
    created_at: datetime = column("When it was written.")
    lines: list[InvoiceLine] = to_many("invoice_id", "Its lines.", order_by="position")
    taxes: list[InvoiceTax] = to_many("invoice_id", "Its taxes; drafts have none yet.", order_by="position")
    instalments: list[InvoiceInstalment] = to_many(
        "invoice_id", "Its instalments; drafts have none yet.", order_by="sequence"
    )
    credit_notes: list[Invoice] = to_many("origin_id", "What takes it back, drafts included.", order_by="id")

    @batch(requires=["id"])
    def payment_state(ctx: Context, invoices: Sequence[Any]) -> list[PaymentState | None]:
        """How far it is settled; null for drafts. Derived from payments and credit notes."""
        return [found.state if found else None for found in _settled(ctx, invoices)]

    @batch(requires=["id"])
    def cancelled(ctx: Context, invoices: Sequence[Any]) -> list[bool]:
        """Whether credit notes took back all of it."""
        return [found is not None and found.state is PaymentState.REVERSED for found in _settled(ctx, invoices)]

    @batch(requires=["id"])
    def paid(ctx: Context, invoices: Sequence[Any]) -> list[Money | None]:
        """What was paid on it; null for drafts."""
        return [found.paid if found else None for found in _settled(ctx, invoices)]

    @batch(requires=["id"])
    def credited(ctx: Context, invoices: Sequence[Any]) -> list[Money | None]:
        """What credit notes settle of it; null for drafts."""
        return [found.credited if found else None for found in _settled(ctx, invoices)]

    @batch(requires=["id"])
    def open(ctx: Context, invoices: Sequence[Any]) -> list[Money | None]:
        """What is neither paid nor credited; null for drafts."""
        return [found.open if found else None for found in _settled(ctx, invoices)]

    @batch(requires=["id"])
    def overdue(ctx: Context, invoices: Sequence[Any]) -> list[Money | None]:
        """What instalments that were due before today still lack; null for drafts."""
        return [found.overdue if found else None for found in _settled(ctx, invoices)]

    @batch(requires=["id"])
    def next_due_on(ctx: Context, invoices: Sequence[Any]) -> list[date | None]:
        """When the first open instalment is, or was, due; null when nothing is open."""
        return [found.next_due_on if found else None for found in _settled(ctx, invoices)]


@node(models.InvoiceLine, permission="invoicing.read", root=False)
class InvoiceLine:
    """One line of an invoice."""

    invoice: Invoice = to_one("invoice_id", "The invoice.")
    position: int = column("1, 2, … within the invoice.")
    source_type: str | None
    origin_line: InvoiceLine | None = to_one("origin_line_id", "Of a credit note: the line that it takes back.")
    sku: str | None = column("The article's key.")
    description: str = column("Text of the line.")
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal = column("Discount on the unit price, in percent.")
    tax_code: str | None = column("Tax rate, frozen.")
    tax_percent: Decimal = column("Its percent, frozen.")
    tax_included: bool
    net: Money = column("Without tax.")
    tax: Money = column("Tax.")
    gross: Money = column("Tax included.")


@node(models.InvoiceTax, permission="invoicing.read", root=False)
class InvoiceTax:
    """All of one tax on an invoice."""

    position: int = column("1, 2, … within the invoice.")
    code: str = column("Tax rate.")
    percent: Decimal = column("Its percent.")
    included: bool
    base: Money = column("What it is on.")
    tax: Money = column("What it comes to.")


@node(models.InvoiceInstalment, permission="invoicing.read")
class InvoiceInstalment:
    """A part of an invoice's total and when it is due."""

    invoice: Invoice = to_one("invoice_id", "The invoice.")
    sequence: int
    due_on: date = column("When it is due.")
    amount: Money
    discount_percent: Decimal | None
    discount_until: date | None
    discount_amount: Money | None


@node(models.BillingPlan, keys=("reference",), permission="invoicing.read")
class BillingPlan:
    """An amount that is invoiced part by part."""

    reference: str
    customer: Customer = to_one("customer_id", "Who bought.")
    payment_terms: str | None
    amount: Money = column("What all parts come to.")
    tax_code: str | None = column("Tax on the parts.")
    tax_percent: Decimal = column("Its percent.")
    tax_included: bool = column("Whether the amounts include the tax.")
    milestones: list[BillingMilestone] = to_many("plan_id", "Its parts.", order_by="sequence")


@node(models.BillingMilestone, permission="invoicing.read", root=False)
class BillingMilestone:
    """One part of a billing plan."""

    plan: BillingPlan = to_one("plan_id", "The plan.")
    sequence: int
    name: str = column("What has to be reached.")
    amount: Money
    planned_on: date | None
    scheduled: bool
    reached_on: date | None = column("When it was reached.")
    invoice: Invoice | None = to_one("invoice_id", "Its invoice; null until it is reached.")


@node(models.BillingPolicy, permission="invoicing.read", root=False)
class BillingPolicy:
    """How one order is invoiced, where that differs from the settings."""

    method: BillingMethod = column("When it is invoiced.")
    prepayment_percent: Decimal
    ship_when_paid: bool


def _settled(ctx: Context, invoices: Sequence[Any]) -> list[Settlement | None]:
    found = settlements(ctx, [invoice.id for invoice in invoices])
    return [found.get(invoice.id) for invoice in invoices]
