"""Root fields of credit, and what credit adds to customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from huikuan.codec import decode
from huikuan.context import Context
from huikuan.core.models import Hold
from huikuan.graphql import batch, extend, query
from huikuan.money import Money, quantize
from huikuan.values import Ref
from huikuan_credit.queries import exposure_at, standings
from huikuan_credit.rechecking import held_by_credit
from huikuan_credit.simulating import proposals
from huikuan_credit.types import CreditCase, CreditClass, CreditPart, CreditProposal, CreditStanding, as_standing
from huikuan_customers.types import Customer

__all__ = ["CustomerCredit", "credit_cases", "credit_class_simulation", "credit_exposure_at"]


@query(permission="credit.read")
def credit_cases(ctx: Context) -> list[CreditCase]:
    """Documents that credit holds and that nobody has decided yet, the oldest first."""
    return [_case(hold) for hold in held_by_credit(ctx)]


def _case(hold: Hold) -> CreditCase:
    found = hold.evidence
    return CreditCase(
        hold=Ref(hold.id),
        code=hold.code,
        message=hold.message,
        permission=hold.permission,
        amount=decode(Money, found.get("needed")),
        before=decode(Money, found["before"]),
        after=decode(Money, found["after"]),
        limit=decode(Money, found["limit"]),
        placed_at=hold.created_at,
        expires_at=hold.expires_at,
    )


@query(permission="credit.read")
def credit_exposure_at(
    ctx: Context,
    customer: Ref[Customer],
    at: Annotated[datetime, "The moment."],
    currency: Annotated[str | None, "Left out: the company's."] = None,
) -> list[CreditPart]:
    """What a customer owed at any moment of the past, part by part, as its ledger says."""
    wanted = currency or ctx.tenant.currency
    return [
        CreditPart(name, Money(quantize(amount, wanted), wanted))
        for name, amount in exposure_at(ctx, customer.id, wanted, at).items()
    ]


@query(permission="credit.read")
def credit_class_simulation(
    ctx: Context,
    risk_class: Annotated[Ref[CreditClass], "The class, active or not."],
    currency: Annotated[str | None, "Left out: the company's."] = None,
) -> list[CreditProposal]:
    """What a class would mean for the customers that it is for, before anybody is put into it."""
    return proposals(ctx, risk_class.id, currency or ctx.tenant.currency)


@extend(Customer)
class CustomerCredit:
    """What credit adds to a customer."""

    @batch(requires=["id", "currency"], permission="credit.read")
    def credit(ctx: Context, customers: Sequence[Any], currency: str | None = None) -> list[CreditStanding]:
        """How it stands in its currency, or another one: limit, what is owed, what is left."""
        wanted = [(row.id, currency or row.currency) for row in customers]
        return [as_standing(found) for found in standings(ctx, wanted)]
