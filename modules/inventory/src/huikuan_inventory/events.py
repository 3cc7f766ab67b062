"""What happened to goods: ids, quantities and times."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from huikuan.events import Event
from huikuan_inventory.snapshots import DemandKind, DemandState, MoveKind, ReservationState

__all__ = [
    "DemandAnswered",
    "DemandRaised",
    "DemandWithdrawn",
    "ReservationChanged",
    "ReservationExpired",
    "ShipmentCancelled",
    "ShipmentPlanned",
    "ShipmentReturned",
    "ShipmentShipped",
    "StockFellLow",
    "StockMoved",
    "SupplyCancelled",
    "SupplyChanged",
    "SupplyExpected",
    "SupplyReceived",
    "WarehouseChanged",
    "WarehouseCreated",
]


class WarehouseCreated(Event, aggregate="warehouse"):
    """There is a new warehouse."""

    warehouse_id: UUID


class WarehouseChanged(Event, aggregate="warehouse"):
    """A warehouse was changed."""

    warehouse_id: UUID


class StockMoved(Event, aggregate="stock_item"):
    """A quantity moved; ``on_hand`` is what is there after it."""

    stock_item_id: UUID
    warehouse_id: UUID
    product_id: UUID
    kind: MoveKind
    quantity: Decimal
    on_hand: Decimal


class StockFellLow(Event, aggregate="stock_item"):
    """What is available fell below the threshold."""

    stock_item_id: UUID
    product_id: UUID
    available: Decimal
    threshold: Decimal


class ReservationChanged(Event, aggregate="reservation"):
    """A reservation's quantities changed."""

    reservation_id: UUID
    subject_type: str
    subject_id: UUID
    state: ReservationState
    ordered: Decimal
    reserved: Decimal
    shipped: Decimal
    cancelled: Decimal


class ReservationExpired(Event, aggregate="reservation"):
    """A reservation made by hand ran out and was freed."""

    reservation_id: UUID


class ShipmentPlanned(Event, aggregate="shipment"):
    """A shipment was planned."""

    shipment_id: UUID
    subject_type: str
    subject_id: UUID


class ShipmentShipped(Event, aggregate="shipment"):
    """The goods of a shipment left."""

    shipment_id: UUID
    subject_type: str
    subject_id: UUID
    shipped_at: datetime


class ShipmentCancelled(Event, aggregate="shipment"):
    """A planned shipment was given up."""

    shipment_id: UUID
    reason: str


class ShipmentReturned(Event, aggregate="shipment"):
    """Goods of a shipment came back."""

    shipment_id: UUID
    subject_type: str
    subject_id: UUID
    quantity: Decimal
    reason: str


class SupplyExpected(Event, aggregate="supply"):
    """Goods are expected."""

    supply_id: UUID
    product_id: UUID
    quantity: Decimal
    eta: date


class SupplyChanged(Event, aggregate="supply"):
    """Expected goods come on another day or in another quantity."""

    supply_id: UUID
    quantity: Decimal
    eta: date


class SupplyReceived(Event, aggregate="supply"):
    """Expected goods came, some or all of them."""

    supply_id: UUID
    quantity: Decimal


class SupplyCancelled(Event, aggregate="supply"):
    """Expected goods will not come."""

    supply_id: UUID


class DemandRaised(Event, aggregate="demand"):
    """Production or logistics is asked for something."""

    demand_id: UUID
    kind: DemandKind
    product_id: UUID | None
    quantity: Decimal
    needed_on: date | None


class DemandAnswered(Event, aggregate="demand"):
    """A demand was acknowledged or rejected."""

    demand_id: UUID
    state: DemandState
    eta: date | None
    reason: str | None


class DemandWithdrawn(Event, aggregate="demand"):
    """A demand is no longer needed."""

    demand_id: UUID
