"""What happened to orders: ids, amounts and times."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from huikuan.events import Event
from huikuan.money import Money
from huikuan_orders.snapshots import OrderKind, OrderStatus

__all__ = [
    "OrderAmended",
    "OrderCancelled",
    "OrderChanged",
    "OrderClosed",
    "OrderConfirmed",
    "OrderCreated",
    "OrderDone",
    "OrderExpired",
    "OrderHeld",
    "OrderQuoted",
    "OrderReleased",
    "OrderReopened",
    "OrderRevised",
]


class OrderCreated(Event, aggregate="order"):
    """An order was written: a draft, or an order of the past that is done already."""

    order_id: UUID
    customer_id: UUID
    kind: OrderKind
    status: OrderStatus
    total: Money
    ordered_on: date


class OrderChanged(Event, aggregate="order"):
    """A draft was changed."""

    order_id: UUID
    version: int
    total: Money


class OrderQuoted(Event, aggregate="order"):
    """A draft became an offer."""

    order_id: UUID
    customer_id: UUID
    total: Money
    valid_until: date | None


class OrderRevised(Event, aggregate="order"):
    """An offer went back to draft."""

    order_id: UUID


class OrderConfirmed(Event, aggregate="order"):
    """The customer agreed: the order is binding."""

    order_id: UUID
    customer_id: UUID
    bill_to_id: UUID
    total: Money
    confirmed_at: datetime


class OrderAmended(Event, aggregate="order"):
    """A confirmed order was changed by a change order."""

    order_id: UUID
    change_id: UUID
    before: Money
    total: Money


class OrderCancelled(Event, aggregate="order"):
    """An order was ended by somebody; ``was_binding`` tells whether it had been confirmed."""

    order_id: UUID
    customer_id: UUID
    total: Money
    was_binding: bool


class OrderExpired(Event, aggregate="order"):
    """An offer or draft ended because its validity ran out."""

    order_id: UUID
    valid_until: date


class OrderDone(Event, aggregate="order"):
    """Everything of an order is fulfilled."""

    order_id: UUID
    customer_id: UUID
    total: Money


class OrderClosed(Event, aggregate="order"):
    """What was not yet fulfilled of an order was given up."""

    order_id: UUID
    customer_id: UUID
    total: Money


class OrderReopened(Event, aggregate="order"):
    """A closed order was taken up again."""

    order_id: UUID
    customer_id: UUID
    total: Money


class OrderHeld(Event, aggregate="order"):
    """An order was stopped for a while."""

    order_id: UUID
    customer_id: UUID


class OrderReleased(Event, aggregate="order"):
    """A stopped order goes on."""

    order_id: UUID
    customer_id: UUID
