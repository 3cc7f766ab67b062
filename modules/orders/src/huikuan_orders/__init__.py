"""Orders: from quote to confirmed order, changed and traced to payment."""

from huikuan.manifest import Module, Setting

__all__ = ["module"]

SALES = ("orders.read", "orders.create", "orders.change", "orders.confirm", "orders.hold")
ALL = (*SALES, "orders.cancel", "orders.close", "orders.release", "orders.templates")

module = Module(
    name="orders",
    title="Orders",
    description="Quotes, orders, change orders, returns, recurring orders and their import.",
    requires=["customers", "products"],
    nouns=("order", "orders", "order_line", "order_change", "order_template"),
    permissions={
        "orders.read": "Read orders",
        "orders.create": "Write, copy and import orders, and make them from templates",
        "orders.change": "Change, quote and revise drafts",
        "orders.confirm": "Confirm orders and change confirmed ones",
        "orders.hold": "Put orders on hold and let them go on",
        "orders.cancel": "Cancel orders",
        "orders.close": "Close orders and reopen them",
        "orders.release": "Release orders held for their price or size",
        "orders.templates": "Manage recurring orders",
    },
    roles={
        "admin": ALL,
        "integration": ("orders.read", "orders.create", "orders.change", "orders.confirm", "orders.cancel"),
        "sales": (*SALES, "customers.read", "products.read", "kernel.holds"),
        "sales_manager": (*ALL, "customers.read", "products.read", "kernel.holds"),
    },
    settings={
        "orders.quote_days": Setting(
            default=30,
            least=0,
            most=3_650,
            description="Days for which a quote is valid if nothing else is said; 0: without end",
        ),
        "orders.minimum_value": Setting(
            default=0,
            least=0,
            description="Smallest net value, in the tenant's currency, that confirms without approval",
        ),
        "orders.price_floor_percent": Setting(
            default=100,
            least=0,
            most=100,
            description="How many percent below the list price a price may be without approval",
        ),
        "orders.tax_per_document": Setting(
            default=False,
            description="Whether taxes of new orders are rounded per document, not per line; frozen on each",
        ),
        "orders.number_prefix": Setting(default="SO-", most=20, description="What stands before an order's number"),
    },
)
