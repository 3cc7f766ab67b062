from acme_deposit.models import Deposit
from huikuan import Context, Money, Ref, command
from huikuan_orders.types import Order


@command(permission="acme_deposit.record")
def acme_deposit_record(ctx: Context, order: Ref[Order], amount: Money) -> Deposit:
    """Record a deposit received for an order."""
    return ctx.add(Deposit(order_id=order.id, amount=amount))
