"""What other modules may call. Commands join the open transaction of ``ctx``."""

from huikuan_orders.commands import (
    order_amend,
    order_cancel,
    order_close,
    order_complete,
    order_confirm,
    order_copy,
    order_create,
    order_hold,
    order_record,
    order_unhold,
)
from huikuan_orders.inputs import OrderAmendInput, OrderCreateInput, OrderLineInput, OrderLineUpdateInput
from huikuan_orders.lifecycle import confirm_keys, order_lock
from huikuan_orders.queries import (
    agreed_orders,
    fulfilled,
    open_orders,
    order_by_id,
    order_id_of,
    order_ids_of,
    orders_by_id,
    orders_of,
    trace,
)

__all__ = [
    "OrderAmendInput",
    "OrderCreateInput",
    "OrderLineInput",
    "OrderLineUpdateInput",
    "agreed_orders",
    "confirm_keys",
    "fulfilled",
    "open_orders",
    "order_amend",
    "order_by_id",
    "order_cancel",
    "order_close",
    "order_complete",
    "order_confirm",
    "order_copy",
    "order_create",
    "order_hold",
    "order_id_of",
    "order_ids_of",
    "order_lock",
    "order_record",
    "order_unhold",
    "orders_by_id",
    "orders_of",
    "trace",
]
