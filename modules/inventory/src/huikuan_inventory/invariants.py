"""What must always be true of goods."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.invariants import Invariant
from huikuan_inventory.models import Reservation, Shipment, ShipmentLine, StockItem, StockMove
from huikuan_inventory.snapshots import ShipmentState
from huikuan_inventory.states import state_of

__all__ = ["INVARIANTS"]

ZERO = Decimal(0)


def _bounds(ctx: Context) -> Sequence[UUID]:
    wrong = (StockItem.reserved < 0) | (StockItem.on_hand < 0) | (StockItem.reserved > StockItem.on_hand)
    return ctx.scalars(select(StockItem.id).where(wrong).order_by(StockItem.id))


def _on_hand(ctx: Context) -> Sequence[UUID]:
    return _sums_differ(ctx, StockMove, StockMove.quantity, StockItem.on_hand)


def _reserved(ctx: Context) -> Sequence[UUID]:
    return _sums_differ(ctx, Reservation, Reservation.reserved, StockItem.reserved)


def _sums_differ(ctx: Context, model: Any, quantity: Any, balance: Any) -> Sequence[UUID]:
    same = (model.item_id == StockItem.id) & (model.tenant_id == StockItem.tenant_id)
    return ctx.scalars(
        select(StockItem.id)
        .outerjoin(model, same)
        .group_by(StockItem.id, balance)
        .having(func.coalesce(func.sum(quantity), 0) != balance)
        .order_by(StockItem.id)
    )


def _replay(ctx: Context) -> Sequence[UUID]:
    """Every move says what was there afterwards; the ledger has no hole and was never below zero."""
    rows = ctx.rows(
        select(StockMove.item_id, StockMove.sequence, StockMove.quantity, StockMove.balance).order_by(
            StockMove.item_id, StockMove.sequence
        )
    )
    wrong: dict[UUID, None] = {}
    last: tuple[UUID | None, int, Decimal] = (None, 0, ZERO)
    for row in rows:
        sequence, balance = (last[1], last[2]) if row.item_id == last[0] else (0, ZERO)
        if row.sequence != sequence + 1 or row.balance != balance + row.quantity or row.balance < ZERO:
            wrong[row.item_id] = None
        last = (row.item_id, row.sequence, row.balance)
    counted = {row[0]: row[1] for row in ctx.rows(_counts())}
    for item in ctx.rows(select(StockItem.id, StockItem.moves)):
        if item.moves != counted.get(item.id, 0):
            wrong[item.id] = None
    return list(wrong)


def _counts() -> Any:
    return select(StockMove.item_id, func.count(StockMove.id)).group_by(StockMove.item_id)


def _states(ctx: Context) -> Sequence[UUID]:
    rows = ctx.rows(
        select(
            Reservation.id,
            Reservation.state,
            Reservation.ordered,
            Reservation.reserved,
            Reservation.shipped,
            Reservation.cancelled,
        ).order_by(Reservation.id)
    )
    return [row.id for row in rows if row.state is not state_of(row)]


def _shipped(ctx: Context) -> Sequence[UUID]:
    of_line = (Shipment.id == ShipmentLine.shipment_id) & (Shipment.tenant_id == ShipmentLine.tenant_id)
    sums = (
        select(
            ShipmentLine.reservation_id.label("id"),
            func.sum(ShipmentLine.quantity).label("shipped"),
            func.sum(ShipmentLine.returned).label("returned"),
        )
        .join(Shipment, of_line)
        .where(Shipment.state == ShipmentState.SHIPPED)
        .group_by(ShipmentLine.reservation_id)
    )
    known = {row.id: (row.shipped, row.returned) for row in ctx.rows(sums)}
    rows = ctx.rows(select(Reservation.id, Reservation.shipped, Reservation.returned).order_by(Reservation.id))
    return [row.id for row in rows if (row.shipped, row.returned) != known.get(row.id, (ZERO, ZERO))]


def _not_more(ctx: Context) -> Sequence[UUID]:
    wrong = (
        (Reservation.reserved < 0)
        | (Reservation.shipped < 0)
        | (Reservation.cancelled < 0)
        | (Reservation.reserved + Reservation.shipped + Reservation.cancelled > Reservation.ordered)
        | (Reservation.returned < 0)
        | (Reservation.returned > Reservation.shipped)
    )
    return ctx.scalars(select(Reservation.id).where(wrong).order_by(Reservation.id))


INVARIANTS = (
    Invariant("inventory.bounds", "No more is reserved than is there, and nothing is below zero.", _bounds),
    Invariant("inventory.on-hand", "What is there is the sum of its moves.", _on_hand),
    Invariant("inventory.reserved", "What is reserved is the sum of its reservations.", _reserved),
    Invariant("inventory.ledger", "Replaying the ledger gives every balance, without a hole.", _replay),
    Invariant("inventory.states", "A reservation's state is what its quantities say.", _states),
    Invariant("inventory.shipped", "A reservation's shipped and returned are those of its shipments.", _shipped),
    Invariant("inventory.not-more", "No more is reserved, shipped or returned than was ordered.", _not_more),
)
