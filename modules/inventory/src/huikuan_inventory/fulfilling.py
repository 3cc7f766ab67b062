"""What a document of another module wants from the warehouse: checked, reserved, changed and freed as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.errors import Level, Refusal
from huikuan.money import Money
from huikuan_inventory.commands.stock import arrived
from huikuan_inventory.errors import SHORT
from huikuan_inventory.handing import hand_over_shortages
from huikuan_inventory.ledger import (
    find_items,
    item_lock,
    items_at,
    main_items,
    main_warehouse,
    missing_locks,
    reserve_units,
)
from huikuan_inventory.models import Reservation, StockItem, Warehouse
from huikuan_inventory.queries import availability, promise_for, schedules
from huikuan_inventory.reserving import Wanted, changed, choice, reservations_of, supplied, take, want
from huikuan_inventory.shipping import cancel_shipment, lock_subjects, planned_shipments
from huikuan_inventory.snapshots import Promise, ReservationMethod, ShortStock
from huikuan_inventory.states import ENDED, short_of
from huikuan_inventory.texts import plain
from huikuan_products.api import products_by_id
from huikuan_products.snapshots import ProductKind

__all__ = [
    "Subject",
    "SubjectLine",
    "fulfilled",
    "goods_of",
    "short_refusal",
    "subject_locks",
    "supply_resume",
    "synchronise",
]

ZERO = Decimal(0)
CONFIRM = ReservationMethod.CONFIRM
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


def subject_locks(ctx: Context, lines: Sequence[SubjectLine], rows: Sequence[Reservation]) -> list[LockKey]:
    """The balances that a document's reservations take from, and those that its lines would, if they are goods."""
    keys = [item_lock(row.item_id) for row in rows]
    wanted = {line.product_id for line in lines if line.quantity > ZERO}
    if not rows and wanted:
        here = main_items(ctx, wanted)
        keys = [item_lock(item.id) for item in here.values()]
        wanted -= here.keys()
    warehouse = main_warehouse(ctx) if wanted else None
    if warehouse is None:
        return keys
    wanted -= {row.product_id for row in rows if row.warehouse_id == warehouse.id}
    found = find_items(ctx, {(warehouse.id, id) for id in wanted}) if rows else {}
    keys += [item_lock(item.id) for item in found.values()]
    new = [line for line in lines if line.product_id in wanted and (warehouse.id, line.product_id) not in found]
    return [*keys, *missing_locks((warehouse.id, line.product_id) for line in goods_of(ctx, new))]


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
    rows = {row.line_id: row for row in reservations_of(ctx, subject.type, [subject.id])}
    places = _places(ctx, subject, rows, closed=closed)
    if not places:
        return
    items = items_at(ctx, set(places.values()))
    by_id = {item.id: item for item in items.values()}
    freed: dict[UUID, Decimal] = {}
    before = {row.id: _figures(row) for row in rows.values()}
    for line in subject.lines:
        if line.id in places:
            item = items[places[line.id]]
            wanted = _wanted(subject, line, closed=closed, reopened=reopened)
            rows[line.id], surplus = want(ctx, wanted, rows.get(line.id), item)
            freed[item.id] = freed.get(item.id, ZERO) + surplus
    reserve_units(ctx, [(by_id[item_id], -quantity) for item_id, quantity in freed.items() if quantity])
    mine = list(rows.values())
    if closed:
        _give_up_shipments(ctx, mine)
    else:
        _reserve(ctx, mine, by_id)
    for row in mine:
        if before.get(row.id) != _figures(row):
            changed(ctx, row)
    hand_over_shortages(ctx, mine)
    arrived(ctx, [by_id[item_id] for item_id, quantity in freed.items() if quantity])


def supply_resume(ctx: Context, subject_type: str, subject_ids: Sequence[UUID]) -> None:
    """Let subjects have goods that had to wait (``inventory_supply_waits``): what is available is reserved, production
    is asked for the rest. Who waits still gets nothing, and what needs nothing does not change.
    """
    lock_subjects(ctx, subject_type, subject_ids)
    rows = [row for row in reservations_of(ctx, subject_type, subject_ids) if short_of(row) > ZERO]
    items = {row.item_id: ctx.get(StockItem, row.item_id) for row in rows}
    before = {row.id: _figures(row) for row in rows}
    _reserve(ctx, rows, items)
    for row in rows:
        if before[row.id] != _figures(row):
            changed(ctx, row)
    hand_over_shortages(ctx, rows)


def fulfilled(ctx: Context, subject: Subject) -> bool:
    """Whether nothing of any of its lines is open any more, and something was shipped."""
    rows = {row.line_id: row for row in reservations_of(ctx, subject.type, [subject.id])}
    wanted = [line for line in subject.lines if line.quantity > ZERO]
    done = all(line.id in rows and rows[line.id].state in ENDED for line in wanted)
    return done and any(row.shipped for row in rows.values())


def _places(
    ctx: Context, subject: Subject, rows: Mapping[UUID, Reservation], *, closed: bool
) -> dict[UUID, tuple[UUID, UUID]]:
    """Where each line takes its goods from: as before, else from the main warehouse."""
    warehouse = None if closed else main_warehouse(ctx)
    found = {}
    for line in subject.lines:
        row = rows.get(line.id)
        if row is not None:
            found[line.id] = (row.warehouse_id, row.product_id)
        elif warehouse is not None and line.quantity > ZERO:
            found[line.id] = (warehouse.id, line.product_id)
    return found


def _figures(row: Reservation) -> tuple[Decimal, ...]:
    return row.ordered, row.reserved, row.shipped, row.cancelled


def _wanted(subject: Subject, line: SubjectLine, *, closed: bool, reopened: bool) -> Wanted:
    return Wanted(
        subject_type=subject.type,
        subject_id=subject.id,
        line_id=line.id,
        quantity=max(line.quantity, ZERO),
        closed=closed,
        reopened=reopened,
        promised_on=line.promised_on,
        value=line.value,
    )


def _reserve(ctx: Context, rows: Sequence[Reservation], items: Mapping[UUID, StockItem]) -> None:
    methods = {id: ctx.get(Warehouse, id).method for id in {row.warehouse_id for row in rows}}
    served = [row for row in rows if row.item_id in items and methods[row.warehouse_id] is CONFIRM]
    take(ctx, supplied(ctx, served), items, promise=ctx.today)
    untold = [row for row in rows if row.promised_on is None and row.state not in ENDED]
    waiting = [row for row in untold if short_of(row) > ZERO]
    days = schedules(ctx, waiting) if waiting else {}
    for row in untold:
        parts = days.get(row.id)
        row.promised_on = ctx.today if parts is None else parts[-1].on if parts else None


def _give_up_shipments(ctx: Context, rows: Sequence[Reservation]) -> None:
    for shipment in planned_shipments(ctx, [row.id for row in rows]):
        cancel_shipment(ctx, shipment, "the order ended")


def _level(ctx: Context, warehouse: Warehouse) -> Level:
    return LEVELS[choice(ctx, "inventory.short_stock", ShortStock)] if warehouse.backorders else Level.BLOCK
