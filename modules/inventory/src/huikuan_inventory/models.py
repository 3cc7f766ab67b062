"""Tables of inventory. Quantities are in the product's unit, six digits."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, String

from huikuan.db import (
    Mapped,
    TenantModel,
    UtcDateTime,
    index,
    mapped_column,
    money,
    tenant_fk,
    unique,
)
from huikuan.db import quantity as units  # a column is named quantity
from huikuan.db import state as one_of  # a column is named state
from huikuan.money import Money
from huikuan_inventory.snapshots import (
    DemandKind,
    DemandState,
    MoveKind,
    Remainder,
    ReservationMethod,
    ReservationState,
    ShipmentState,
    SupplyState,
)

__all__ = [
    "MANUAL",
    "STOCK_RANK",
    "Demand",
    "Reservation",
    "Shipment",
    "ShipmentLine",
    "StockItem",
    "StockMove",
    "Supply",
    "Warehouse",
]

STOCK_RANK = 30
"""Stock is locked after orders and before invoices. Whoever holds an item's lock holds all that hangs on it."""

MANUAL = "Manual"
"""Subject type of reservations made by hand."""

ZERO = Decimal(0)


class Warehouse(TenantModel):
    """A place where goods are kept."""

    code: Mapped[str] = mapped_column(String(40), doc="Short name, unique in the tenant")
    name: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True, doc="Whether goods may come in and be reserved")
    main: Mapped[bool] = mapped_column(default=False, doc="Whether orders are served from it; one at most is")
    method: Mapped[ReservationMethod] = one_of(ReservationMethod, default=ReservationMethod.CONFIRM)
    backorders: Mapped[bool] = mapped_column(default=True, doc="Whether what is short may wait for goods")
    __table_args__ = (unique("code"), unique("main", where="main"))


class StockItem(TenantModel):
    """The balance of a product in a warehouse. What is here and not reserved is available."""

    warehouse_id: Mapped[UUID] = tenant_fk("inventory_warehouse", index=False)
    product_id: Mapped[UUID] = tenant_fk("products_product")
    on_hand: Mapped[Decimal] = units("What is here: the sum of its moves", default=ZERO)
    reserved: Mapped[Decimal] = units("What of it belongs to reservations: their sum", default=ZERO)
    moves: Mapped[int] = mapped_column(default=0, doc="How many moves it has")
    threshold: Mapped[Decimal | None] = units("Warn when less than this is available")
    __table_args__ = (
        unique("warehouse_id", "product_id"),
        CheckConstraint("on_hand >= 0", name="on_hand"),
        CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="reserved"),
    )


class StockMove(TenantModel):
    """A line of the ledger: rows are only ever added, a mistake is corrected by another move."""

    item_id: Mapped[UUID] = tenant_fk("inventory_stock_item", index=False)
    sequence: Mapped[int] = mapped_column(doc="1, 2, … within the item")
    kind: Mapped[MoveKind] = one_of(MoveKind)
    quantity: Mapped[Decimal] = units("Negative for what left")
    balance: Mapped[Decimal] = units("What was here afterwards")
    reference: Mapped[str | None] = mapped_column(String(200), doc="Delivery note, shipment, count sheet")
    reason: Mapped[str | None] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[UUID]
    __table_args__ = (unique("item_id", "sequence"), index("at"), {"info": {"append_only": True}})

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class Reservation(TenantModel):
    """What one line of an order, or one entry by hand, wants from a warehouse."""

    subject_type: Mapped[str] = mapped_column(String(40), doc="Order, or Manual")
    subject_id: Mapped[UUID] = mapped_column(doc="The order; the reservation itself if made by hand")
    line_id: Mapped[UUID] = mapped_column(doc="The line of the order")
    item_id: Mapped[UUID] = tenant_fk("inventory_stock_item", index=False)
    warehouse_id: Mapped[UUID] = tenant_fk("inventory_warehouse")
    product_id: Mapped[UUID] = tenant_fk("products_product")
    reference: Mapped[str | None] = mapped_column(String(200), doc="The caller's own unique key, if made by hand")
    ordered: Mapped[Decimal] = units()
    reserved: Mapped[Decimal] = units(default=ZERO)
    shipped: Mapped[Decimal] = units(default=ZERO)
    returned: Mapped[Decimal] = units("What of the shipped came back", default=ZERO)
    cancelled: Mapped[Decimal] = units("What was given up", default=ZERO)
    state: Mapped[ReservationState] = one_of(ReservationState, "Told by the quantities")
    remainder: Mapped[Remainder] = one_of(Remainder, "What becomes of the rest after a partial shipment")
    priority: Mapped[int] = mapped_column(default=0, doc="Higher ones get scarce goods first")
    promised_on: Mapped[date | None] = mapped_column(doc="The day that the customer was told")
    since: Mapped[datetime] = mapped_column(UtcDateTime, doc="When it was made")
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When it is freed by itself")
    value: Mapped[Money | None] = money("What all that is ordered comes to, tax included")
    if TYPE_CHECKING:  # the columns that money() makes
        value_amount: Mapped[Decimal | None]
        value_currency: Mapped[str | None]
    __table_args__ = (
        unique("subject_type", "line_id"),
        unique("reference"),
        index("item_id", "state"),
        index("subject_type", "subject_id"),
        index("expires_at"),
        CheckConstraint(
            "reserved >= 0 AND shipped >= 0 AND cancelled >= 0 AND reserved + shipped + cancelled <= ordered",
            name="quantities",
        ),
        CheckConstraint("returned >= 0 AND returned <= shipped", name="returned"),
    )


