"""Inventory: warehouses, the ledger of goods, reservations, shipments and promises."""

from huikuan.manifest import Module, Setting

__all__ = ["module"]

CLERK = ("inventory.read", "inventory.move", "inventory.ship")
ALL = (*CLERK, "inventory.manage", "inventory.reserve", "inventory.supply", "inventory.hand_over", "inventory.release")

module = Module(
    name="inventory",
    title="Inventory",
    description="Warehouses, an append-only ledger of goods, reservations, shipments, promise dates and hand-over.",
    requires=["products"],
    nouns=(
        "backorders",
        "demand",
        "inventory",
        "reservation",
        "shipment",
        "shipment_line",
        "stock",
        "supply",
        "warehouse",
    ),
    permissions={
        "inventory.read": "See warehouses, stock, reservations, shipments and expected goods",
        "inventory.manage": "Create and change warehouses and thresholds, rebuild balances",
        "inventory.move": "Receive, adjust, count, transfer and take back goods",
        "inventory.reserve": "Reserve and release goods, hand out goods to backorders, change priorities",
        "inventory.ship": "Plan, ship and cancel shipments",
        "inventory.supply": "Say which goods are expected and when",
        "inventory.hand_over": "Pull demands for production and logistics, and answer them",
        "inventory.release": "Release orders held because goods are short",
    },
    roles={
        "admin": ALL,
        "integration": ("inventory.read", "inventory.move", "inventory.supply", "inventory.hand_over"),
        "warehouse_clerk": (*CLERK, "products.read"),
        "warehouse_manager": (*ALL, "products.read", "kernel.holds"),
    },
    settings={
        "inventory.short_stock": Setting(
            default="BLOCK",
            choices=("BLOCK", "APPROVE", "BACKORDER"),
            description="What becomes of a confirmation when goods are short: BLOCK, APPROVE or BACKORDER",
        ),
        "inventory.remainder": Setting(
            default="BACKORDER",
            choices=("BACKORDER", "CANCEL"),
            description="What becomes of the rest after a partial shipment: BACKORDER or CANCEL",
        ),
        "inventory.split_delivery": Setting(
            default=True, description="Whether promises may split a quantity over several dates"
        ),
        "inventory.reservation_minutes": Setting(
            default=60,
            least=0,
            most=5_256_000,
            description="After how many minutes reservations made by hand expire; 0: never",
        ),
        "inventory.allocate_on_arrival": Setting(
            default=True, description="Whether goods that arrive go to waiting reservations at once"
        ),
        "inventory.hand_over_shortages": Setting(
            default=True, description="Whether quantities that are short become demands for production"
        ),
        "inventory.shipment_prefix": Setting(
            default="SH-", most=20, description="What stands before a shipment's number"
        ),
    },
)
