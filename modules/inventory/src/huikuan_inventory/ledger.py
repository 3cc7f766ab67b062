"""The only place that changes balances: guarded statements, each with its line in the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.errors import BadInput, Refusal
from huikuan_inventory.errors import NO_STOCK_KEPT, WAREHOUSE_INACTIVE
from huikuan_inventory.events import StockFellLow, StockMoved
from huikuan_inventory.models import STOCK_RANK, StockItem, StockMove, Warehouse
from huikuan_inventory.shifting import Shift, shift
from huikuan_inventory.snapshots import MoveKind
from huikuan_products.api import products_by_id
from huikuan_products.snapshots import ProductKind

__all__ = [
    "Movement",
    "Place",
    "available",
    "find_items",
    "item_at",
    "item_lock",
    "items_at",
    "main_items",
    "main_warehouse",
    "missing_locks",
    "move",
    "positive",
    "require_goods",
    "reserve_units",
    "stock_locks",
    "usable",
]

ZERO = Decimal(0)
Place = tuple[UUID, UUID]
"""A warehouse and a product."""


def available(item: StockItem) -> Decimal:
    """What is here and belongs to nobody."""
    return item.on_hand - item.reserved


def item_lock(item_id: UUID) -> LockKey:
    """The key that locks a balance and all that hangs on it."""
    return LockKey(STOCK_RANK, StockItem, item_id)


def stock_locks(ctx: Context, places: Iterable[Place]) -> list[LockKey]:
    """What to lock for these places: their balances, or the warehouse where one is still missing.

    A row that is not there cannot be locked; whoever makes one holds its warehouse.
    """
    wanted = set(places)
    found = find_items(ctx, wanted)
    keys = [item_lock(item.id) for item in found.values()]
    return [*keys, *missing_locks(place for place in wanted if place not in found)]


def missing_locks(places: Iterable[Place]) -> list[LockKey]:
    """What to lock for places that have no balance yet."""
    return [LockKey(STOCK_RANK, Warehouse, id) for id in {warehouse_id for warehouse_id, _ in places}]


def find_items(ctx: Context, places: Collection[Place]) -> dict[Place, StockItem]:
    """The balances of these places; one that is missing is left out. What the command has locked is not read again."""
    found = {key: row for row in ctx.locked(StockItem) if (key := (row.warehouse_id, row.product_id)) in places}
    left = set(places) - found.keys()
    if not left:
        return found
    rows = ctx.scalars(
        select(StockItem).where(
            StockItem.warehouse_id.in_({warehouse for warehouse, _ in left}),
            StockItem.product_id.in_({product for _, product in left}),
        )
    )
    return found | {key: row for row in rows if (key := (row.warehouse_id, row.product_id)) in left}


def main_items(ctx: Context, product_ids: Collection[UUID]) -> dict[UUID, StockItem]:
    """The balances of products in the warehouse that serves orders, by product; missing ones are left out."""
    same = (Warehouse.id == StockItem.warehouse_id) & (Warehouse.tenant_id == StockItem.tenant_id)
    statement = select(StockItem).join(Warehouse, same).where(StockItem.product_id.in_(product_ids))
    rows = ctx.scalars(statement.where(Warehouse.main.is_(True), Warehouse.active.is_(True)))
    return {row.product_id: row for row in rows}


def item_at(ctx: Context, warehouse_id: UUID, product_id: UUID) -> StockItem:
    """The balance of a place, made if it is missing; the place is locked."""
    return items_at(ctx, [(warehouse_id, product_id)])[warehouse_id, product_id]


def items_at(ctx: Context, places: Collection[Place]) -> dict[Place, StockItem]:
    """The balances of these places, each made if it is missing; the places are locked."""
    found = find_items(ctx, places)
    missing = [place for place in sorted(places) if place not in found]
    for place in missing:
        found[place] = ctx.add(
            StockItem(warehouse_id=place[0], product_id=place[1], on_hand=ZERO, reserved=ZERO, moves=0)
        )
    if missing:
        ctx.flush()
    return found


def main_warehouse(ctx: Context) -> Warehouse | None:
    """The warehouse that serves orders, or None while there is none."""
    return ctx.once(("inventory.main_warehouse",), lambda: ctx.find(Warehouse, main=True, active=True), Warehouse)


def usable(ctx: Context, warehouse_id: UUID) -> Warehouse:
    """A warehouse that is in use."""
    warehouse = ctx.get(Warehouse, warehouse_id)
    if not warehouse.active:
        ctx.refuse(Refusal(WAREHOUSE_INACTIVE, f"Warehouse {warehouse.code} is not in use.", field="warehouse"))
    return warehouse


def require_goods(ctx: Context, product_id: UUID) -> None:
    """Refuse products that have no stock."""
    product = products_by_id(ctx, [product_id]).get(product_id)
    if product is not None and product.kind is ProductKind.SERVICE:
        ctx.refuse(Refusal(NO_STOCK_KEPT, f"{product.sku} is a service; it has no stock.", field="product"))


def positive(quantity: Decimal, field: str = "quantity") -> Decimal:
    """A quantity above zero, or BadInput."""
    if not quantity > ZERO:
        raise BadInput("A quantity is more than 0.", field=field)
    return quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A quantity, negative for what leaves, and ``reserved`` along with it; the item is locked."""

    item: StockItem
    kind: MoveKind
    quantity: Decimal
    reserved: Decimal = ZERO
    reference: str | None = None
    reason: str | None = None


