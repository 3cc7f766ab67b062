"""What is asked of a payment before it is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import LARGEST, Money
from huikuan_receivables.booking import in_base
from huikuan_receivables.errors import DATE_AHEAD, DATE_TOO_EARLY, DUPLICATE, RATE_MISSING
from huikuan_receivables.models import Payment
from huikuan_receivables.snapshots import PaymentMethod, PaymentStatus

__all__ = ["NewPayment", "check_new", "past_day"]

ONE = Decimal(1)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """A payment about to be recorded. ``source_type`` and ``source_id``: the order that it is paid for beforehand."""

    customer_id: UUID
    amount: Money
    received_on: date | None = None
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER
    status: PaymentStatus = PaymentStatus.SUCCEEDED
    reference: str | None = None
    rate: Decimal | None = None
    rate_units: int = 1
    rate_on: date | None = None
    source_type: str | None = None
    source_id: UUID | None = None
    bank_line_id: UUID | None = None
    allow_duplicate: bool = False


def past_day(ctx: Context, day: date | None, field: str, *, since: date | None = None) -> date:
    """A day on which something happened: today if none is given, never ahead, not before ``since``."""
    found = day or ctx.today
    if found > ctx.today:
        ctx.refuse(
            Refusal(
                DATE_AHEAD, f"{found} lies in the future, today is {ctx.today}.", field=field, advice="Wait for it."
            )
        )
    if since is not None and found < since:
        ctx.refuse(
            Refusal(DATE_TOO_EARLY, f"{found} lies before {since}.", field=field, advice=f"Date it {since} or later.")
        )
    return found


def check_new(ctx: Context, new: NewPayment, received_on: date) -> tuple[Decimal, Decimal]:
    """The rate and the base amount, if the payment may be recorded."""
    currency = new.amount.currency
    if new.amount.amount <= ZERO:
        raise BadInput("A payment is more than 0.", field="amount")
    if new.amount.amount > LARGEST:
        raise BadInput(f"A payment is at most {LARGEST:,}.", field="amount")
    if new.status not in (PaymentStatus.RECORDED, PaymentStatus.UNKNOWN, PaymentStatus.SUCCEEDED):
        raise BadInput("A payment begins RECORDED, UNKNOWN or SUCCEEDED.", field="status")
    if new.rate_units < 1:
        raise BadInput("A rate is for at least one unit.", field="rateUnits")
    rate = new.rate
    if rate is not None and (not rate.is_finite() or rate <= 0 or rate != round(rate, 6)):
        raise BadInput(f"{rate} is no rate: more than 0, at most 6 digits after the point.", field="rate")
    if currency == ctx.tenant.currency:
        rate = ONE * new.rate_units
    if rate is None:
        ctx.refuse(
            Refusal(
                RATE_MISSING,
                f"The payment is in {currency}; its rate to {ctx.tenant.currency} is missing.",
                field="rate",
                advice="Give the rate of the day the money came.",
            )
        )
    assert rate is not None
    if new.status is PaymentStatus.SUCCEEDED:
        past_day(ctx, received_on, "receivedOn")
    if new.reference is None and not new.allow_duplicate:
        _check_duplicate(ctx, new, received_on)
    base = in_base(new.amount.amount, rate, new.rate_units, ctx.tenant.currency)
    if base > LARGEST:
        raise BadInput(f"A payment is at most {LARGEST:,} {ctx.tenant.currency}; is the rate right?", field="rate")
    return rate, base


def _check_duplicate(ctx: Context, new: NewPayment, received_on: date) -> None:
    twin = ctx.scalar(
        select(Payment)
        .where(
            Payment.customer_id == new.customer_id,
            Payment.received_on == received_on,
            Payment.amount_amount == new.amount.amount,
            Payment.amount_currency == new.amount.currency,
            Payment.method == new.method,
            Payment.status.not_in((PaymentStatus.FAILED, PaymentStatus.BOUNCED, PaymentStatus.VOIDED)),
        )
        .order_by(Payment.id)
    )
    if twin is not None:
        ctx.refuse(
            Refusal(
                DUPLICATE,
                f"Payment {twin.number} of {twin.amount} came on {received_on} the same way.",
                advice="Give each its reference, or say allowDuplicate if it came twice.",
                payment=twin.id,
            )
        )
