"""What other modules may call. Commands join the open transaction of ``ctx``."""

from huikuan_inventory.commands import (
    shipment_cancel,
    shipment_create,
    shipment_ship,
    stock_receive,
    stock_return,
    supply_expect,
    warehouse_create,
)
from huikuan_inventory.fulfilling import supply_resume
from huikuan_inventory.queries import Departure, availability, departures, promise_for, shipped_units

__all__ = [
    "Departure",
    "availability",
    "departures",
    "promise_for",
    "shipment_cancel",
    "shipment_create",
    "shipment_ship",
    "shipped_units",
    "stock_receive",
    "stock_return",
    "supply_expect",
    "supply_resume",
    "warehouse_create",
]
