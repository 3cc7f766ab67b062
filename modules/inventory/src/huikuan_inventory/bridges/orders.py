"""Orders reserve when they are confirmed, change with their change orders, and are done when the last line has left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from huikuan import UNSET, Context, Ref, Refusal, Unset, command, enqueue, hookimpl, job
from huikuan.db import LockKey
from huikuan.errors import Conflict
from huikuan.graphql import batch, connection, extend, output
from huikuan.invariants import Invariant
from huikuan_inventory import models
from huikuan_inventory.delivering import delivery_of
from huikuan_inventory.errors import ORDER_STOPPED
from huikuan_inventory.fulfilling import (
    Subject,
    SubjectLine,
    fulfilled,
    goods_of,
    short_refusal,
    subject_locks,
    synchronise,
)
from huikuan_inventory.ledger import main_warehouse
from huikuan_inventory.reserving import open_subjects, prefer, reservations_of, share_of_value
from huikuan_inventory.shipping import lock_stock, lock_subjects, plan
from huikuan_inventory.snapshots import Remainder, ShipmentSnapshot
from huikuan_inventory.states import ENDED
from huikuan_inventory.types import DeliveryPromise, Reservation, Shipment, as_delivery
from huikuan_orders.api import confirm_keys, open_orders, order_by_id, order_complete, orders_by_id
from huikuan_orders.snapshots import OrderKind, OrderSnapshot, TracePart
from huikuan_orders.types import Order, OrderConfirmPreview

ORDER = "Order"
ZERO = Decimal(0)
PAGE = 100


def subject_of(ctx: Context, order: OrderSnapshot) -> Subject:
    """The lines of an order that want goods. Returns want none: their goods come back by stockReturn."""
    return Subject(type=ORDER, id=order.id, lines=goods_of(ctx, _lines(order)))


def _lines(order: OrderSnapshot) -> list[SubjectLine]:
    return [
        SubjectLine(
            id=line.id,
            product_id=line.product_id,
            quantity=line.quantity,
            promised_on=line.promised_on or order.promised_on,
            value=line.gross,
        )
        for line in order.lines
        if line.product_id is not None and order.kind is OrderKind.SALE and line.quantity >= ZERO
    ]


@hookimpl
def orders_confirm_locks(ctx: Context, order: OrderSnapshot) -> list[LockKey]:
    """The balances of its goods."""
    reserved = [] if order.confirmed_at is None else reservations_of(ctx, ORDER, [order.id])
    return subject_locks(ctx, _lines(order), reserved)


@hookimpl
def orders_before_confirm(ctx: Context, order: OrderSnapshot) -> Refusal | None:
    """Whether the goods are there, all lines of a product added up."""
    held = {row.line_id: row.shipped + row.reserved for row in reservations_of(ctx, ORDER, [order.id])}
    needed: dict[UUID, Decimal] = {}
    for line in subject_of(ctx, order).lines:
        needed[line.product_id] = needed.get(line.product_id, ZERO) + line.quantity - held.get(line.id, ZERO)
    return short_refusal(ctx, needed)


@hookimpl
def orders_before_change(ctx: Context, before: OrderSnapshot, after: OrderSnapshot) -> Refusal | None:
    """Whether the goods for the increase are there; what was agreed before is not asked again."""
    more: dict[UUID, Decimal] = {}
    for sign, order in ((1, after), (-1, before)):
        for line in subject_of(ctx, order).lines:
            more[line.product_id] = more.get(line.product_id, ZERO) + sign * line.quantity
    return short_refusal(ctx, {product: quantity for product, quantity in more.items() if quantity > ZERO})


@hookimpl
def orders_after_confirm(ctx: Context, order: OrderSnapshot) -> None:
    """Reserve."""
    synchronise(ctx, subject_of(ctx, order))


@hookimpl
def orders_after_change(ctx: Context, after: OrderSnapshot) -> None:
    """Reserve the increase, free the decrease."""
    synchronise(ctx, subject_of(ctx, after))


@hookimpl
def orders_after_cancel(ctx: Context, order: OrderSnapshot) -> None:
    """Free everything."""
    synchronise(ctx, subject_of(ctx, order), closed=True)


@hookimpl
def orders_after_close(ctx: Context, order: OrderSnapshot) -> None:
    """Free what was not shipped."""
    synchronise(ctx, subject_of(ctx, order), closed=True)


@hookimpl
def orders_after_reopen(ctx: Context, order: OrderSnapshot) -> None:
    """Reserve again what closing freed."""
    synchronise(ctx, subject_of(ctx, order), reopened=True)


@hookimpl
def orders_trace_parts(ctx: Context, orders: Sequence[UUID]) -> list[TracePart]:
    """Reserved, shipped and returned by line, in quantity and in its share of the line's amount."""
    parts = []
    for row in reservations_of(ctx, ORDER, orders):
        for name, quantity in (("reserved", row.reserved), ("shipped", row.shipped), ("returned", row.returned)):
            if name != "returned" or quantity:
                amount = share_of_value(row, quantity)
                parts.append(
                    TracePart(order_id=row.subject_id, line_id=row.line_id, name=name, quantity=quantity, amount=amount)
                )
    return parts


