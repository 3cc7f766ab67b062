from typing import Any

from acme_deposit.queries import deposited
from huikuan import Context, Money
from huikuan.graphql import batch, extend
from huikuan_orders.types import Order


@extend(Order)
class OrderDeposit:
    @batch(requires=["id", "currency"], permission="acme_deposit.read")
    def deposited(ctx: Context, orders: Any) -> list[Money]:
        """Deposits received for this order."""
        found = deposited(ctx, {order.id: order.currency for order in orders})
        return [found[order.id] for order in orders]