class Shipment(TenantModel):
    """Goods that leave together, for one order."""

    number: Mapped[str | None] = mapped_column(String(40), doc="Given just before it is written")
    warehouse_id: Mapped[UUID] = tenant_fk("inventory_warehouse")
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    state: Mapped[ShipmentState] = one_of(ShipmentState, default=ShipmentState.PLANNED)
    planned_on: Mapped[date | None] = mapped_column(doc="When it is to leave")
    tracking: Mapped[str | None] = mapped_column(String(200), doc="The carrier's number")
    shipped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str | None] = mapped_column(String(500))
    __table_args__ = (unique("number"), index("subject_type", "subject_id"), index("state", "id"))


class ShipmentLine(TenantModel):
    """One line of a shipment; its quantity never changes."""

    shipment_id: Mapped[UUID] = tenant_fk("inventory_shipment", index=False)
    position: Mapped[int]
    reservation_id: Mapped[UUID] = tenant_fk("inventory_reservation")
    product_id: Mapped[UUID] = tenant_fk("products_product")
    quantity: Mapped[Decimal] = units()
    returned: Mapped[Decimal] = units("What of it came back", default=ZERO)
    __table_args__ = (
        unique("shipment_id", "position"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("returned >= 0 AND returned <= quantity", name="returned"),
    )


class Supply(TenantModel):
    """Goods that are expected: what promises beyond the stock rest on."""

    item_id: Mapped[UUID] = tenant_fk("inventory_stock_item", index=False)
    warehouse_id: Mapped[UUID] = tenant_fk("inventory_warehouse")
    product_id: Mapped[UUID] = tenant_fk("products_product")
    reference: Mapped[str] = mapped_column(String(200), doc="Purchase or production order, unique in the tenant")
    quantity: Mapped[Decimal] = units("All that was announced")
    received: Mapped[Decimal] = units("What of it came", default=ZERO)
    eta: Mapped[date] = mapped_column(doc="When the rest comes")
    state: Mapped[SupplyState] = one_of(SupplyState, default=SupplyState.EXPECTED)
    __table_args__ = (
        unique("reference"),
        index("item_id", "state"),
        CheckConstraint("quantity > 0 AND received >= 0 AND received <= quantity", name="received"),
    )


class Demand(TenantModel):
    """Something handed over to production or logistics, and their answer."""

    kind: Mapped[DemandKind] = one_of(DemandKind)
    state: Mapped[DemandState] = one_of(DemandState, default=DemandState.PENDING)
    reservation_id: Mapped[UUID | None] = tenant_fk("inventory_reservation", nullable=True, doc="What is short")
    shipment_id: Mapped[UUID | None] = tenant_fk("inventory_shipment", nullable=True, doc="What is to be carried")
    product_id: Mapped[UUID | None] = tenant_fk("products_product", nullable=True)
    supply_id: Mapped[UUID | None] = tenant_fk("inventory_supply", nullable=True, doc="The goods it was answered with")
    quantity: Mapped[Decimal] = units()
    needed_on: Mapped[date | None] = mapped_column(doc="When it is needed")
    pulled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pulled_by: Mapped[str | None] = mapped_column(String(200), doc="The name that the puller gave")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    eta: Mapped[date | None]
    reason: Mapped[str | None] = mapped_column(String(500))
    __table_args__ = (index("kind", "state", "id"), CheckConstraint("quantity > 0", name="quantity"))
