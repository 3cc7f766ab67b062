"""Balances anew from the ledger and the reservations."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from sqlalchemy import func, select, update

from huikuan import BadInput, Context, Ref, command
from huikuan.graphql import output
from huikuan_inventory.ledger import item_lock
from huikuan_inventory.models import Reservation, StockItem, StockMove, Warehouse

__all__ = ["StockDifference", "stock_rebuild"]

ZERO = Decimal(0)


@output
@dataclass(frozen=True)
class StockDifference:
    """A balance that was not what the ledger and the reservations say."""

    item: Annotated[Ref[StockItem], "The balance, now right."]
    on_hand_before: Annotated[Decimal, "What stood there."]
    on_hand: Annotated[Decimal, "What the ledger says."]
    reserved_before: Annotated[Decimal, "What stood there."]
    reserved: Annotated[Decimal, "What the reservations say."]


@command(permission="inventory.manage", idempotency="key", payload="differences")
def stock_rebuild(ctx: Context, warehouse: Ref[Warehouse]) -> list[StockDifference]:
    """Compute every balance of a warehouse anew from the ledger and the reservations; tells what differed."""
    ids = ctx.scalars(select(StockItem.id).where(StockItem.warehouse_id == warehouse.id).order_by(StockItem.id))
    ctx.lock([item_lock(id) for id in ids])
    items = ctx.scalars(select(StockItem).where(StockItem.warehouse_id == warehouse.id).order_by(StockItem.id))
    moved = _sums(ctx, warehouse, StockMove)
    held = _sums(ctx, warehouse, Reservation)
    found = []
    for item in items:
        on_hand, moves = moved.get(item.id, (ZERO, 0))
        reserved, _ = held.get(item.id, (ZERO, 0))
        if (item.on_hand, item.reserved, item.moves) == (on_hand, reserved, moves):
            continue
        if reserved > on_hand:
            raise BadInput(f"The reservations of balance {item.id} exceed its ledger: count these goods first.")
        found.append(StockDifference(Ref(item.id), item.on_hand, on_hand, item.reserved, reserved))
        ctx.execute(
            update(StockItem).where(StockItem.id == item.id).values(on_hand=on_hand, reserved=reserved, moves=moves)
        )
    return found


def _sums(
    ctx: Context, warehouse: Ref[Warehouse], model: type[StockMove] | type[Reservation]
) -> dict[object, tuple[Decimal, int]]:
    quantity = StockMove.quantity if model is StockMove else Reservation.reserved
    same = (StockItem.id == model.item_id) & (StockItem.tenant_id == model.tenant_id)
    rows = ctx.rows(
        select(model.item_id, func.sum(quantity), func.count(model.id))
        .join(StockItem, same)
        .where(StockItem.warehouse_id == warehouse.id)
        .group_by(model.item_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}
