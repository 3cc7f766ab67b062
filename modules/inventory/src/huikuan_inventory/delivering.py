"""When all that a document wants could be delivered, product by product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan_inventory.fulfilling import Subject
from huikuan_inventory.ledger import main_warehouse
from huikuan_inventory.models import Reservation
from huikuan_inventory.queries import merged, promise_for, schedules
from huikuan_inventory.reserving import reservations_of
from huikuan_inventory.snapshots import Promise
from huikuan_inventory.states import ENDED

__all__ = ["Delivery", "delivery_of", "last_day"]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is still to be delivered of each product, and by which days."""

    products: Mapping[UUID, Sequence[Promise]]

    @property
    def on(self) -> date | None:
        """The day on which all of it could be there; None if goods for it are not in sight."""
        return last_day([part for parts in self.products.values() for part in parts])


def last_day(parts: Sequence[Promise]) -> date | None:
    """The last of the days; None if one is not known."""
    days = [part.on for part in parts if part.on is not None]
    return max(days) if days and len(days) == len(parts) else None


def delivery_of(ctx: Context, subject: Subject) -> Delivery | None:
    """The promises of a document: of what it holds and waits for, else after all who wait already.

    None where nothing is to be delivered, or there is no warehouse yet. A fixed number of statements.
    """
    warehouse = main_warehouse(ctx)
    if warehouse is None:
        return None
    rows = reservations_of(ctx, subject.type, [subject.id])
    waiting = [row for row in rows if row.state not in ENDED]
    found = _scheduled(ctx, waiting) if waiting else promise_for(ctx, warehouse.id, _wanted(subject, rows))
    return Delivery(found) if found else None


def _scheduled(ctx: Context, rows: Sequence[Reservation]) -> dict[UUID, list[Promise]]:
    planned = schedules(ctx, rows)
    found: dict[UUID, list[Promise]] = {}
    for row in rows:
        found.setdefault(row.product_id, []).extend(planned[row.id])
    return {product: merged(parts) for product, parts in found.items()}


def _wanted(subject: Subject, rows: Sequence[Reservation]) -> dict[UUID, Decimal]:
    """What each product lacks, all lines added up."""
    there = {row.line_id: row.shipped for row in rows}
    wanted: dict[UUID, Decimal] = {}
    for line in subject.lines:
        wanted[line.product_id] = wanted.get(line.product_id, ZERO) + line.quantity - there.get(line.id, ZERO)
    return {product: quantity for product, quantity in wanted.items() if quantity > ZERO}
