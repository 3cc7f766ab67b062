"""What receivables has to say to orders: none is confirmed while a dunning level stops them."""

from __future__ import annotations

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.errors import Refusal
from huikuan.hooks import hookimpl
from huikuan_customers.api import customer_lock
from huikuan_orders.snapshots import OrderSnapshot
from huikuan_receivables.snapshots import BlockKind
from huikuan_receivables.stopping import stopped

__all__ = ["orders_before_confirm", "orders_confirm_locks"]


@hookimpl
def orders_confirm_locks(ctx: Context, order: OrderSnapshot) -> list[LockKey]:
    """Who owes the money: nobody reminds or pays while it is decided."""
    return [customer_lock(order.bill_to_id)]


@hookimpl
def orders_before_confirm(ctx: Context, order: OrderSnapshot) -> Refusal | None:
    """Whether an open item of whoever gets the invoice stops new orders."""
    return stopped(ctx, order.bill_to_id, BlockKind.ORDERS)
