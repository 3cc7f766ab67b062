"""Extension points of inventory. Each docstring is the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from huikuan.hooks import contribution, reaction, veto
from huikuan_inventory.snapshots import AllocationRank, ReservationSnapshot, ReturnSnapshot, ShipmentSnapshot

if TYPE_CHECKING:
    from huikuan.context import Context
    from huikuan.db import LockKey
    from huikuan.errors import Refusal

__all__ = [
    "inventory_after_return",
    "inventory_after_ship",
    "inventory_allocation_order",
    "inventory_before_ship",
    "inventory_ship_locks",
    "inventory_supply_waits",
]


@contribution
def inventory_ship_locks(ctx: Context, subject_type: str, subject_ids: Sequence[UUID]) -> list[LockKey]:  # type: ignore[empty-body]
    """Rows to lock before anything is decided about shipments of these subjects.

    Kind: contribution. Asked once by each command that ships, cancels or takes back a shipment; planning asks no
    module and locks the stock alone. All keys are sorted by rank and locked together with the stock (rank 30).
    ``subject_type``: "Order" for orders, "Manual" for reservations made by hand; ``subject_ids``: ids of these.
    Returns the rows whose values your vetoes and reactions read or write. Only queries, no writes.
    """


@veto
def inventory_before_ship(ctx: Context, shipment: ShipmentSnapshot) -> list[Refusal] | Refusal | None:
    """Whether a planned shipment may leave: the gate at the warehouse's door.

    Kind: veto. After the locks, before the first write of ``shipmentShip``.
    ``shipment``: planned, with its lines; quantities in the products' units.
    Returns refusals: WARN lets pass and tells, APPROVE places a hold, BLOCK refuses. All are asked.
    An approval is for this shipment, whose lines never change.
    """


@reaction
def inventory_after_ship(ctx: Context, shipment: ShipmentSnapshot) -> None:
    """The goods of a shipment have just left.

    Kind: reaction, in the same transaction: what you write stands or falls with the shipment.
    ``shipment``: SHIPPED, with its lines; each line names the line of the order that it fulfils.
    """


@reaction
def inventory_after_return(ctx: Context, returned: ReturnSnapshot) -> None:
    """Goods of a shipment have just come back.

    Kind: reaction, in the same transaction. ``returned``: the shipment as it is now, how much came back
    this time by shipment line (in the products' units), and why.
    """


@contribution
def inventory_allocation_order(  # type: ignore[empty-body]
    ctx: Context, reservations: Sequence[ReservationSnapshot]
) -> list[AllocationRank]:
    """Who gets scarce goods first.

    Kind: contribution, whenever goods are handed out and whenever dates are promised; only queries.
    ``reservations``: all that wait for one and the same product, or several such groups.
    Returns ranks for those you care about; lower ones come first, several ranks of one reservation are
    added up, who gets none has 0. Within a rank the rule holds: priority, promised day, age.
    """


@contribution
def inventory_supply_waits(ctx: Context, reservations: Sequence[ReservationSnapshot]) -> list[UUID]:  # type: ignore[empty-body]
    """Who gets no goods for now: nothing is set aside for it, and production is not asked for what it lacks.

    Kind: contribution, whenever goods are handed out and whenever production is asked; only queries.
    ``reservations``: all that would get something. Returns ids of those that have to wait, for a deposit for example;
    what they hold already stays theirs. Call ``api.supply_resume`` when they need wait no longer.
    """
