"""Root fields of orders that are no plain lists, and what orders adds to other types."""

from __future__ import annotations

from collections.abc import Iterable

from huikuan.codec import encode
from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.graphql import connection, extend, query
from huikuan.money import Money
from huikuan.values import Id, Ref
from huikuan_customers.types import Customer
from huikuan_orders import models
from huikuan_orders.queries import confirm_verdicts
from huikuan_orders.types import Order, OrderConfirmPreview, OrderObstacle

__all__ = ["CustomerOrders", "order_confirm_preview"]


@query(permission="orders.read")
def order_confirm_preview(ctx: Context, id: Id[models.Order]) -> OrderConfirmPreview:
    """Ask every check of a confirmation without confirming: what stands against it, and what would help."""
    refusals, warnings = confirm_verdicts(ctx, id)
    return OrderConfirmPreview(Ref(id), not refusals, _obstacles(refusals), _obstacles(warnings))


def _obstacles(refusals: Iterable[Refusal]) -> list[OrderObstacle]:
    return [
        OrderObstacle(
            code=item.code,
            message=item.message,
            level=item.level.name,
            field=item.field,
            advice=item.advice,
            needed=item.data.get("needed") if isinstance(item.data.get("needed"), Money) else None,
            data=encode(item.data),
        )
        for item in refusals
    ]


@extend(Customer)
class CustomerOrders:
    """Orders of a customer."""

    orders = connection(Order, "customer_id", "Orders that it placed, the newest ones last.")