def move(ctx: Context, movements: Sequence[Movement]) -> None:
    """Move goods, each movement with its line in the ledger; refuses with SHORT if less would be left than is reserved.

    One statement for many balances.
    """
    shifts: dict[UUID, Shift] = {}
    lines = []
    for it in movements:
        so_far = shifts.get(it.item.id, Shift(it.item))
        here = Shift(it.item, so_far.on_hand + it.quantity, so_far.reserved + it.reserved, so_far.moves + 1)
        shifts[it.item.id] = here
        lines.append((it, it.item.on_hand + here.on_hand, it.item.moves + here.moves))
    _change(ctx, list(shifts.values()))
    for it, balance, sequence in lines:
        _note(ctx, it, balance, sequence)


def reserve_units(ctx: Context, quantities: Iterable[tuple[StockItem, Decimal]]) -> None:
    """Reserve quantities, or free them if negative; refuses with SHORT if so much is not available.

    Each item once; one statement for many balances.
    """
    _change(ctx, [Shift(item, reserved=quantity) for item, quantity in quantities])


def _change(ctx: Context, shifts: Sequence[Shift]) -> None:
    before = [available(it.item) for it in shifts]
    shift(ctx, shifts)
    for it, was in zip(shifts, before, strict=True):
        _tell_if_low(ctx, it.item, was)


def _note(ctx: Context, it: Movement, balance: Decimal, sequence: int) -> None:
    ctx.add(
        StockMove(
            item_id=it.item.id,
            sequence=sequence,
            kind=it.kind,
            quantity=it.quantity,
            balance=balance,
            reference=it.reference,
            reason=it.reason,
            at=ctx.now,
            actor_id=ctx.actor.id,
        )
    )
    ctx.emit(
        StockMoved(
            stock_item_id=it.item.id,
            warehouse_id=it.item.warehouse_id,
            product_id=it.item.product_id,
            kind=it.kind,
            quantity=it.quantity,
            on_hand=balance,
        )
    )


def _tell_if_low(ctx: Context, item: StockItem, before: Decimal) -> None:
    now, threshold = available(item), item.threshold
    if threshold is not None and now < threshold <= before:
        ctx.emit(StockFellLow(stock_item_id=item.id, product_id=item.product_id, available=now, threshold=threshold))
