"""Frozen values of inventory, as hooks, events and other modules see them; no row leaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

__all__ = [
    "AllocationRank",
    "DemandKind",
    "DemandState",
    "MoveKind",
    "Promise",
    "Remainder",
    "ReservationMethod",
    "ReservationSnapshot",
    "ReservationState",
    "ReturnSnapshot",
    "ShipmentLineSnapshot",
    "ShipmentSnapshot",
    "ShipmentState",
    "ShortStock",
    "SupplyState",
]


class MoveKind(Enum):
    """Why a quantity moved."""

    RECEIPT = "goods came in"
    SHIPMENT = "goods left to the customer"
    ADJUSTMENT = "a correction, up or down, with a reason"
    COUNT = "the difference that a count found"
    TRANSFER_OUT = "goods left to another warehouse"
    TRANSFER_IN = "goods came from another warehouse"
    RETURN = "goods came back from the customer"


class ReservationMethod(Enum):
    """When a warehouse reserves."""

    CONFIRM = "when an order is confirmed, and whenever goods arrive"
    MANUAL = "only when somebody hands goods out"


class ShortStock(Enum):
    """What becomes of a confirmation when goods are short."""

    BLOCK = "it is refused"
    APPROVE = "it waits for an approval"
    BACKORDER = "it passes with a warning; what is missing waits"


class Remainder(Enum):
    """What becomes of the rest after a partial shipment."""

    BACKORDER = "it stays open and is shipped later"
    CANCEL = "it is given up"


class ReservationState(Enum):
    """How far a reservation has come; always told by its quantities."""

    DRAFT = "nothing is reserved yet"
    PARTIALLY_RESERVED = "some of what is open is reserved"
    RESERVED = "all that is open is reserved"
    PARTIALLY_SHIPPED = "some was shipped, some is open"
    SHIPPED = "some was shipped, nothing is open"
    CANCELLED = "nothing was shipped, nothing is open"


class ShipmentState(Enum):
    """Where a shipment stands."""

    PLANNED = "its goods are reserved and still here"
    SHIPPED = "its goods have left"
    CANCELLED = "it was given up before it left"


class SupplyState(Enum):
    """Where expected goods stand."""

    EXPECTED = "some or all of it is still to come"
    RECEIVED = "all of it came"
    CANCELLED = "what had not come will not come"


class DemandKind(Enum):
    """Who a demand is for."""

    PRODUCTION = "goods that are short: make or buy them"
    LOGISTICS = "a planned shipment: bring it to the customer"


class DemandState(Enum):
    """What became of a demand that was handed over."""

    PENDING = "nobody has taken it yet"
    PULLED = "somebody has taken it and not yet answered"
    ACKNOWLEDGED = "accepted, with a date where one was given"
    REJECTED = "refused, with a reason"
    WITHDRAWN = "no longer needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """So much by that day; ``on`` is None where no goods are in sight."""

    quantity: Decimal
    on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationSnapshot:
    """A reservation. Quantities are in the product's unit; ``subject_type`` is "Order" for orders."""

    id: UUID
    subject_type: str
    subject_id: UUID
    line_id: UUID
    warehouse_id: UUID
    product_id: UUID
    ordered: Decimal
    reserved: Decimal
    shipped: Decimal
    returned: Decimal
    cancelled: Decimal
    state: ReservationState
    priority: int
    promised_on: date | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRank:
    """Where a reservation stands when goods are handed out; lower ranks come first, 0 is usual."""

    reservation_id: UUID
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentLineSnapshot:
    """One line of a shipment; ``line_id`` is that of the order's line."""

    id: UUID
    reservation_id: UUID
    line_id: UUID
    product_id: UUID
    quantity: Decimal
    returned: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentSnapshot:
    """A shipment with its lines."""

    id: UUID
    number: str | None
    state: ShipmentState
    warehouse_id: UUID
    subject_type: str
    subject_id: UUID
    shipped_at: datetime | None
    lines: tuple[ShipmentLineSnapshot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSnapshot:
    """Goods that have just come back: ``returned`` is how much by shipment line, this time."""

    shipment: ShipmentSnapshot
    returned: dict[UUID, Decimal]
    reason: str
