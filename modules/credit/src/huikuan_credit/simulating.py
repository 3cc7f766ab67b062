"""What a risk class would mean for its customers, before it is put to use."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select

from huikuan.context import Context
from huikuan.money import Money, quantize
from huikuan.values import Ref
from huikuan_credit.models import Account, RiskClass
from huikuan_credit.queries import standings
from huikuan_credit.rating import sales_of
from huikuan_credit.types import CreditProposal

__all__ = ["proposals", "proposed_limit"]

ZERO = Decimal(0)
MOST = 1_000


def proposed_limit(risk: RiskClass, sales: Decimal, currency: str) -> Decimal:
    """So many times the sales of 90 days, up to the cap."""
    wanted = quantize(sales * risk.limit_factor, currency)
    return wanted if risk.limit_cap is None else min(wanted, risk.limit_cap)


def proposals(ctx: Context, class_id: UUID, currency: str) -> list[CreditProposal]:
    """What the class proposes for each customer in it or rated for it; at most 1,000 of them."""
    risk = ctx.get(RiskClass, class_id)
    mine = Account.class_id == risk.id
    if risk.grade is not None:
        mine = or_(mine, (Account.grade == risk.grade) & Account.class_by_hand.is_(False))
    rows = ctx.scalars(select(Account).where(Account.customer_id.is_not(None), mine).order_by(Account.id).limit(MOST))
    accounts = {row.customer_id: row for row in rows if row.customer_id is not None}
    sales = sales_of(ctx, [row.id for row in rows], currency)
    found = []
    for standing in standings(ctx, [(id, currency) for id in accounts]):
        account = accounts[standing.pool.head]
        sold = sales.get(account.id, ZERO)
        limit = proposed_limit(risk, sold, currency)
        found.append(
            CreditProposal(
                customer=Ref(standing.pool.head),
                grade=account.grade,
                sales=_money(sold, currency),
                limit_now=None if standing.bound is None else _money(standing.bound, currency),
                limit_proposed=_money(limit, currency),
                exposure=_money(standing.exposure, currency),
                over=_money(max(standing.exposure - limit, ZERO), currency),
                payment_terms=risk.payment_terms,
                prepayment_percent=risk.prepayment_percent,
            )
        )
    return found


def _money(amount: Decimal, currency: str) -> Money:
    return Money(quantize(amount, currency), currency)
