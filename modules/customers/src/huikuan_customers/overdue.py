"""What is overdue, as other modules know it: of a customer, and of all customers below it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from huikuan import Context, Money
from huikuan_customers.family import descendants
from huikuan_customers.hookspecs import customers_overdue
from huikuan_customers.snapshots import CustomerOverdue

__all__ = ["OverdueTotal", "overdue_totals"]


@dataclass(frozen=True, slots=True)
class OverdueTotal:
    """Overdue in one currency: of the customer itself, and together with its children."""

    own_count: int
    own: Money
    count: int
    amount: Money


def overdue_totals(ctx: Context, ids: Collection[UUID]) -> dict[UUID, list[OverdueTotal]]:
    """What is overdue of each customer by currency; the hook is asked once for all and their children."""
    below = descendants(ctx, ids)
    everybody = frozenset(ids).union(*below.values())
    answers: dict[UUID, list[CustomerOverdue]] = {}
    for item in ctx.collect(customers_overdue, customer_ids=everybody):
        answers.setdefault(item.customer_id, []).append(item)
    return {id: _totals(id, below[id], answers) for id in ids}


def _totals(id: UUID, below: Collection[UUID], answers: dict[UUID, list[CustomerOverdue]]) -> list[OverdueTotal]:
    found: dict[str, OverdueTotal] = {}
    for member in (id, *below):
        for item in answers.get(member, ()):
            currency = item.amount.currency
            before = found.get(currency, OverdueTotal(0, Money.zero(currency), 0, Money.zero(currency)))
            own = member == id
            found[currency] = OverdueTotal(
                before.own_count + (item.count if own else 0),
                before.own + item.amount if own else before.own,
                before.count + item.count,
                before.amount + item.amount,
            )
    return [found[currency] for currency in sorted(found)]
