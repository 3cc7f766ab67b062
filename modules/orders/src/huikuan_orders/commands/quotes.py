"""From draft to offer and back, and the end of an offer's validity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.values import Id
from huikuan_orders.errors import EMPTY, QUOTE_EXPIRED
from huikuan_orders.events import OrderExpired, OrderQuoted, OrderRevised
from huikuan_orders.hookspecs import orders_before_quote
from huikuan_orders.lifecycle import locked, move, nothing_to_do, order_lock, pin
from huikuan_orders.models import Order, OrderLine
from huikuan_orders.snapshots import OrderStatus
from huikuan_orders.states import OrderAction, may
from huikuan_orders.views import snapshot

__all__ = ["expire_orders", "order_quote", "order_revise"]


@command(permission="orders.change", idempotency="natural")
def order_quote(ctx: Context, id: Id[Order]) -> Order:
    """Offer a draft to the customer, valid until its date, or as many days as the setting says."""
    order = locked(ctx, id)
    if nothing_to_do(ctx, order, OrderAction.QUOTE):
        return order
    if not ctx.exists(OrderLine, order_id=order.id):
        ctx.refuse(Refusal(EMPTY, "The order has no lines.", advice="Add lines first."))
    if order.valid_until is not None and order.valid_until < ctx.today:
        ctx.refuse(
            Refusal(
                QUOTE_EXPIRED,
                f"The validity ended on {order.valid_until}.",
                field="validUntil",
                advice="Set a later validUntil by orderChange.",
                valid_until=order.valid_until,
            )
        )
    before = snapshot(ctx, order)
    ctx.guard(ctx.vetoes(orders_before_quote, order=before), subject=order, pin=pin(before))
    days = int(ctx.setting("orders.quote_days"))
    if order.valid_until is None and days > 0:
        order.valid_until = ctx.today + timedelta(days=days)
    move(ctx, order, OrderAction.QUOTE)
    ctx.emit(
        OrderQuoted(
            order_id=order.id,
            customer_id=order.customer_id,
            total=order.total,
            valid_until=order.valid_until,
        )
    )
    return order


@command(permission="orders.change", idempotency="natural")
def order_revise(ctx: Context, id: Id[Order], reason: str | None = None) -> Order:
    """Take a quote, also an expired one, back to draft, so that it may change; its validity starts anew."""
    order = locked(ctx, id)
    if nothing_to_do(ctx, order, OrderAction.REVISE):
        return order
    order.valid_until = None
    move(ctx, order, OrderAction.REVISE, reason)
    ctx.emit(OrderRevised(order_id=order.id))
    return order


def expire_orders(ctx: Context, limit: int) -> Sequence[UUID]:
    """End drafts and quotes whose validity ran out before today, at most ``limit`` of them."""
    due = (
        select(Order.id)
        .where(Order.status.in_([OrderStatus.DRAFT, OrderStatus.QUOTED]), Order.valid_until < ctx.today)
        .order_by(Order.id)
        .limit(limit)
    )
    ids = ctx.scalars(due)
    ctx.lock([order_lock(id) for id in ids])
    ended = []
    for order in ctx.scalars(select(Order).where(Order.id.in_(ids)).order_by(Order.id)):
        valid_until = order.valid_until
        if valid_until is None or valid_until >= ctx.today or not may(OrderAction.EXPIRE, order.state):
            continue
        move(ctx, order, OrderAction.EXPIRE, "the validity ended")
        ctx.emit(OrderExpired(order_id=order.id, valid_until=valid_until))
        ended.append(order.id)
    return ended
