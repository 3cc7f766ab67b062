"""GraphQL types of the small module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from huikuan.context import Context
from huikuan.graphql import batch, column, connection, node, output, to_any, to_many, to_one
from huikuan.money import Money
from huikuan.values import Id, Ref
from kernel.tests.graphql.shop import models
from kernel.tests.graphql.shop.models import OrderStatus

CALLS: list[tuple[str, int]] = []


@node(models.Customer, keys=("code",), permission="shop.read")
class Customer:
    """Who buys."""

    code: str = column("Its own key.")
    name: str
    limit: Money | None
    orders: Any = connection(models.Order, "customer_id", "What it ordered.")


@node(models.Line, permission="shop.read", root=False)
class LineType:
    """A line of an order."""

    position: int
    sku: str
    quantity: Decimal
    order: Order = to_one("order_id", "The order it belongs to.")


@node(models.Shipment, permission="shop.ship")
class Shipment:
    """Goods sent."""

    number: str
    weight: int | None


@output
class Progress:
    """How far an order is."""

    percent: Annotated[int, "Of its lines."]
    shipped: Money
    customer: Ref[Customer] | None
    order_id: Id[Order]
    steps: list[Step]


@output
@dataclass(frozen=True)
class Step:
    """One step."""

    name: str
    customer: Ref[Customer]


@node(models.Order, keys=("number", "reference"), permission="shop.read")
class Order:
    """A sales order."""

    number: str
    reference: str | None
    status: OrderStatus
    total: Money
    net: Decimal = column("Without currency.", attribute="total")
    ordered_on: date | None
    urgent: bool
    extra: dict[str, Any] | None
    secret: str = column("Only for some.", permission="shop.secret")
    customer: Customer = to_one("customer_id", "Who buys.")
    lines: list[LineType] = to_many("order_id", "The lines.", order_by="position")
    shipments: Any = connection(Shipment, "order_id", "What was sent.")

    @batch(requires=["id", "total", "currency", "customer_id"])
    @staticmethod
    def progress(ctx: Context, orders: Sequence[Any], percent: int = 50) -> list[Progress]:
        """How far each is."""
        CALLS.append(("progress", len(orders)))
        return [
            Progress(
                percent=percent,
                shipped=Money(row.total, row.currency),
                customer=Ref(row.customer_id),
                order_id=row.id,
                steps=[Step("packed", Ref(row.customer_id))],
            )
            for row in orders
        ]

    @batch()
    @staticmethod
    def broken(ctx: Context, orders: Sequence[Any]) -> list[int | None]:
        """Fails for everybody."""
        raise RuntimeError("secret place /etc/passwd")

    @batch()
    @staticmethod
    def note(ctx: Context, orders: Sequence[Any]) -> dict[UUID, str]:
        """For the first one only."""
        return {orders[0].id: "first"}


@node(models.Note, permission="shop.read", order_by=("text",))
class Note:
    """A remark about anything."""

    text: str
    subject_id: Id[Order] = column("As an order's id, whatever it is.")
    subject: Any = to_any("subject_type", "subject_id", "What it is about.")
