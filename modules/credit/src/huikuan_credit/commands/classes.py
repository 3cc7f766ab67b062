"""Risk classes, and who is in them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from huikuan import BadInput, Context, Ref, Refusal, command
from huikuan_credit.accounts import account_locks, account_of, pool_of
from huikuan_credit.errors import CLASS_TAKEN
from huikuan_credit.models import Account, Rating, RiskClass
from huikuan_credit.rating import rate, set_rating
from huikuan_credit.rechecking import ease
from huikuan_credit.snapshots import Grade
from huikuan_credit.terms import require_known
from huikuan_credit.types import CreditClass
from huikuan_customers.types import Customer

__all__ = ["credit_class_assign", "credit_class_set", "credit_customer_rate", "credit_rating_set"]

ZERO = Decimal(0)
HUNDRED = Decimal(100)
FACTOR = Decimal(1000)


@command(permission="credit.rules", idempotency="natural", payload="credit_class")
def credit_class_set(
    ctx: Context,
    code: Annotated[str, "Your own key of the class; the same again changes it."],
    name: str,
    grade: Annotated[Grade | None, "Customers rated so are put into the class once it is active."] = None,
    limit_factor: Annotated[Decimal, "Proposed limit: so many times the sales of 90 days."] = ZERO,
    limit_cap: Annotated[Decimal | None, "Proposed limits are no larger."] = None,
    payment_terms: Annotated[str | None, "Code of the payment terms; new orders get none that are longer."] = None,
    prepayment_percent: Annotated[Decimal, "Percent of an order to be paid before it is confirmed."] = ZERO,
    active: Annotated[bool, "Whether it applies; see creditClassSimulation before."] = False,
) -> RiskClass:
    """Describe a risk class. While it is not active it changes nothing, and can be simulated."""
    if not code.strip() or not name.strip():
        raise BadInput("A class has a code and a name.", field="code")
    if not ZERO <= limit_factor <= FACTOR or (limit_cap is not None and limit_cap < ZERO):
        raise BadInput("A factor lies between 0 and 1000; a cap is not negative.", field="limitFactor")
    if not ZERO <= prepayment_percent <= HUNDRED:
        raise BadInput("A percentage lies between 0 and 100.", field="prepaymentPercent")
    if payment_terms is not None:
        require_known(ctx, payment_terms)
    row = ctx.find(RiskClass, code=code.strip())
    rival = None if grade is None or not active else ctx.find(RiskClass, grade=grade, active=True)
    if rival is not None and rival is not row:
        ctx.refuse(
            Refusal(
                CLASS_TAKEN,
                f"Class {rival.code} is active for grade {grade.name if grade else ''} already.",
                field="grade",
                advice="Take that class out of use first.",
            )
        )
    row = row or ctx.add(RiskClass(code=code.strip()))
    row.name, row.grade, row.limit_factor, row.limit_cap = name.strip(), grade, limit_factor, limit_cap
    row.payment_terms, row.prepayment_percent, row.active = payment_terms, prepayment_percent, active
    return row


@command(permission="credit.rate", idempotency="natural", payload="credit_account")
def credit_class_assign(
    ctx: Context,
    customer: Ref[Customer],
    risk_class: Annotated[Ref[CreditClass] | None, "Left out: the class of its rating, if there is one."] = None,
) -> Account:
    """Put a customer, with all that owe with it, into a risk class by hand."""
    account = _locked_account(ctx, customer)
    account.class_by_hand = risk_class is not None
    account.class_id = None if risk_class is None else risk_class.id
    if risk_class is None and account.grade is not None:
        found = ctx.find(RiskClass, grade=account.grade, active=True)
        account.class_id = None if found is None else found.id
    ease(ctx, account.customer_id or account.group_id)
    return account


@command(permission="credit.rate", idempotency="natural", payload="credit_rating")
def credit_customer_rate(ctx: Context, customer: Ref[Customer], currency: str | None = None) -> Rating | None:
    """Rate a customer by its history now; null where nothing is known, or a rating by hand holds."""
    account = _locked_account(ctx, customer)
    return rate(ctx, account, pool_of(ctx, customer.id), currency or ctx.tenant.currency)


@command(permission="credit.rate", idempotency="natural", payload="credit_rating")
def credit_rating_set(
    ctx: Context,
    customer: Ref[Customer],
    grade: Grade,
    reason: Annotated[str, "Why; it stands in the rating's reasons."],
    until: Annotated[
        date | None, "Last day; afterwards the history rates again. Left out: until it is changed."
    ] = None,
) -> Rating:
    """Rate a customer by hand."""
    if not reason.strip():
        raise BadInput("Say why.", field="reason")
    if until is not None and until < ctx.today:
        raise BadInput("The last day has passed.", field="until")
    return set_rating(ctx, _locked_account(ctx, customer), grade, reason.strip(), until)


def _locked_account(ctx: Context, customer: Ref[Customer]) -> Account:
    ctx.lock(account_locks(ctx, [customer.id]))
    return account_of(ctx, customer.id)
