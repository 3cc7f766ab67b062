"""Confirming an order and ending it: everything that binds or frees other modules' rows."""

from __future__ import annotations

from uuid import UUID

from huikuan.commands import command
from huikuan.context import Context
from huikuan.values import Id
from huikuan_orders.events import OrderCancelled, OrderClosed, OrderConfirmed, OrderDone, OrderReopened
from huikuan_orders.hookspecs import (
    orders_after_cancel,
    orders_after_close,
    orders_after_confirm,
    orders_after_reopen,
    orders_before_cancel,
    orders_before_confirm,
)
from huikuan_orders.lifecycle import checked_reason, locked_with, move, nothing_to_do, pin
from huikuan_orders.models import Order
from huikuan_orders.snapshots import OrderStatus
from huikuan_orders.states import OrderAction
from huikuan_orders.views import snapshot

__all__ = ["order_cancel", "order_close", "order_complete", "order_confirm", "order_reopen"]


@command(permission="orders.confirm", idempotency="natural")
def order_confirm(ctx: Context, id: Id[Order]) -> Order:
    """Confirm an order: every check of every module is asked, and all reasons against it come back.

    A reason that may be approved places a hold; releasing it confirms. Confirming again changes nothing.
    """
    order, before = locked_with(ctx, id)
    if nothing_to_do(ctx, order, OrderAction.CONFIRM):
        return order
    ctx.guard(ctx.vetoes(orders_before_confirm, order=before), subject=order, pin=pin(before))
    order.confirmed_at = ctx.now
    order.original_total = order.total
    move(ctx, order, OrderAction.CONFIRM)
    ctx.react(orders_after_confirm, order=snapshot(ctx, order))
    ctx.emit(
        OrderConfirmed(
            order_id=order.id,
            customer_id=order.customer_id,
            bill_to_id=order.bill_to_id,
            total=order.total,
            confirmed_at=ctx.now,
        )
    )
    return order


@command(permission="orders.cancel", idempotency="natural")
def order_cancel(ctx: Context, id: Id[Order], reason: str) -> Order:
    """End an order. What was shipped or invoiced stands in the way; close such an order instead."""
    order, before = locked_with(ctx, id)
    if nothing_to_do(ctx, order, OrderAction.CANCEL):
        return order
    reason = checked_reason(reason)
    ctx.guard(ctx.vetoes(orders_before_cancel, order=before), subject=order, pin=pin(before))
    binding = before.status is OrderStatus.CONFIRMED
    order.held_at = order.hold_reason = None
    move(ctx, order, OrderAction.CANCEL, reason)
    if binding:
        ctx.react(orders_after_cancel, order=before)
    ctx.emit(OrderCancelled(order_id=order.id, customer_id=order.customer_id, total=order.total, was_binding=binding))
    return order


@command(permission="orders.close", idempotency="natural")
def order_close(ctx: Context, id: Id[Order], reason: str) -> Order:
    """Give up what is not yet fulfilled of a confirmed order; it may be reopened."""
    order, _ = locked_with(ctx, id)
    if nothing_to_do(ctx, order, OrderAction.CLOSE):
        return order
    order.closed_at, order.close_reason = ctx.now, checked_reason(reason)
    move(ctx, order, OrderAction.CLOSE, reason)
    ctx.react(orders_after_close, order=snapshot(ctx, order))
    ctx.emit(OrderClosed(order_id=order.id, customer_id=order.customer_id, total=order.total))
    return order


@command(permission="orders.close", idempotency="natural")
def order_reopen(ctx: Context, id: Id[Order], reason: str | None = None) -> Order:
    """Take a closed order up again: every check of a confirmation is asked anew, credit included."""
    order, before = locked_with(ctx, id)
    if nothing_to_do(ctx, order, OrderAction.REOPEN):
        return order
    ctx.guard(ctx.vetoes(orders_before_confirm, order=before), subject=order, pin=pin(before))
    order.closed_at = order.close_reason = None
    move(ctx, order, OrderAction.REOPEN, reason)
    ctx.react(orders_after_reopen, order=snapshot(ctx, order))
    ctx.emit(OrderReopened(order_id=order.id, customer_id=order.customer_id, total=order.total))
    return order


@command(permission="orders.close", idempotency="natural", exposed=False)
def order_complete(ctx: Context, id: UUID) -> Order:
    """Mark a confirmed order as done; whoever fulfils its last line calls this."""
    order, _ = locked_with(ctx, id)
    if nothing_to_do(ctx, order, OrderAction.COMPLETE):
        return order
    move(ctx, order, OrderAction.COMPLETE)
    ctx.react(orders_after_close, order=snapshot(ctx, order))
    ctx.emit(OrderDone(order_id=order.id, customer_id=order.customer_id, total=order.total))
    return order
