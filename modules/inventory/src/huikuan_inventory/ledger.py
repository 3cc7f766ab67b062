"""The only place that changes balances: guarded statements, each with its line in the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.errors import BadInput, Refusal
from huikuan_inventory.errors import NO_STOCK_KEPT, SHORT, WAREHOUSE_INACTIVE
from huikuan_inventory.events import StockFellLow, StockMoved
from huikuan_inventory.models import STOCK_RANK, StockItem, StockMove, Warehouse
from huikuan_inventory.snapshots import MoveKind
from huikuan_inventory.texts import plain
from huikuan_products.api import products_by_id
from huikuan_products.snapshots import ProductKind

__all__ = [
    "Place",
    "available",
    "find_items",
    "item_at",
    "item_lock",
    "items_at",
    "main_warehouse",
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
    missing = {warehouse_id for warehouse_id, product_id in wanted if (warehouse_id, product_id) not in found}
    return [*keys, *(LockKey(STOCK_RANK, Warehouse, id) for id in missing)]


def find_items(ctx: Context, places: Collection[Place]) -> dict[Place, StockItem]:
    """The balances of these places; one that is missing is left out."""
    if not places:
        return {}
    rows = ctx.scalars(
        select(StockItem).where(
            StockItem.warehouse_id.in_({warehouse for warehouse, _ in places}),
            StockItem.product_id.in_({product for _, product in places}),
        )
    )
    return {key: row for row in rows if (key := (row.warehouse_id, row.product_id)) in places}


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
    return ctx.find(Warehouse, main=True, active=True)


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


def move(
    ctx: Context,
    item: StockItem,
    kind: MoveKind,
    quantity: Decimal,
    *,
    reserved: Decimal = ZERO,
    reference: str | None = None,
    reason: str | None = None,
) -> StockMove:
    """Move a quantity, negative for what leaves, and ``reserved`` along with it; the item is locked.

    Refuses with SHORT if less would be left than is reserved.
    """
    before = available(item)
    _shift(ctx, item, quantity, reserved, moves=1)
    row = ctx.add(
        StockMove(
            item_id=item.id,
            sequence=item.moves,
            kind=kind,
            quantity=quantity,
            balance=item.on_hand,
            reference=reference,
            reason=reason,
            at=ctx.now,
            actor_id=ctx.actor.id,
        )
    )
    ctx.emit(
        StockMoved(
            stock_item_id=item.id,
            warehouse_id=item.warehouse_id,
            product_id=item.product_id,
            kind=kind,
            quantity=quantity,
            on_hand=item.on_hand,
        )
    )
    _tell_if_low(ctx, item, before)
    return row


def reserve_units(ctx: Context, item: StockItem, quantity: Decimal) -> None:
    """Reserve a quantity, or free it if negative; refuses with SHORT if so much is not available."""
    before = available(item)
    _shift(ctx, item, ZERO, quantity, moves=0)
    _tell_if_low(ctx, item, before)


def _shift(ctx: Context, item: StockItem, on_hand: Decimal, reserved: Decimal, *, moves: int) -> None:
    """One statement that asks and writes at once: without any lock it could not oversell either."""
    ctx.flush()
    after = (item.on_hand + on_hand, item.reserved + reserved, item.moves + moves)
    touched = ctx.execute(
        update(StockItem)
        .where(
            StockItem.id == item.id,
            StockItem.on_hand + on_hand >= StockItem.reserved + reserved,
            StockItem.reserved + reserved >= 0,
        )
        .values(
            on_hand=StockItem.on_hand + on_hand,
            reserved=StockItem.reserved + reserved,
            moves=StockItem.moves + moves,
        )
        .execution_options(synchronize_session=False)
    )
    if not touched:
        ctx.refuse(
            Refusal(
                SHORT,
                f"Only {plain(available(item))} are available.",
                available=available(item),
                product=item.product_id,
            )
        )
    for name, value in zip(("on_hand", "reserved", "moves"), after, strict=True):
        set_committed_value(item, name, value)


def _tell_if_low(ctx: Context, item: StockItem, before: Decimal) -> None:
    now, threshold = available(item), item.threshold
    if threshold is not None and now < threshold <= before:
        ctx.emit(StockFellLow(stock_item_id=item.id, product_id=item.product_id, available=now, threshold=threshold))
