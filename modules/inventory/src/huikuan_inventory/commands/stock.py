"""Goods that come in, are corrected, counted and moved between warehouses."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from huikuan import BadInput, Context, Ref, command
from huikuan_inventory.handing import hand_over_shortages
from huikuan_inventory.ledger import (
    Movement,
    available,
    item_at,
    move,
    positive,
    require_goods,
    stock_locks,
    usable,
)
from huikuan_inventory.models import StockItem, Warehouse
from huikuan_inventory.reserving import allocate, unreserve, waiting
from huikuan_inventory.snapshots import MoveKind, ReservationMethod
from huikuan_inventory.texts import plain
from huikuan_products.types import Product

__all__ = ["arrived", "stock_adjust", "stock_count", "stock_receive", "stock_threshold", "stock_transfer"]

ZERO = Decimal(0)


@command(permission="inventory.move", idempotency="key")
def stock_receive(
    ctx: Context, warehouse: Ref[Warehouse], product: Ref[Product], quantity: Decimal, reference: str | None = None
) -> StockItem:
    """Goods came in. Who waits for them gets them at once, by the rule of backordersAllocate."""
    positive(quantity)
    item = _locked(ctx, warehouse, product)
    move(ctx, [Movement(item=item, kind=MoveKind.RECEIPT, quantity=quantity, reference=reference)])
    arrived(ctx, [item])
    return item


@command(permission="inventory.move", idempotency="key")
def stock_adjust(
    ctx: Context, warehouse: Ref[Warehouse], product: Ref[Product], quantity: Decimal, reason: str
) -> StockItem:
    """Correct a balance, up or down. Goods that are gone are taken from the last reservations by the rule."""
    if quantity == ZERO:
        raise BadInput("An adjustment is not 0.", field="quantity")
    item = _locked(ctx, warehouse, product)
    if item.on_hand + quantity < ZERO:
        raise BadInput(f"Only {plain(item.on_hand)} are there.", field="quantity")
    _correct(ctx, item, MoveKind.ADJUSTMENT, quantity, _reason(reason), None)
    return item


@command(permission="inventory.move", idempotency="key")
def stock_count(
    ctx: Context,
    warehouse: Ref[Warehouse],
    product: Ref[Product],
    counted: Decimal,
    reason: str = "count",
    reference: str | None = None,
) -> StockItem:
    """Goods were counted: the difference is booked. Missing goods are taken from the last reservations by the rule."""
    if counted < ZERO:
        raise BadInput("A count is 0 or more.", field="counted")
    item = _locked(ctx, warehouse, product)
    if counted != item.on_hand:
        _correct(ctx, item, MoveKind.COUNT, counted - item.on_hand, _reason(reason), reference)
    return item


@command(permission="inventory.move", idempotency="key")
def stock_transfer(
    ctx: Context,
    product: Ref[Product],
    source: Ref[Warehouse],
    target: Ref[Warehouse],
    quantity: Decimal,
    reference: str | None = None,
) -> list[StockItem]:
    """Move available goods from one warehouse to another."""
    positive(quantity)
    if source.id == target.id:
        raise BadInput("Goods move between two warehouses.", field="target")
    require_goods(ctx, product.id)
    ctx.lock(stock_locks(ctx, [(source.id, product.id), (target.id, product.id)]))
    usable(ctx, target.id)
    here, there = item_at(ctx, source.id, product.id), item_at(ctx, target.id, product.id)
    move(
        ctx,
        [
            Movement(item=here, kind=MoveKind.TRANSFER_OUT, quantity=-quantity, reference=reference),
            Movement(item=there, kind=MoveKind.TRANSFER_IN, quantity=quantity, reference=reference),
        ],
    )
    arrived(ctx, [there])
    return [here, there]


@command(permission="inventory.manage", idempotency="natural")
def stock_threshold(
    ctx: Context, warehouse: Ref[Warehouse], product: Ref[Product], threshold: Decimal | None
) -> StockItem:
    """Warn when less than this is available; null: never."""
    if threshold is not None and threshold < ZERO:
        raise BadInput("A threshold is 0 or more.", field="threshold")
    item = _locked(ctx, warehouse, product)
    item.threshold = threshold
    return item


def arrived(ctx: Context, items: Sequence[StockItem]) -> None:
    """Goods became available: hand them out, if the tenant and the warehouse want it so."""
    if not ctx.setting("inventory.allocate_on_arrival"):
        return
    served = [item for item in items if available(item) > ZERO and _reserves(ctx, item)]
    before = waiting(ctx, [item.id for item in served]) if served else []
    if before:
        allocate(ctx, served)
        hand_over_shortages(ctx, before)


def _reserves(ctx: Context, item: StockItem) -> bool:
    return ctx.get(Warehouse, item.warehouse_id).method is ReservationMethod.CONFIRM


def _correct(
    ctx: Context, item: StockItem, kind: MoveKind, quantity: Decimal, reason: str, reference: str | None
) -> None:
    missing = -quantity - available(item)
    hit = []
    if missing > ZERO:
        hit = unreserve(ctx, item, missing)
    move(ctx, [Movement(item=item, kind=kind, quantity=quantity, reason=reason, reference=reference)])
    hand_over_shortages(ctx, hit)
    if quantity > ZERO:
        arrived(ctx, [item])


def _locked(ctx: Context, warehouse: Ref[Warehouse], product: Ref[Product]) -> StockItem:
    require_goods(ctx, product.id)
    ctx.lock(stock_locks(ctx, [(warehouse.id, product.id)]))
    usable(ctx, warehouse.id)
    return item_at(ctx, warehouse.id, product.id)


def _reason(text: str) -> str:
    if not text.strip():
        raise BadInput("Say why.", field="reason")
    return text.strip()
