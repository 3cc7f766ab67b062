from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from acme_deposit.models import Deposit
from huikuan import Context, Money


def deposited(ctx: Context, currencies: Mapping[UUID, str]) -> dict[UUID, Money]:
    """What was received for each of these orders, in the order's currency; one statement for all."""
    found = {order: Money.zero(currency) for order, currency in currencies.items()}
    for row in ctx.scalars(select(Deposit).where(Deposit.order_id.in_(found))):
        if row.amount.currency == currencies[row.order_id]:
            found[row.order_id] += row.amount
    return found
