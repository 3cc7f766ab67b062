"""Stopping an order for a while."""

from __future__ import annotations

from huikuan.commands import command
from huikuan.context import Context
from huikuan.values import Id
from huikuan_orders.events import OrderHeld, OrderReleased
from huikuan_orders.lifecycle import checked_reason, locked, move, nothing_to_do
from huikuan_orders.models import Order
from huikuan_orders.states import OrderAction

__all__ = ["order_hold", "order_unhold"]


@command(permission="orders.hold", idempotency="natural")
def order_hold(ctx: Context, id: Id[Order], reason: str) -> Order:
    """Put an order on hold: until it is let go on, it is neither quoted, confirmed, amended nor completed."""
    order = locked(ctx, id)
    if nothing_to_do(ctx, order, OrderAction.HOLD):
        return order
    order.held_at, order.hold_reason = ctx.now, checked_reason(reason)
    move(ctx, order, OrderAction.HOLD, reason)
    ctx.emit(OrderHeld(order_id=order.id, customer_id=order.customer_id))
    return order


@command(permission="orders.hold", idempotency="natural")
def order_unhold(ctx: Context, id: Id[Order], reason: str | None = None) -> Order:
    """Let an order on hold go on."""
    order = locked(ctx, id)
    if nothing_to_do(ctx, order, OrderAction.UNHOLD):
        return order
    order.held_at = order.hold_reason = None
    move(ctx, order, OrderAction.UNHOLD, reason)
    ctx.emit(OrderReleased(order_id=order.id, customer_id=order.customer_id))
    return order
