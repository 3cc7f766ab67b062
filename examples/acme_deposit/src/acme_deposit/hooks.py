from decimal import Decimal

from acme_deposit.errors import MISSING
from acme_deposit.queries import deposited
from huikuan import Context, Refusal, hookimpl
from huikuan_orders.snapshots import OrderSnapshot


@hookimpl
def orders_before_confirm(ctx: Context, order: OrderSnapshot) -> Refusal | None:
    """Orders of 10,000 or more need a deposit of 30 percent."""
    minimum = (order.total * Decimal("0.3")).rounded()
    if order.total.amount < 10_000 or deposited(ctx, {order.id: order.currency})[order.id] >= minimum:
        return None
    return Refusal(MISSING, "This order needs a deposit first.", advice=f"Record {minimum}.", minimum=minimum)
