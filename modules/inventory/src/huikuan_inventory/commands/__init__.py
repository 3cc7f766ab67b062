"""Commands of inventory; each is a mutation of the same name."""

from huikuan_inventory.commands.demands import demand_acknowledge, demand_pull, demand_reject
from huikuan_inventory.commands.rebuilding import StockDifference, stock_rebuild
from huikuan_inventory.commands.reservations import (
    backorders_allocate,
    expire_reservations,
    reservation_change,
    stock_release,
    stock_reserve,
)
from huikuan_inventory.commands.returning import stock_return
from huikuan_inventory.commands.shipments import shipment_cancel, shipment_create, shipment_ship
from huikuan_inventory.commands.stock import (
    stock_adjust,
    stock_count,
    stock_receive,
    stock_threshold,
    stock_transfer,
)
from huikuan_inventory.commands.supplies import supply_cancel, supply_change, supply_expect, supply_receive
from huikuan_inventory.commands.warehouses import warehouse_change, warehouse_create

__all__ = [
    "StockDifference",
    "backorders_allocate",
    "demand_acknowledge",
    "demand_pull",
    "demand_reject",
    "expire_reservations",
    "reservation_change",
    "shipment_cancel",
    "shipment_create",
    "shipment_ship",
    "stock_adjust",
    "stock_count",
    "stock_rebuild",
    "stock_receive",
    "stock_release",
    "stock_reserve",
    "stock_return",
    "stock_threshold",
    "stock_transfer",
    "supply_cancel",
    "supply_change",
    "supply_expect",
    "supply_receive",
    "warehouse_change",
    "warehouse_create",
]
