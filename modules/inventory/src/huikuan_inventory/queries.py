"""Reading stock for others: many at once, never writing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from huikuan.context import Context
from huikuan_inventory.ledger import available, find_items
from huikuan_inventory.models import Reservation, Shipment, StockItem, Supply
from huikuan_inventory.promising import Source, promises, sources_of, together
from huikuan_inventory.reserving import in_order, reservations_of, waiting
from huikuan_inventory.snapshots import Promise, SupplyState
from huikuan_inventory.states import ENDED, short_of

__all__ = [
    "Departure",
    "Figures",
    "availability",
    "departures",
    "figures",
    "merged",
    "promise_for",
    "schedules",
    "shipped_units",
]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Figures:
    """What goes in and out of a balance: expected goods, and everything that is open."""

    incoming: Decimal
    outgoing: Decimal


@dataclass(frozen=True, slots=True)
class Departure:
    """A shipment that left."""

    id: UUID
    number: str | None
    subject_id: UUID
    shipped_at: datetime
    tracking: str | None


def departures(
    ctx: Context,
    subject_type: str,
    subject_ids: Collection[UUID],
    *,
    before: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[Departure]:
    """Shipments of these subjects that left, the newest first; only those before a time and id. One statement."""
    if not subject_ids:
        return []
    at = Shipment.shipped_at
    statement = select(Shipment.id, Shipment.number, Shipment.subject_id, at, Shipment.tracking).where(
        Shipment.subject_type == subject_type, Shipment.subject_id.in_(subject_ids), at.is_not(None)
    )
    if before is not None:
        statement = statement.where(or_(at < before[0], and_(at == before[0], Shipment.id < before[1])))
    rows = ctx.rows(statement.order_by(at.desc(), Shipment.id.desc()).limit(limit))
    return [
        Departure(row.id, row.number, row.subject_id, row.shipped_at, row.tracking)
        for row in rows
        if row.shipped_at is not None
    ]


def shipped_units(ctx: Context, subject_type: str, subject_id: UUID) -> dict[UUID, Decimal]:
    """How much of each line of a subject has left, goods that came back included. One statement."""
    return {row.line_id: row.shipped for row in reservations_of(ctx, subject_type, [subject_id])}


def availability(ctx: Context, warehouse_id: UUID, product_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """What is available of these products; 0 where nothing ever was."""
    found = find_items(ctx, {(warehouse_id, product_id) for product_id in product_ids})
    known = {product_id: available(item) for (_, product_id), item in found.items()}
    return {product_id: known.get(product_id, ZERO) for product_id in product_ids}


def figures(ctx: Context, item_ids: Sequence[UUID]) -> dict[UUID, Figures]:
    """Incoming and outgoing quantities of balances. Two statements."""
    coming = ctx.rows(
        select(Supply.item_id, func.sum(Supply.quantity - Supply.received))
        .where(Supply.item_id.in_(item_ids), Supply.state == SupplyState.EXPECTED)
        .group_by(Supply.item_id)
    )
    going = ctx.rows(
        select(Reservation.item_id, func.sum(Reservation.ordered - Reservation.shipped - Reservation.cancelled))
        .where(Reservation.item_id.in_(item_ids), Reservation.state.not_in(ENDED))
        .group_by(Reservation.item_id)
    )
    incoming, outgoing = {row[0]: row[1] for row in coming}, {row[0]: row[1] for row in going}
    return {id: Figures(incoming.get(id, ZERO), outgoing.get(id, ZERO)) for id in item_ids}


def schedules(ctx: Context, rows: Sequence[Reservation]) -> dict[UUID, list[Promise]]:
    """When each reservation's open quantity can be there: what is reserved today, the rest as goods come in.

    Those who stand before it by the rule are served first.
    """
    today = ctx.today
    found = {row.id: [Promise(quantity=row.reserved, on=today)] if row.reserved > ZERO else [] for row in rows}
    for row, parts in _served(ctx, list(dict.fromkeys(row.item_id for row in rows)))[1]:
        if row.id in found:
            found[row.id] = merged([*found[row.id], *parts])
    return {id: _told(ctx, parts) for id, parts in found.items()}


def promise_for(ctx: Context, warehouse_id: UUID, wanted: Mapping[UUID, Decimal]) -> dict[UUID, list[Promise]]:
    """When quantities of products can be there that nobody has ordered yet: after all who wait already."""
    items = {product: item for (_, product), item in _places(ctx, warehouse_id, wanted).items()}
    left, _ = _served(ctx, [item.id for item in items.values()])
    return {
        product: _told(ctx, promises(left[items[product].id] if product in items else [], quantity))
        for product, quantity in wanted.items()
    }


def _places(ctx: Context, warehouse_id: UUID, products: Iterable[UUID]) -> dict[tuple[UUID, UUID], StockItem]:
    return find_items(ctx, {(warehouse_id, product) for product in products})


def _served(
    ctx: Context, item_ids: Sequence[UUID]
) -> tuple[dict[UUID, list[Source]], list[tuple[Reservation, list[Promise]]]]:
    """What each who waits is promised, in order, and what is left to promise of each balance."""
    items = ctx.scalars(select(StockItem).where(StockItem.id.in_(item_ids)))
    expected: dict[UUID, list[tuple[date, Decimal]]] = {}
    for supply in ctx.scalars(select(Supply).where(Supply.item_id.in_(item_ids), Supply.state == SupplyState.EXPECTED)):
        expected.setdefault(supply.item_id, []).append((supply.eta, supply.quantity - supply.received))
    left = {item.id: sources_of(ctx.today, available(item), expected.get(item.id, ())) for item in items}
    queue = in_order(ctx, waiting(ctx, item_ids))
    return left, [(row, promises(left[row.item_id], short_of(row))) for row in queue]


def merged(parts: Sequence[Promise]) -> list[Promise]:
    """Parts of the same day added up."""
    by_day: dict[date | None, Decimal] = {}
    for part in parts:
        by_day[part.on] = by_day.get(part.on, ZERO) + part.quantity
    return [Promise(quantity=quantity, on=on) for on, quantity in by_day.items()]


def _told(ctx: Context, parts: list[Promise]) -> list[Promise]:
    return parts if ctx.setting("inventory.split_delivery") else together(parts)