@hookimpl
def inventory_ship_locks(ctx: Context, subject_type: str, subject_ids: Sequence[UUID]) -> list[LockKey]:
    """The orders, and all that completing them locks."""
    if subject_type != ORDER:
        return []
    return [key for order in orders_by_id(ctx, subject_ids).values() for key in confirm_keys(ctx, order)]


@hookimpl
def inventory_before_ship(ctx: Context, shipment: ShipmentSnapshot) -> Refusal | None:
    """Goods leave only for orders that are confirmed and neither on hold nor closed."""
    if shipment.subject_type != ORDER:
        return None
    order = order_by_id(ctx, shipment.subject_id)
    held = ctx.work.locked
    if held is not None and not held.issuperset(confirm_keys(ctx, order)):
        raise Conflict("The order was changed by another command meanwhile; try again.", reason="CONCURRENT")
    if order.binding and not order.held:
        return None
    return Refusal(
        ORDER_STOPPED,
        f"Order {order.number} is {'on hold' if order.held else 'closed' if order.closed else order.status.name}.",
        advice="Let the order go on, or cancel the shipment.",
        order=order.id,
    )


@hookimpl
def inventory_after_ship(ctx: Context, shipment: ShipmentSnapshot) -> None:
    """The order is done when nothing of it is open any more."""
    if shipment.subject_type != ORDER:
        return
    order = order_by_id(ctx, shipment.subject_id)
    if fulfilled(ctx, subject_of(ctx, order)):
        order_complete(ctx, id=order.id)


@hookimpl
def kernel_module_enabled(ctx: Context) -> None:
    """Free at once what ended orders still hold; orders that were confirmed meanwhile follow in a job."""
    _adopt(ctx, sorted(set(ctx.scalars(open_subjects(ORDER)))))
    if main_warehouse(ctx) is not None:
        enqueue(ctx, adopt_orders)


@hookimpl
def kernel_invariants() -> Iterable[Invariant]:
    """Reservations and orders agree."""
    return [Invariant("inventory.orders", "Only confirmed orders that are open hold goods.", _not_binding)]


def _not_binding(ctx: Context) -> Sequence[UUID]:
    open_rows = ctx.rows(
        select(models.Reservation.id, models.Reservation.subject_id)
        .where(models.Reservation.subject_type == ORDER, models.Reservation.state.not_in(ENDED))
        .order_by(models.Reservation.id)
    )
    orders = orders_by_id(ctx, {row.subject_id for row in open_rows})
    return [row.id for row in open_rows if row.subject_id not in orders or not orders[row.subject_id].binding]


