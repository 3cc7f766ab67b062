"""What every command on an order has in common: locks first, the table of states, the record of who did it."""

from __future__ import annotations

from uuid import UUID

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.errors import BadInput, Conflict, Refusal
from huikuan_orders.errors import WRONG_STATE
from huikuan_orders.hookspecs import orders_confirm_locks
from huikuan_orders.models import ORDER_RANK, Order, OrderTransition
from huikuan_orders.snapshots import OrderSnapshot, OrderStatus
from huikuan_orders.states import RULES, OrderAction, allowed, done, may
from huikuan_orders.views import next_version, snapshot

__all__ = [
    "checked_reason",
    "confirm_keys",
    "locked",
    "locked_with",
    "move",
    "nothing_to_do",
    "order_lock",
    "pin",
    "record",
    "require",
    "wrong_state",
]


def order_lock(order_id: UUID) -> LockKey:
    """The key that locks an order."""
    return LockKey(ORDER_RANK, Order, order_id)


def locked(ctx: Context, order_id: UUID) -> Order:
    """The order, locked and read after the lock."""
    ctx.lock([order_lock(order_id)])
    return ctx.get(Order, order_id)


def locked_with(ctx: Context, order_id: UUID, preview: OrderSnapshot | None = None) -> tuple[Order, OrderSnapshot]:
    """The order and whatever other modules' checks of it read, locked together.

    ``preview`` is the order as it would be, where that needs other rows than the order as it is.
    """
    before = snapshot(ctx, ctx.get(Order, order_id))
    keys = confirm_keys(ctx, before)
    if preview is not None:
        keys |= _keys(ctx, preview)
    ctx.lock(keys)
    order = ctx.get(Order, order_id)
    after = snapshot(ctx, order)
    # Whoever held the lock before may have changed the order so that it concerns rows we did not lock.
    if after.version != before.version and not confirm_keys(ctx, after) <= keys:
        raise Conflict("The order was changed by another command meanwhile; try again.", reason="CONCURRENT")
    return order, after


def confirm_keys(ctx: Context, order: OrderSnapshot) -> frozenset[LockKey]:
    """All that is locked by who decides about a stored order; asked once before the locks and once after them.

    What a key comes from is locked itself, so after the locks the answer for a version of the order stays.
    """
    return ctx.once(("orders.confirm_keys", order.id, order.version), lambda: _keys(ctx, order))


def _keys(ctx: Context, order: OrderSnapshot) -> frozenset[LockKey]:
    return frozenset({order_lock(order.id), *ctx.collect(orders_confirm_locks, order=order)})


def nothing_to_do(ctx: Context, order: Order, action: OrderAction) -> bool:
    """Whether the action was done before, so that a repeat is harmless; refuses what the table forbids."""
    if done(action, order.state):
        return True
    require(ctx, order, action)
    return False


def require(ctx: Context, order: Order, action: OrderAction) -> None:
    """Refuse what the table of states does not allow."""
    if not may(action, order.state):
        ctx.refuse(wrong_state(order, action))


def checked_reason(reason: str) -> str:
    """A reason that says something."""
    if not reason.strip():
        raise BadInput("Say why.", field="reason")
    return reason.strip()


def wrong_state(order: Order, action: OrderAction) -> Refusal:
    """The refusal of an action that the table does not allow."""
    hindrance = "closed" if order.state.closed else "on hold" if order.state.held else order.status.name
    return Refusal(
        WRONG_STATE,
        f"{_name(order)} is {hindrance}: {action.name.lower()} is not possible.",
        advice=_advice(order),
        status=order.status.name,
        held=order.state.held,
        closed=order.state.closed,
        allowed=[found.name for found in allowed(order.state)],
    )


def _advice(order: Order) -> str:
    names = ", ".join(found.name.lower() for found in allowed(order.state))
    return f"Possible are: {names}." if names else "Nothing more can be done to it; copy it to a new order."


def _name(order: Order) -> str:
    return f"Order {order.number}" if order.number else "The order"


def move(ctx: Context, order: Order, action: OrderAction, reason: str | None = None) -> None:
    """Carry out a transition of the table: status, version and the record of it."""
    source = order.status
    order.status = RULES[action].target or source
    next_version(ctx, order)
    record(ctx, order, action, source=source, reason=reason)


def record(
    ctx: Context, order: Order, action: OrderAction, *, source: OrderStatus | None = None, reason: str | None = None
) -> None:
    """Keep who did what, when and why."""
    ctx.add(
        OrderTransition(
            order_id=order.id,
            version=order.version,
            action=action,
            source=source,
            target=order.status,
            at=ctx.now,
            actor_id=ctx.actor.id,
            actor_name=ctx.actor.name,
            reason=reason,
        )
    )


def pin(order: OrderSnapshot) -> tuple[int, str]:
    """What an approval is about: this version of the order and this total."""
    return order.version, str(order.total)
