"""What a document of another module wants from the warehouse: checked, reserved, changed and freed as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.errors import Level, Refusal
from huikuan.money import Money
from huikuan_inventory.commands.stock import arrived
from huikuan_inventory.errors import SHORT
from huikuan_inventory.handing import hand_over_shortages
from huikuan_inventory.ledger import item_lock, main_warehouse, stock_locks
from huikuan_inventory.models import Reservation, Shipment, StockItem, Warehouse
from huikuan_inventory.queries import availability, promise_for, schedules
from huikuan_inventory.reserving import Wanted, choice, reservations_of, take, want
from huikuan_inventory.shipping import cancel_shipment
from huikuan_inventory.snapshots import Promise, ReservationMethod, ShipmentState, ShortStock
from huikuan_inventory.states import ENDED, short_of
from huikuan_inventory.texts import plain
from huikuan_products.api import products_by_id
from huikuan_products.snapshots import ProductKind

__all__ = ["Subject", "SubjectLine", "fulfilled", "goods_of", "short_refusal", "subject_locks", "synchronise"]

ZERO = Decimal(0)
LEVELS = {
    ShortStock.BLOCK: Level.BLOCK,
    ShortStock.APPROVE: Level.APPROVE,
    ShortStock.BACKORDER: Level.WARN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectLine:
    """A line that wants goods; ``value`` is what all of it comes to, tax included."""

    id: UUID
    product_id: UUID
    quantity: Decimal
    promised_on: date | None
    value: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A document with the lines of it that want goods."""

    type: str
    id: UUID
    lines: tuple[SubjectLine, ...]


@dataclass(frozen=True, slots=True)
class _Short:
    """A product of which less is available than is needed."""

    sku: str
    needed: Decimal
    available: Decimal
    promised: Sequence[Promise]

    @property
    def earliest(self) -> date | None:
        """The day when all of it would be there, if goods for all of it are in sight."""
        return None if any(part.on is None for part in self.promised) else self.promised[-1].on

    @property
    def advice(self) -> str:
        return f"all by {self.earliest}" if self.earliest else f"order {plain(self.available)}"

    @property
    def data(self) -> dict[str, object]:
        needed, available = Decimal(plain(self.needed)), Decimal(plain(self.available))
        return {"sku": self.sku, "needed": needed, "available": available, "earliest": self.earliest}


def goods_of(ctx: Context, lines: Sequence[SubjectLine]) -> tuple[SubjectLine, ...]:
    """The lines of products that have a stock."""
    found = products_by_id(ctx, {line.product_id for line in lines}) if lines else {}
    return tuple(
        line for line in lines if line.product_id in found and found[line.product_id].kind is ProductKind.GOODS
    )


def subject_locks(ctx: Context, subject: Subject) -> list[LockKey]:
    """The balances that its reservations take from, and those that its lines would."""
    keys = [item_lock(row.item_id) for row in reservations_of(ctx, subject.type, [subject.id])]
    warehouse = main_warehouse(ctx)
    if warehouse is not None:
        keys += stock_locks(ctx, [(warehouse.id, line.product_id) for line in subject.lines if line.quantity > ZERO])
    return keys


def short_refusal(ctx: Context, needed: Mapping[UUID, Decimal]) -> Refusal | None:
    """What is short of these quantities by product, all lines added up; with the day when it would not be."""
    warehouse = main_warehouse(ctx)
    if warehouse is None or warehouse.method is ReservationMethod.MANUAL:
        return None
    here = availability(ctx, warehouse.id, needed)
    short = {product: quantity for product, quantity in needed.items() if quantity > max(here[product], ZERO)}
    if not short:
        return None
    days = promise_for(ctx, warehouse.id, short)
    skus = {id: product.sku for id, product in products_by_id(ctx, short).items()}
    items = [
        _Short(skus[product], quantity, here[product], days[product])
        for product, quantity in sorted(short.items(), key=lambda found: skus[found[0]])
    ]
    return Refusal(
        SHORT,
        "; ".join(f"{it.sku}: {plain(it.needed)} needed, {plain(it.available)} available" for it in items) + ".",
        level=_level(ctx, warehouse),
        field="lines",
        advice="; ".join(f"{it.sku}: {it.advice}" for it in items),
        items=[it.data for it in items],
    )


def synchronise(ctx: Context, subject: Subject, *, closed: bool = False, reopened: bool = False) -> None:
    """Make the reservations what the document wants now; everything is locked.

    What is freed goes first to its own lines, then to others that wait.
    """
    warehouse = main_warehouse(ctx)
    rows = {row.line_id: row for row in reservations_of(ctx, subject.type, [subject.id])}
    before = {row.item_id: row.reserved for row in rows.values()}
    for line in subject.lines:
        row = rows.get(line.id)
        if row is None and (warehouse is None or closed or line.quantity <= ZERO):
            continue
        place = row.warehouse_id if row is not None else warehouse.id if warehouse is not None else None
        assert place is not None
        rows[line.id] = want(ctx, _wanted(subject, line, place, closed=closed, reopened=reopened))
    if closed:
        _give_up_shipments(ctx, subject)
    else:
        _reserve(ctx, list(rows.values()))
    hand_over_shortages(ctx, list(rows.values()))
    freed = {row.item_id for row in rows.values()} & before.keys()
    arrived(ctx, [ctx.get(StockItem, id) for id in sorted(freed)])


def fulfilled(ctx: Context, subject: Subject) -> bool:
    """Whether nothing of any of its lines is open any more, and something was shipped."""
    rows = {row.line_id: row for row in reservations_of(ctx, subject.type, [subject.id])}
    wanted = [line for line in subject.lines if line.quantity > ZERO]
    done = all(line.id in rows and rows[line.id].state in ENDED for line in wanted)
    return done and any(row.shipped for row in rows.values())


def _wanted(subject: Subject, line: SubjectLine, place: UUID, *, closed: bool, reopened: bool) -> Wanted:
    return Wanted(
        subject_type=subject.type,
        subject_id=subject.id,
        line_id=line.id,
        warehouse_id=place,
        product_id=line.product_id,
        quantity=max(line.quantity, ZERO),
        closed=closed,
        reopened=reopened,
        promised_on=line.promised_on,
        value=line.value,
    )


def _reserve(ctx: Context, rows: Sequence[Reservation]) -> None:
    for row in rows:
        if ctx.get(Warehouse, row.warehouse_id).method is ReservationMethod.CONFIRM:
            take(ctx, row, ctx.get(StockItem, row.item_id))
    ctx.flush()
    untold = [row for row in rows if row.promised_on is None and row.state not in ENDED]
    waiting = [row for row in untold if short_of(row) > ZERO]
    days = schedules(ctx, waiting) if waiting else {}
    for row in untold:
        parts = days.get(row.id)
        row.promised_on = ctx.today if parts is None else parts[-1].on if parts else None


def _give_up_shipments(ctx: Context, subject: Subject) -> None:
    planned = select(Shipment).where(
        Shipment.subject_type == subject.type,
        Shipment.subject_id == subject.id,
        Shipment.state == ShipmentState.PLANNED,
    )
    for shipment in ctx.scalars(planned.order_by(Shipment.id)):
        cancel_shipment(ctx, shipment, "the order ended")


def _level(ctx: Context, warehouse: Warehouse) -> Level:
    return LEVELS[choice(ctx, "inventory.short_stock", ShortStock)] if warehouse.backorders else Level.BLOCK
