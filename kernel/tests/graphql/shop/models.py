"""Tables of a small module, apart from everybody else's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData

from huikuan.db import (
    Json,
    Mapped,
    TenantModel,
    amount,
    currency_code,
    mapped_column,
    money,
    quantity,
    state,
    tenant_fk,
    unique,
)
from huikuan.db.base import NAMING
from huikuan.money import Money


class OrderStatus(Enum):
    """Where an order stands."""

    DRAFT = "may still change"
    CONFIRMED = "is promised to the customer"


class ShopModel(TenantModel):
    __abstract__ = True
    __module_name__ = "shop"
    metadata = MetaData(naming_convention=NAMING)


class Customer(ShopModel):
    code: Mapped[str]
    name: Mapped[str]
    limit: Mapped[Money | None] = money("Credit limit.")
    __table_args__ = (unique("code"),)


class Order(ShopModel):
    number: Mapped[str] = mapped_column(doc="Own number")
    reference: Mapped[str | None]
    customer_id: Mapped[UUID] = tenant_fk("shop_customer")
    status: Mapped[OrderStatus] = state(OrderStatus, default=OrderStatus.DRAFT)
    currency: Mapped[str] = currency_code(default="CNY")
    total: Mapped[Decimal] = amount("Gross total.", default=Decimal(0))
    ordered_on: Mapped[date | None]
    urgent: Mapped[bool] = mapped_column(default=False)
    extra: Mapped[Any | None] = mapped_column(Json)
    secret: Mapped[str] = mapped_column(default="hidden")
    __table_args__ = (unique("number"), unique("reference"))


class Line(ShopModel):
    order_id: Mapped[UUID] = tenant_fk("shop_order")
    position: Mapped[int]
    sku: Mapped[str]
    quantity: Mapped[Decimal] = quantity()


class Shipment(ShopModel):
    order_id: Mapped[UUID] = tenant_fk("shop_order")
    number: Mapped[str]
    weight: Mapped[int | None]


class Note(ShopModel):
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    text: Mapped[str]
