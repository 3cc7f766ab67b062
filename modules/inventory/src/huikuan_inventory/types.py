"""GraphQL types of inventory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import select

from huikuan.context import Context
from huikuan.graphql import batch, column, node, output, to_many, to_one
from huikuan.money import Money
from huikuan.values import Ref
from huikuan_inventory import models
from huikuan_inventory.delivering import Delivery, last_day
from huikuan_inventory.queries import figures, schedules
from huikuan_inventory.snapshots import (
    DemandKind,
    DemandState,
    MoveKind,
    Promise,
    Remainder,
    ReservationMethod,
    ReservationState,
    ShipmentState,
    SupplyState,
)
from huikuan_inventory.states import open_of, short_of
from huikuan_products.types import Product

__all__ = [
    "DeliveryPromise",
    "Demand",
    "ProductDelivery",
    "Reservation",
    "Shipment",
    "ShipmentLine",
    "StockItem",
    "StockMove",
    "StockPromise",
    "Supply",
    "Warehouse",
    "as_delivery",
    "as_promises",
]

ZERO = Decimal(0)
Day = date
"""For outputs that have a field of that name."""
QUANTITIES = ("ordered", "reserved", "shipped", "cancelled")


@output
@dataclass(frozen=True)
class StockPromise:
    """So much by that day."""

    quantity: Annotated[Decimal, "In the product's unit."]
    on: Annotated[date | None, "The day; null: no goods are in sight."]


@output
@dataclass(frozen=True)
class ProductDelivery:
    """When a product could be delivered."""

    product: Annotated[Ref[Product], "The product."]
    quantity: Annotated[Decimal, "How much is still to be delivered, in its unit."]
    date: Annotated[Day | None, "The day on which all of it could be there; null: goods for it are not in sight."]
    schedule: Annotated[list[StockPromise], "So much by which day."]


@output
@dataclass(frozen=True)
class DeliveryPromise:
    """When an order could be delivered."""

    date: Annotated[Day | None, "The day on which everything could be there; null: not all goods are in sight."]
    products: Annotated[list[ProductDelivery], "The same by product."]


@node(models.Warehouse, keys=("code",), permission="inventory.read")
class Warehouse:
    """A place where goods are kept."""

    code: str
    name: str = column("What it is called.")
    active: bool
    main: bool
    method: ReservationMethod = column("When it reserves.")
    backorders: bool


@node(models.StockItem, permission="inventory.read")
class StockItem:
    """The balance of a product in a warehouse."""

    warehouse: Warehouse = to_one("warehouse_id", "Where.")
    product: Product = to_one("product_id", "What.")
    on_hand: Decimal
    reserved: Decimal
    threshold: Decimal | None

    @batch(requires=["on_hand", "reserved"])
    def available(ctx: Context, items: Any) -> list[Decimal]:
        """What is here and belongs to nobody."""
        return [item.on_hand - item.reserved for item in items]

    @batch(requires=["id"])
    def incoming(ctx: Context, items: Any) -> list[Decimal]:
        """What is expected."""
        found = figures(ctx, [item.id for item in items])
        return [found[item.id].incoming for item in items]

    @batch(requires=["id"])
    def outgoing(ctx: Context, items: Any) -> list[Decimal]:
        """What is ordered and has not left, reserved or not."""
        found = figures(ctx, [item.id for item in items])
        return [found[item.id].outgoing for item in items]

    @batch(requires=["id", "on_hand"])
    def forecast(ctx: Context, items: Any) -> list[Decimal]:
        """What will be here when all that is expected has come and all that is ordered has left."""
        found = figures(ctx, [item.id for item in items])
        return [item.on_hand + found[item.id].incoming - found[item.id].outgoing for item in items]


@node(models.StockMove, permission="inventory.read")
class StockMove:
    """A line of the ledger; it never changes."""

    item: StockItem = to_one("item_id", "Which balance.")
    sequence: int
    kind: MoveKind = column("Why it moved.")
    quantity: Decimal
    balance: Decimal
    reference: str | None
    reason: str | None = column("Why, in words.")
    at: datetime = column("When.")


@node(models.Reservation, keys=("reference",), permission="inventory.read")
class Reservation:
    """What one line of an order, or one entry by hand, wants from a warehouse."""

    reference: str | None
    item: StockItem = to_one("item_id", "The balance it takes from.")
    warehouse: Warehouse = to_one("warehouse_id", "Where.")
    product: Product = to_one("product_id", "What.")
    ordered: Decimal = column("All that is wanted.")
    reserved: Decimal = column("What of it lies ready.")
    shipped: Decimal = column("What of it has left.")
    returned: Decimal
    cancelled: Decimal
    state: ReservationState
    remainder: Remainder
    priority: int
    promised_on: date | None
    since: datetime
    expires_at: datetime | None
    value: Money | None = column("What all that is ordered comes to, tax included.")

    @batch(requires=QUANTITIES)
    def open(ctx: Context, rows: Any) -> list[Decimal]:
        """What is still to be shipped."""
        return [open_of(row) for row in rows]

    @batch(requires=QUANTITIES)
    def short(ctx: Context, rows: Any) -> list[Decimal]:
        """What is still to be shipped and not reserved."""
        return [short_of(row) for row in rows]

    @batch(requires=["id"])
    def schedule(ctx: Context, rows: Any) -> list[list[StockPromise]]:
        """When the open quantity can be there, as things stand now."""
        ids = [row.id for row in rows]
        stored = ctx.scalars(select(models.Reservation).where(models.Reservation.id.in_(ids)))
        found = schedules(ctx, stored)
        return [as_promises(found.get(id, [])) for id in ids]


@node(models.Shipment, keys=("number",), permission="inventory.read")
class Shipment:
    """Goods that leave together."""

    number: str | None
    warehouse: Warehouse = to_one("warehouse_id", "From where.")
    state: ShipmentState = column("Where it stands.")
    planned_on: date | None
    tracking: str | None
    shipped_at: datetime | None = column("When it left.")
    cancelled_at: datetime | None = column("When it was given up.")
    cancel_reason: str | None = column("Why it was given up.")
    lines: list[ShipmentLine] = to_many("shipment_id", "What it holds.", order_by="position")


@node(models.ShipmentLine, permission="inventory.read", root=False)
class ShipmentLine:
    """One line of a shipment."""

    position: int = column("1, 2, … within the shipment.")
    shipment: Shipment = to_one("shipment_id", "The shipment.")
    reservation: Reservation = to_one("reservation_id", "Whose goods these are.")
    product: Product = to_one("product_id", "What.")
    quantity: Decimal = column("In the product's unit.")
    returned: Decimal


@node(models.Supply, keys=("reference",), permission="inventory.read", plural="supplies")
class Supply:
    """Goods that are expected."""

    reference: str
    warehouse: Warehouse = to_one("warehouse_id", "Where they come in.")
    product: Product = to_one("product_id", "What.")
    quantity: Decimal
    received: Decimal
    eta: date
    state: SupplyState = column("Where they stand.")


@node(models.Demand, permission="inventory.read")
class Demand:
    """Something handed over to production or logistics, and their answer."""

    kind: DemandKind = column("Who it is for.")
    state: DemandState = column("What became of it.")
    reservation: Reservation | None = to_one("reservation_id", "What is short.")
    shipment: Shipment | None = to_one("shipment_id", "What is to be carried.")
    product: Product | None = to_one("product_id", "What is to be made or bought.")
    supply: Supply | None = to_one("supply_id", "The goods it was answered with.")
    quantity: Decimal = column("In the product's unit.")
    needed_on: date | None
    pulled_at: datetime | None = column("When somebody took it.")
    pulled_by: str | None
    answered_at: datetime | None = column("When it was answered.")
    eta: date | None = column("When they say it will be there.")
    reason: str | None = column("Why it was refused.")


def as_delivery(found: Delivery) -> DeliveryPromise:
    """A delivery as GraphQL shows it."""
    products = [
        ProductDelivery(Ref(id), sum((part.quantity for part in parts), ZERO), last_day(parts), as_promises(parts))
        for id, parts in found.products.items()
    ]
    return DeliveryPromise(found.on, products)


def as_promises(parts: Sequence[Promise]) -> list[StockPromise]:
    """Promises as GraphQL shows them."""
    return [StockPromise(part.quantity, part.on) for part in parts]