@job()
def adopt_orders(ctx: Context, after: str | None = None) -> None:
    """Bring the reservations of a page of orders in line with the orders, then go on with the next page."""
    start = UUID(after) if after else UUID(int=0)
    stale = open_subjects(ORDER).where(models.Reservation.subject_id > start)
    ids = {*ctx.scalars(stale.distinct().order_by(models.Reservation.subject_id).limit(PAGE))}
    ids |= {order.id for order in open_orders(ctx, after=start, limit=PAGE)}
    page = sorted(ids)[:PAGE]
    _adopt(ctx, page)
    if len(page) == PAGE:
        enqueue(ctx, adopt_orders, after=page[-1])


def _adopt(ctx: Context, ids: Sequence[UUID]) -> None:
    ctx.lock([key for order in orders_by_id(ctx, ids).values() for key in confirm_keys(ctx, order)])
    orders = orders_by_id(ctx, ids)
    for id in ids:
        synchronise(ctx, subject_of(ctx, orders[id]), closed=not orders[id].binding)


@output
@dataclass(frozen=True)
class OrdersAdopted:
    """Reservations are being brought in line with the orders."""

    started: bool


@command(permission="inventory.manage", idempotency="natural")
def inventory_adopt_orders(ctx: Context) -> OrdersAdopted:
    """Make reservations for orders that were confirmed before there was a warehouse; a job does it, page by page."""
    enqueue(ctx, adopt_orders)
    return OrdersAdopted(True)


@command(permission="inventory.ship", idempotency="key")
def shipment_create_for_order(
    ctx: Context, order: Ref[Order], planned_on: date | None = None, tracking: str | None = None
) -> models.Shipment:
    """Plan a shipment of all that is reserved for an order and that no other shipment holds."""
    lock_stock(ctx, ORDER, [order.id])
    rows = reservations_of(ctx, ORDER, [order.id])
    place = next((row.warehouse_id for row in rows if row.reserved), None)
    chosen = [row for row in rows if row.warehouse_id == place and row.reserved]
    return plan(ctx, chosen, dict.fromkeys([row.id for row in chosen]), planned_on=planned_on, tracking=tracking)


@command(permission="inventory.reserve", idempotency="natural", payload="reservations")
def inventory_order_change(
    ctx: Context, order: Ref[Order], priority: int | Unset = UNSET, remainder: Remainder | Unset = UNSET
) -> list[models.Reservation]:
    """Say for a whole order who comes first, and what becomes of the rest after a partial shipment."""
    lock_subjects(ctx, ORDER, [order.id])
    return prefer(reservations_of(ctx, ORDER, [order.id]), priority, remainder)


@extend(Order)
class OrderStock:
    """What inventory knows of an order."""

    reservations = connection(
        Reservation, "subject_id", "What it wants from the warehouse.", permission="inventory.read"
    )
    shipments = connection(Shipment, "subject_id", "Its shipments.", permission="inventory.read")


@extend(OrderConfirmPreview)
class PreviewPromise:
    """What inventory adds to the preview of a confirmation."""

    @batch(requires=["order"], permission="inventory.read")
    def promise(ctx: Context, previews: Sequence[OrderConfirmPreview]) -> list[DeliveryPromise | None]:
        """When everything could be delivered if it were confirmed now; null where nothing is to be delivered."""
        orders = orders_by_id(ctx, [preview.order.id for preview in previews])
        found = [delivery_of(ctx, subject_of(ctx, orders[preview.order.id])) for preview in previews]
        return [None if delivery is None else as_delivery(delivery) for delivery in found]


@extend(Reservation)
class ReservationOrder:
    """What orders know of a reservation."""

    @batch(requires=["subject_type", "subject_id"], permission="orders.read")
    def order(ctx: Context, rows: Any) -> list[Ref[Order] | None]:
        """The order that wants it; null if it was made by hand."""
        return [Ref(row.subject_id) if row.subject_type == ORDER else None for row in rows]


@extend(Shipment)
class ShipmentOrder:
    """What orders know of a shipment."""

    @batch(requires=["subject_type", "subject_id"], permission="orders.read")
    def order(ctx: Context, rows: Any) -> list[Ref[Order] | None]:
        """The order that it fulfils; null if none."""
        return [Ref(row.subject_id) if row.subject_type == ORDER else None for row in rows]
