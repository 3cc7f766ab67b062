"""What callers give to the commands of invoicing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from huikuan.money import Money
from huikuan.values import UNSET, Ref, Unset
from huikuan_customers.types import Customer
from huikuan_invoicing.snapshots import InvoiceKind

__all__ = [
    "BillingMilestoneInput",
    "BillingPlanInput",
    "InvoiceChangeInput",
    "InvoiceCreditLineInput",
    "InvoiceImportInput",
    "InvoiceInput",
    "InvoiceLineInput",
]


@dataclass(frozen=True, kw_only=True)
class InvoiceLineInput:
    """A line of an invoice, with the tax on it."""

    description: Annotated[str, "Text of the line."]
    unit_price: Annotated[Decimal, "Before discount, at most 6 digits; tax included or not as taxIncluded says."]
    quantity: Annotated[Decimal, "At most 6 digits; negative for a deduction."] = Decimal(1)
    sku: Annotated[str | None, "The article's key."] = None
    discount_percent: Annotated[Decimal, "From 0 to 100."] = Decimal(0)
    tax_code: Annotated[str | None, "Code of the tax; left out: not taxed."] = None
    tax_percent: Annotated[Decimal | None, "Percent of the tax; with a taxCode it is never left out."] = None
    tax_included: Annotated[bool, "Whether the unit price includes the tax."] = False


@dataclass(frozen=True, kw_only=True)
class InvoiceInput:
    """A new invoice by hand; one that comes to less than nothing becomes a credit note."""

    customer: Annotated[Ref[Customer], "Who bought."]
    lines: Annotated[list[InvoiceLineInput], "What is invoiced."]
    reference: Annotated[str | None, "Your own unique key: the same content sent again is the same invoice."] = None
    currency: Annotated[str | None, "Left out: the customer's."] = None
    rate: Annotated[Decimal | None, "What rateUnits of the currency are worth in the company's currency."] = None
    rate_units: Annotated[int, "For how many units the rate is."] = 1
    rate_on: Annotated[date | None, "The day of the rate; left out: the invoice's date."] = None
    issued_on: Annotated[date | None, "Its date; left out: the day of its posting."] = None
    due_from: Annotated[date | None, "From when payment terms count; left out: its date."] = None
    payment_terms: Annotated[str | None, "Code of the terms; left out: the bill-to's."] = None
    notes: Annotated[str, "Anything worth knowing."] = ""


@dataclass(frozen=True, kw_only=True)
class InvoiceChangeInput:
    """Changes to a draft; what is left out stays."""

    lines: Annotated[list[InvoiceLineInput] | Unset, "All lines anew; they lose what they were made of."] = UNSET
    rate: Annotated[Decimal | Unset | None, "What rateUnits are worth in the company's currency."] = UNSET
    rate_units: Annotated[int | Unset, "For how many units the rate is."] = UNSET
    rate_on: Annotated[date | Unset | None, "The day of the rate."] = UNSET
    issued_on: Annotated[date | Unset | None, "Its date."] = UNSET
    due_from: Annotated[date | Unset | None, "From when payment terms count."] = UNSET
    notes: Annotated[str | Unset, "Anything worth knowing."] = UNSET


@dataclass(frozen=True, kw_only=True)
class InvoiceCreditLineInput:
    """How much of a line is credited."""

    position: Annotated[int, "Which line of the invoice."]
    quantity: Annotated[Decimal | None, "How much, with the line's sign; left out: all that is left."] = None


@dataclass(frozen=True, kw_only=True)
class InvoiceImportInput:
    """An invoice that was posted elsewhere, as one amount."""

    number: Annotated[str, "Its own unique number."]
    customer: Annotated[str, "Code of the customer."]
    issued_on: Annotated[date, "Its date."]
    total: Annotated[Money, "Tax included; negative: a credit note."]
    due_on: Annotated[date | None, "When it is due; left out: by its paymentTerms, else at once."] = None
    payment_terms: Annotated[str | None, "Code of its payment terms."] = None
    tax: Annotated[Decimal, "How much of the total is tax."] = Decimal(0)
    rate: Annotated[Decimal | None, "What rateUnits of the currency are worth in the company's currency."] = None
    rate_units: Annotated[int, "For how many units the rate is."] = 1
    description: Annotated[str, "Text of its one line."] = ""
    kind: Annotated[InvoiceKind | None, "Left out: by the sign of the total."] = None


@dataclass(frozen=True, kw_only=True)
class BillingMilestoneInput:
    """A part of a billing plan: an amount, or a percentage of the plan's."""

    name: Annotated[str, "What has to be reached."]
    amount: Annotated[Decimal | None, "In the plan's currency."] = None
    percent: Annotated[Decimal | None, "Of the plan's amount."] = None
    planned_on: Annotated[date | None, "When it is expected."] = None
    scheduled: Annotated[bool, "Whether its day alone makes its invoice."] = False


@dataclass(frozen=True, kw_only=True)
class BillingPlanInput:
    """An amount to be invoiced part by part."""

    reference: Annotated[str, "Your own unique key, such as the contract's number."]
    customer: Annotated[Ref[Customer], "Who bought."]
    amount: Annotated[Money, "What all parts come to."]
    milestones: Annotated[list[BillingMilestoneInput], "The parts; the last one may leave out how much."]
    payment_terms: Annotated[str | None, "Code of the terms; left out: the bill-to's."] = None
    tax_code: Annotated[str | None, "Code of the tax; left out: not taxed."] = None
    tax_percent: Annotated[Decimal | None, "Percent of the tax; with a taxCode it is never left out."] = None
    tax_included: Annotated[bool, "Whether the amounts include the tax."] = False
