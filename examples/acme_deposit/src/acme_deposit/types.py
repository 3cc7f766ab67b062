from acme_deposit import models
from huikuan import Money
from huikuan.graphql import column, node, to_one
from huikuan_orders.types import Order


@node(models.Deposit, permission="acme_deposit.read")
class AcmeDeposit:
    """A deposit received for an order."""

    order: Order = to_one("order_id", "The order it was received for.")
    amount: Money
    applied: bool = column("Whether the order was confirmed with it.")
