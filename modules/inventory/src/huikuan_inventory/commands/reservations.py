"""Reservations by hand, their order, and goods for those who wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan import UNSET, BadInput, Context, Id, Ref, Refusal, Unset, command, new_id
from huikuan_inventory.errors import REFERENCE_TAKEN, SHORT, WRONG_STATE
from huikuan_inventory.events import ReservationExpired
from huikuan_inventory.handing import hand_over_shortages
from huikuan_inventory.ledger import available, item_at, item_lock, positive, require_goods, stock_locks, usable
from huikuan_inventory.models import MANUAL, Reservation, StockItem, Warehouse
from huikuan_inventory.reserving import Wanted, allocate, cancel_open, changed, take, waiting, want
from huikuan_inventory.snapshots import Remainder
from huikuan_inventory.states import ENDED
from huikuan_inventory.texts import plain
from huikuan_products.types import Product

__all__ = [
    "backorders_allocate",
    "expire_reservations",
    "reservation_change",
    "stock_release",
    "stock_reserve",
]

ZERO = Decimal(0)
MAX_ITEMS = 1_000


@command(permission="inventory.reserve", idempotency="natural")
def stock_reserve(
    ctx: Context,
    reference: str,
    warehouse: Ref[Warehouse],
    product: Ref[Product],
    quantity: Decimal,
    minutes: int | None = None,
    backorder: bool = False,
) -> Reservation:
    """Reserve goods by hand, for a quote or a cart, until they expire; all or nothing, unless backorder is true.

    The same reference again gives the reservation that is there. ``minutes`` left out: as the setting says; 0: never.
    """
    positive(quantity)
    if not reference.strip():
        raise BadInput("A reference is not empty.", field="reference")
    require_goods(ctx, product.id)
    ctx.lock(stock_locks(ctx, [(warehouse.id, product.id)]))
    found = ctx.find(Reservation, reference=reference)
    if found is not None:
        if (found.warehouse_id, found.product_id, found.ordered) != (warehouse.id, product.id, quantity):
            ctx.refuse(Refusal(REFERENCE_TAKEN, f"Reservation {reference!r} was another one.", field="reference"))
        return found
    place = usable(ctx, warehouse.id)
    known = ctx.find(StockItem, warehouse_id=warehouse.id, product_id=product.id)
    free = ZERO if known is None else available(known)
    if free < quantity and not (backorder and place.backorders):
        ctx.refuse(
            Refusal(SHORT, f"Only {plain(free)} are available.", field="quantity", available=free, needed=quantity)
        )
    row = _by_hand(ctx, reference, item_at(ctx, warehouse.id, product.id), quantity, minutes)
    hand_over_shortages(ctx, [row])
    return row


@command(permission="inventory.reserve", idempotency="natural")
def stock_release(ctx: Context, id: Id[Reservation]) -> Reservation:
    """Give up what is still open of a reservation made by hand; orders free theirs themselves."""
    row = _locked(ctx, id)
    if row.subject_type != MANUAL:
        ctx.refuse(
            Refusal(WRONG_STATE, "This reservation belongs to an order.", advice="Amend, close or cancel the order.")
        )
    if row.state not in ENDED:
        _end(ctx, row)
    return row


@command(permission="inventory.reserve", idempotency="natural")
def reservation_change(
    ctx: Context,
    id: Id[Reservation],
    priority: int | Unset = UNSET,
    remainder: Remainder | Unset = UNSET,
    promised_on: date | Unset | None = UNSET,
) -> Reservation:
    """Change who comes first, what becomes of the rest after a partial shipment, and the day that was promised."""
    row = _locked(ctx, id)
    if not isinstance(priority, Unset):
        row.priority = priority
    if not isinstance(remainder, Unset):
        row.remainder = remainder
    if not isinstance(promised_on, Unset):
        row.promised_on = promised_on
    return row


@command(permission="inventory.reserve", idempotency="key")
def backorders_allocate(
    ctx: Context, warehouse: Ref[Warehouse], product: Ref[Product] | None = None
) -> list[Reservation]:
    """Hand available goods out to those who wait: higher priority first, then earlier promised day, then age.

    Other modules may rank before that. Returns the reservations that got goods; at most 1,000 products at once.
    """
    wanted = (
        select(Reservation.item_id)
        .join(StockItem, (StockItem.id == Reservation.item_id) & (StockItem.tenant_id == Reservation.tenant_id))
        .where(
            Reservation.warehouse_id == warehouse.id,
            Reservation.state.not_in(ENDED),
            Reservation.ordered > Reservation.reserved + Reservation.shipped + Reservation.cancelled,
            StockItem.on_hand > StockItem.reserved,
        )
    )
    if product is not None:
        wanted = wanted.where(Reservation.product_id == product.id)
    ids = ctx.scalars(wanted.distinct().order_by(Reservation.item_id).limit(MAX_ITEMS))
    ctx.lock([item_lock(id) for id in ids])
    before = waiting(ctx, ids)
    got = allocate(ctx, ctx.scalars(select(StockItem).where(StockItem.id.in_(ids)).order_by(StockItem.id)))
    hand_over_shortages(ctx, before)
    return [row for row in before if row.id in got]


def expire_reservations(ctx: Context, limit: int) -> Sequence[UUID]:
    """Free reservations whose time has run out, at most ``limit`` of them."""
    due = select(Reservation.id, Reservation.item_id).where(
        Reservation.expires_at <= ctx.now, Reservation.state.not_in(ENDED)
    )
    rows = ctx.rows(due.order_by(Reservation.id).limit(limit))
    ctx.lock([item_lock(row.item_id) for row in rows])
    ended = []
    for row in ctx.scalars(select(Reservation).where(Reservation.id.in_([row.id for row in rows]))):
        if row.state not in ENDED:
            _end(ctx, row)
            ctx.emit(ReservationExpired(reservation_id=row.id))
            ended.append(row.id)
    return ended


def _by_hand(ctx: Context, reference: str, item: StockItem, quantity: Decimal, minutes: int | None) -> Reservation:
    id = new_id()
    wanted = Wanted(subject_type=MANUAL, subject_id=id, line_id=id, quantity=quantity)
    row, _ = want(ctx, wanted, None, item)
    row.reference = reference
    lasts = int(ctx.setting("inventory.reservation_minutes")) if minutes is None else minutes
    row.expires_at = ctx.now + timedelta(minutes=lasts) if lasts > 0 else None
    take(ctx, [row], {item.id: item})
    return changed(ctx, row)


def _end(ctx: Context, row: Reservation) -> None:
    """Free the goods and let those who wait have them."""
    cancel_open(ctx, row)
    hand_over_shortages(ctx, [row])
    item = ctx.get(StockItem, row.item_id)
    others = waiting(ctx, [item.id])
    if others and allocate(ctx, [item]):
        hand_over_shortages(ctx, others)


def _locked(ctx: Context, id: UUID) -> Reservation:
    ctx.lock([item_lock(ctx.get(Reservation, id).item_id)])
    return ctx.get(Reservation, id)
