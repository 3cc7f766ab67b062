"""The event feed: what became of deliveries."""

from __future__ import annotations

from huikuan.commands import command
from huikuan.context import Context
from huikuan.core.errors import DELIVERY_ALIVE
from huikuan.core.models import Delivery, DeliveryState
from huikuan.errors import Refusal
from huikuan.values import Id

__all__ = ["delivery_replay"]


@command(permission="kernel.events", idempotency="natural")
def delivery_replay(ctx: Context, id: Id[Delivery]) -> Delivery:
    """Deliver an event to a subscriber again that had been given up, from its first attempt."""
    delivery = ctx.get(Delivery, id)
    if delivery.state is not DeliveryState.DEAD:
        ctx.refuse(Refusal(DELIVERY_ALIVE, f"This delivery is {delivery.state.name.lower()}, not given up."))
    delivery.state, delivery.attempts = DeliveryState.PENDING, 0
    delivery.next_at, delivery.error = ctx.now, None
    return delivery
