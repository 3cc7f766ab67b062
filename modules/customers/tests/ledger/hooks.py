"""Two items are overdue of everybody; whose code begins with OPEN owes money."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from huikuan import Context, Money, Refusal, hookimpl
from huikuan_customers.api import customers
from huikuan_customers.errors import IN_USE
from huikuan_customers.snapshots import CustomerOverdue, CustomerSnapshot


@hookimpl
def customers_overdue(ctx: Context, customer_ids: frozenset[UUID]) -> list[CustomerOverdue]:
    found = customers(ctx, customer_ids)
    return [
        CustomerOverdue(customer_id=id, count=2, amount=Money(Decimal("10.00"), customer.currency))
        for id, customer in found.items()
    ]


@hookimpl
def customers_before_archive(customer: CustomerSnapshot) -> Refusal | None:
    if customer.code.startswith("OPEN"):
        return Refusal(IN_USE, f"{customer.code} owes money.")
    return None
