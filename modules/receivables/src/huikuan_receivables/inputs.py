"""What callers give to the commands of payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from huikuan.money import Money
from huikuan.values import Ref
from huikuan_customers.types import Customer
from huikuan_invoicing.types import Invoice
from huikuan_receivables.snapshots import PaymentMethod, PaymentStatus

__all__ = ["PaymentAllocationInput", "PaymentImportInput", "PaymentInput"]


@dataclass(frozen=True, kw_only=True)
class PaymentAllocationInput:
    """How much of an invoice is settled."""

    invoice: Annotated[Ref[Invoice], "The invoice."]
    instalment: Annotated[int | None, "Which one, 1 being the first; left out: what is due first."] = None
    amount: Annotated[Decimal | None, "In the invoice's currency; left out: all that is open, as far as it goes."] = (
        None
    )
    rate: Annotated[
        Decimal | None, "Of a payment in another currency: what one unit of it is worth in the invoice's."
    ] = None


@dataclass(frozen=True, kw_only=True)
class PaymentInput:
    """Money that came, or is to come."""

    customer: Annotated[Ref[Customer], "Who paid."]
    amount: Annotated[Money, "How much."]
    reference: Annotated[str | None, "Your own unique key: the same content sent again is the same payment."] = None
    received_on: Annotated[date | None, "When the money came; left out: today."] = None
    method: Annotated[PaymentMethod, "How it came."] = PaymentMethod.BANK_TRANSFER
    status: Annotated[PaymentStatus, "SUCCEEDED: the money is here. RECORDED or UNKNOWN: not yet."] = (
        PaymentStatus.SUCCEEDED
    )
    rate: Annotated[Decimal | None, "What rateUnits of its currency are worth in the company's currency."] = None
    rate_units: Annotated[int, "For how many units the rate is."] = 1
    rate_on: Annotated[date | None, "The day of the rate; left out: when the money came."] = None
    allocations: Annotated[
        list[PaymentAllocationInput] | None,
        "What it settles; empty: nothing; left out: what is due first, as receivables.apply says.",
    ] = None
    allow_duplicate: Annotated[
        bool, "Whether a payment without reference is another one, though customer, amount, day and method are alike."
    ] = False


@dataclass(frozen=True, kw_only=True)
class PaymentImportInput:
    """A payment that came, with the invoices that it settles."""

    customer: Annotated[str, "The customer's code."]
    amount: Annotated[Money, "How much."]
    reference: Annotated[str, "Your own unique key of it."]
    received_on: Annotated[date, "When the money came."]
    method: Annotated[PaymentMethod, "How it came."] = PaymentMethod.BANK_TRANSFER
    rate: Annotated[Decimal | None, "What rateUnits of its currency are worth in the company's currency."] = None
    rate_units: Annotated[int, "For how many units the rate is."] = 1
    invoices: Annotated[
        list[str] | None,
        "Numbers of invoices that it settles, in this order; left out: what is due first, as receivables.apply says.",
    ] = None
