"""Commands of orders; each is a mutation of the same name."""

from huikuan_orders.commands.amending import order_amend
from huikuan_orders.commands.binding import (
    order_cancel,
    order_close,
    order_complete,
    order_confirm,
    order_reopen,
)
from huikuan_orders.commands.bulk import OrderImportResult, OrdersImported, orders_import
from huikuan_orders.commands.drafts import order_change, order_copy, order_create, order_record
from huikuan_orders.commands.holding import order_hold, order_unhold
from huikuan_orders.commands.quotes import expire_orders, order_quote, order_revise
from huikuan_orders.commands.templates import (
    order_template_create,
    order_template_run,
    order_template_stop,
    order_template_update,
)

__all__ = [
    "OrderImportResult",
    "OrdersImported",
    "expire_orders",
    "order_amend",
    "order_cancel",
    "order_change",
    "order_close",
    "order_complete",
    "order_confirm",
    "order_copy",
    "order_create",
    "order_hold",
    "order_quote",
    "order_record",
    "order_reopen",
    "order_revise",
    "order_template_create",
    "order_template_run",
    "order_template_stop",
    "order_template_update",
    "order_unhold",
    "orders_import",
]
