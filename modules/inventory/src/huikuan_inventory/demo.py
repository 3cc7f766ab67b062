"""What inventory shows in ``huikuan demo``: goods come in, some too few, and leave, some in parts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zlib import crc32

from sqlalchemy import func, select

from huikuan.core.models import Hold, HoldStatus
from huikuan.demo_step import DemoRun, DemoStep
from huikuan.graphql.ids import encode_id
from huikuan_inventory.errors import SHORT
from huikuan_inventory.models import Reservation, Shipment, StockItem, Supply
from huikuan_inventory.snapshots import ReservationState, ShipmentState, SupplyState
from huikuan_products.api import products_after
from huikuan_products.snapshots import ProductKind

__all__ = ["STEPS"]

PLENTY, FEW = Decimal(5_000), Decimal(3)
SCARCE = 25
"""One product of so many is scarce, told by its sku, so that it is the same one each time."""
WAREHOUSE = {"code": "MAIN"}
RELEASE_AFTER, SUPPLY_AFTER = timedelta(days=1), timedelta(days=6)


def _open(demo: DemoRun) -> dict[str, Any]:
    """A warehouse; what is short waits for somebody who may let the order go."""
    demo.settings({"inventory.short_stock": "APPROVE"})
    demo.command("warehouse_create", code="MAIN", name="Main warehouse")
    return {}


def _receive(demo: DemoRun, day: date) -> dict[str, Any]:
    """New goods are put on the shelf, and what was on its way comes in."""
    with demo.kernel.reading(demo.scope) as ctx:
        latest = ctx.scalars(select(StockItem.product_id).order_by(StockItem.product_id.desc()).limit(1))
        new = [it for it in products_after(ctx, latest[0] if latest else None) if it.kind is ProductKind.GOODS]
        due = ctx.rows(select(Supply.id).where(Supply.state == SupplyState.EXPECTED, Supply.eta <= day))
    for product in new:
        scarce = crc32(product.sku.encode()) % SCARCE == 0
        demo.command(
            "stock_receive", warehouse=WAREHOUSE, product={"sku": product.sku}, quantity=FEW if scarce else PLENTY
        )
    for supply in due:
        demo.command("supply_receive", id=supply.id)
    return {"supplies_received": len(due)}


def _ship(demo: DemoRun, day: date) -> dict[str, Any]:
    """What is reserved leaves; what is short is ordered, once for each product."""
    with demo.kernel.reading(demo.scope) as ctx:
        orders = ctx.scalars(
            select(Reservation.subject_id)
            .where(Reservation.subject_type == "Order", Reservation.reserved > 0)
            .group_by(Reservation.subject_id)
            .order_by(func.min(Reservation.id))
        )
        waiting = ctx.scalars(
            select(Reservation.product_id)
            .where(
                Reservation.state.in_((ReservationState.DRAFT, ReservationState.PARTIALLY_RESERVED)),
                Reservation.item_id.not_in(select(Supply.item_id).where(Supply.state == SupplyState.EXPECTED)),
            )
            .distinct()
        )
    shipped = sum(_leave(demo, order) for order in orders)
    for product in waiting:
        demo.command(
            "supply_expect",
            reference=f"PO-{day}-{product.hex[-8:]}",
            warehouse=WAREHOUSE,
            product={"id": product},
            quantity=PLENTY,
            eta=day + SUPPLY_AFTER,
        )
    return {"shipments": shipped}


def _leave(demo: DemoRun, order: Any) -> int:
    """Plan a shipment of what is reserved and let it go: 1, or 0 where somebody stops it."""
    planned = demo.command("shipment_create_for_order", order={"id": order})
    if not planned.done:
        return 0
    with demo.kernel.reading(demo.scope) as ctx:
        found = ctx.scalars(
            select(Shipment.id).where(Shipment.subject_id == order, Shipment.state == ShipmentState.PLANNED)
        )
    return sum(demo.command("shipment_ship", id=id).done for id in found)


def _decide(demo: DemoRun, day: date) -> dict[str, Any]:
    """Somebody else lets go in parts what has been held for want of goods for a day."""
    with demo.kernel.reading(demo.scope) as ctx:
        found = ctx.scalars(
            select(Hold.id)
            .where(Hold.code == SHORT.code, Hold.status == HoldStatus.OPEN, Hold.created_at <= ctx.now - RELEASE_AFTER)
            .order_by(Hold.id)
        )
    if not found:
        return {}
    manager = demo.colleague("warehouse-manager")
    reason = "The customer takes what is there, and the rest later."
    return {"released_for_stock": sum(manager.command("hold_release", id=id, reason=reason).done for id in found)}


def _finish(demo: DemoRun) -> dict[str, Any]:
    """How many orders were held and how many left in parts."""
    with demo.kernel.reading(demo.scope) as ctx:
        held = ctx.scalar(select(func.count(Hold.subject_id.distinct())).where(Hold.code == SHORT.code))
        orders = ctx.rows(
            select(Reservation.subject_id, func.count())
            .where(Reservation.subject_type == "Order", Reservation.shipped > 0)
            .group_by(Reservation.subject_id)
        )
        left = ctx.rows(
            select(Shipment.subject_id, func.count())
            .where(Shipment.state == ShipmentState.SHIPPED)
            .group_by(Shipment.subject_id)
        )
        short = set(
            ctx.scalars(
                select(Reservation.subject_id).where(Reservation.shipped + Reservation.cancelled < Reservation.ordered)
            )
        )
    parts = {row[0] for row in left if row[1] > 1} | {row[0] for row in orders if row[0] in short}
    return {"held_by_stock": held or 0, "orders_shipped": len(orders), "partly_shipped": len(parts)}


def _queries(demo: DemoRun) -> list[tuple[str, str]]:
    """An order that waits for goods, or one that does not."""
    of_order = Reservation.subject_type == "Order"
    short = Reservation.state.in_((ReservationState.DRAFT, ReservationState.PARTIALLY_RESERVED))
    with demo.kernel.reading(demo.scope) as ctx:
        waiting = ctx.scalar(select(Reservation.subject_id).where(of_order, short).limit(1))
        newest = select(Reservation.subject_id).where(of_order).order_by(Reservation.id.desc()).limit(1)
        order = waiting or ctx.scalar(newest)
    if order is None:
        return []
    return [
        (
            "When could everything be delivered?",
            f"""query {{
  orderConfirmPreview(id: "{encode_id("Order", order)}") {{
    promise {{ date products {{ product {{ sku name }} quantity date schedule {{ quantity on }} }} }}
  }}
}}""",
        )
    ]


STEPS = (
    DemoStep(5, "opening a warehouse", _open),
    DemoStep(30, "goods come in", each_day=_receive),
    DemoStep(45, "the warehouse manager decides", each_day=_decide),
    DemoStep(50, "goods leave", each_day=_ship, finish=_finish, queries=_queries),
)
