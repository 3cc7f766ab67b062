"""Tables of orders."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import String

from huikuan.db import (
    Json,
    Mapped,
    TenantModel,
    UtcDateTime,
    amount,
    currency_code,
    index,
    mapped_column,
    money,
    pii,
    state,
    tenant_fk,
    unique,
)
from huikuan.db import quantity as units  # a column is named quantity
from huikuan.money import Money
from huikuan.tax import TaxRounding
from huikuan_orders.snapshots import OrderKind, OrderStatus
from huikuan_orders.states import OrderAction, State

__all__ = [
    "ORDER_RANK",
    "Order",
    "OrderChange",
    "OrderChangeKind",
    "OrderChangeLine",
    "OrderInterval",
    "OrderLine",
    "OrderTemplate",
    "OrderTemplateLine",
    "OrderTransition",
]

ORDER_RANK = 20
"""Orders are locked after credit rows and before stock rows."""

ZERO = Decimal(0)


class Order(TenantModel):
    """A sales order or quote, or a return."""

    number: Mapped[str | None] = mapped_column(String(40), doc="Given just before the creation commits")
    kind: Mapped[OrderKind] = state(OrderKind, default=OrderKind.SALE)
    status: Mapped[OrderStatus] = state(OrderStatus, default=OrderStatus.DRAFT)
    reference: Mapped[str | None] = mapped_column(String(200), doc="The caller's own unique key")
    content_hash: Mapped[str | None] = mapped_column(String(64), doc="Of the input sent with the reference")
    customer_id: Mapped[UUID] = tenant_fk("customers_customer", doc="Who buys")
    bill_to_id: Mapped[UUID] = tenant_fk("customers_customer", doc="Who gets the invoice")
    ship_to_id: Mapped[UUID] = tenant_fk("customers_customer", doc="Who gets the goods")
    payer_id: Mapped[UUID] = tenant_fk("customers_customer", doc="Who pays")
    origin_id: Mapped[UUID | None] = tenant_fk("orders_order", nullable=True, doc="The order it returns or repeats")
    template_id: Mapped[UUID | None] = tenant_fk("orders_order_template", nullable=True)
    currency: Mapped[str] = currency_code()
    tax_rounding: Mapped[TaxRounding] = state(TaxRounding, "Frozen: invoices of this order round alike")
    ordered_on: Mapped[date]
    promised_on: Mapped[date | None]
    valid_until: Mapped[date | None] = mapped_column(doc="Last day of the quote's validity")
    payment_terms: Mapped[str | None] = mapped_column(String(64), doc="Code of the terms")
    terms: Mapped[Any | None] = mapped_column(Json, doc="The terms themselves, as they were agreed")
    notes: Mapped[str] = mapped_column(default="")
    net: Mapped[Money] = money("Without tax")
    tax: Mapped[Money] = money("Tax")
    total: Mapped[Money] = money("Tax included; equal to the sum of the lines")
    original_total: Mapped[Money | None] = money("The total as it was confirmed; changes come on top")
    version: Mapped[int] = mapped_column(default=1, doc="Grows by one with every change")
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hold_reason: Mapped[str | None]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    close_reason: Mapped[str | None]
    if TYPE_CHECKING:  # the columns that money() makes
        net_amount: Mapped[Decimal]
        tax_amount: Mapped[Decimal]
        total_amount: Mapped[Decimal]
        original_total_amount: Mapped[Decimal | None]
    __table_args__ = (
        unique("number"),
        unique("reference"),
        index("status", "id"),
        index("ordered_on", "id"),
        index("status", "valid_until"),
    )

    @property
    def state(self) -> State:
        """What the table of states looks at."""
        return State(self.status, held=self.held_at is not None, closed=self.closed_at is not None)


class OrderLine(TenantModel):
    """One line; amounts are in the order's currency, frozen with code, percent and mode of the tax."""

    order_id: Mapped[UUID] = tenant_fk("orders_order", index=False, ondelete="CASCADE")
    position: Mapped[int]
    product_id: Mapped[UUID | None] = tenant_fk("products_product", nullable=True, doc="None: a line of free text")
    sku: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str]
    currency: Mapped[str] = currency_code()
    quantity: Mapped[Decimal] = units("In the product's unit; negative on returns and deductions")
    unit_price: Mapped[Decimal] = units("Before discount; tax included or not as tax_included says")
    list_price: Mapped[Decimal | None] = units("The list price when the line was written")
    discount_percent: Mapped[Decimal] = units(default=ZERO)
    tax_code: Mapped[str | None] = mapped_column(String(40))
    tax_percent: Mapped[Decimal] = units(default=ZERO)
    tax_included: Mapped[bool] = mapped_column(default=False, doc="Whether the unit price includes the tax")
    net: Mapped[Decimal] = amount()
    tax: Mapped[Decimal] = amount()
    gross: Mapped[Decimal] = amount()
    promised_on: Mapped[date | None]
    original_quantity: Mapped[Decimal | None] = units("As confirmed; 0 for lines added since")
    original_gross: Mapped[Decimal | None] = amount("As confirmed; 0 for lines added since")
    __table_args__ = (unique("order_id", "position"),)


