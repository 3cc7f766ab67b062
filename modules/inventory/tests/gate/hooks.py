"""What it says, the test sets; what it is told, it writes down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from huikuan import Level, Refusal, hookimpl
from huikuan.db import LockKey
from huikuan_inventory.snapshots import AllocationRank, ReservationSnapshot, ReturnSnapshot, ShipmentSnapshot
from modules.inventory.tests.gate.errors import GATE_SHUT


@dataclass
class Book:
    """What the gate says and was told."""

    level: Level | None = None
    first: list[UUID] = field(default_factory=list)
    waits_from: Decimal | None = None
    asked: list[tuple[str, int]] = field(default_factory=list)
    shipped: list[ShipmentSnapshot] = field(default_factory=list)
    returned: list[tuple[Decimal, str]] = field(default_factory=list)


book = Book()


@hookimpl
def inventory_ship_locks(subject_type: str, subject_ids: Sequence[UUID]) -> list[LockKey]:
    book.asked.append((subject_type, len(subject_ids)))
    return []


@hookimpl
def inventory_before_ship(shipment: ShipmentSnapshot) -> Refusal | None:
    if book.level is None:
        return None
    return Refusal(GATE_SHUT, f"{len(shipment.lines)} lines stay here.", level=book.level)


@hookimpl
def inventory_after_ship(shipment: ShipmentSnapshot) -> None:
    book.shipped.append(shipment)


@hookimpl
def inventory_after_return(returned: ReturnSnapshot) -> None:
    book.returned.append((sum(returned.returned.values(), Decimal(0)), returned.reason))


@hookimpl
def inventory_allocation_order(reservations: Sequence[ReservationSnapshot]) -> list[AllocationRank]:
    return [AllocationRank(reservation_id=row.id, rank=-1) for row in reservations if row.id in book.first]


@hookimpl
def inventory_supply_waits(reservations: Sequence[ReservationSnapshot]) -> list[UUID]:
    least = book.waits_from
    return [] if least is None else [row.id for row in reservations if row.ordered >= least]