class OrderTransition(TenantModel):
    """Who did what to an order, when and why."""

    order_id: Mapped[UUID] = tenant_fk("orders_order", index=False, ondelete="CASCADE")
    version: Mapped[int] = mapped_column(doc="The order's version after it")
    action: Mapped[OrderAction] = state(OrderAction)
    source: Mapped[OrderStatus | None] = state(OrderStatus, nullable=True)
    target: Mapped[OrderStatus] = state(OrderStatus)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[UUID]
    actor_name: Mapped[str] = pii(mapped_column())
    reason: Mapped[str | None]
    __table_args__ = (unique("order_id", "version"),)


class OrderChange(TenantModel):
    """A change order: the order's totals are those confirmed plus all its changes."""

    order_id: Mapped[UUID] = tenant_fk("orders_order", index=False, ondelete="CASCADE")
    sequence: Mapped[int] = mapped_column(doc="1, 2, … within the order")
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[UUID]
    actor_name: Mapped[str] = pii(mapped_column())
    version: Mapped[int] = mapped_column(doc="The order's version after it")
    net: Mapped[Money] = money("By how much the net total changed")
    tax: Mapped[Money] = money("By how much the tax changed")
    total: Mapped[Money] = money("By how much the total changed")
    if TYPE_CHECKING:
        total_amount: Mapped[Decimal]
    __table_args__ = (unique("order_id", "sequence"),)


class OrderChangeKind(Enum):
    """What a change order did to a line."""

    ADDED = "a new line"
    CHANGED = "another quantity, price or date"
    REMOVED = "given up; the line stays with quantity 0"


class OrderChangeLine(TenantModel):
    """One line of a change order, before and after."""

    change_id: Mapped[UUID] = tenant_fk("orders_order_change", ondelete="CASCADE")
    line_id: Mapped[UUID] = tenant_fk("orders_order_line", ondelete="CASCADE")
    kind: Mapped[OrderChangeKind] = state(OrderChangeKind)
    currency: Mapped[str] = currency_code()
    quantity_before: Mapped[Decimal] = units()
    quantity_after: Mapped[Decimal] = units()
    unit_price_before: Mapped[Decimal] = units()
    unit_price_after: Mapped[Decimal] = units()
    gross_before: Mapped[Decimal] = amount()
    gross_after: Mapped[Decimal] = amount()


class OrderInterval(Enum):
    """The unit of a template's rhythm."""

    DAY = "every n days"
    WEEK = "every n weeks"
    MONTH = "every n months, on the day of the first one or the month's last"


class OrderTemplate(TenantModel):
    """An order that is written again and again."""

    name: Mapped[str] = mapped_column(String(200))
    customer_id: Mapped[UUID] = tenant_fk("customers_customer")
    currency: Mapped[str] = currency_code()
    interval: Mapped[OrderInterval] = state(OrderInterval)
    every: Mapped[int] = mapped_column(default=1)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None] = mapped_column(doc="Last day on which it may run")
    runs: Mapped[int] = mapped_column(default=0, doc="How many dates have passed")
    next_on: Mapped[date | None] = mapped_column(doc="None when it has ended")
    confirm: Mapped[bool] = mapped_column(default=False, doc="Whether its orders are confirmed at once")
    notes: Mapped[str] = mapped_column(default="")
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(doc="Why the last date made no order, or no confirmed one")
    __table_args__ = (unique("name"), index("next_on"))


class OrderTemplateLine(TenantModel):
    """One line of a template; prices that are not given are asked anew each time."""

    template_id: Mapped[UUID] = tenant_fk("orders_order_template", index=False, ondelete="CASCADE")
    position: Mapped[int]
    sku: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str | None]
    quantity: Mapped[Decimal] = units()
    unit_price: Mapped[Decimal | None] = units()
    discount_percent: Mapped[Decimal | None] = units()
    __table_args__ = (unique("template_id", "position"),)
