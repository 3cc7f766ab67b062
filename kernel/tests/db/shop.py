"""A small module's models, with tables of their own, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData
from sqlalchemy.orm import relationship

from huikuan.clock import FixedClock
from huikuan.db import (
    Amount,
    Base,
    Counter,
    Database,
    GuardedSession,
    Json,
    Mapped,
    TenantModel,
    amount,
    currency_code,
    index,
    mapped_column,
    money,
    pii,
    quantity,
    state,
    tenant_fk,
    unique,
)
from huikuan.db.base import NAMING
from huikuan.ids import new_id
from huikuan.money import Money

MINE, THEIRS = new_id(), new_id()
CLOCK = FixedClock(datetime(2026, 11, 1, 9, tzinfo=UTC))


class State(Enum):
    DRAFT = "may still change"
    POSTED = "final"


class ShopModel(TenantModel):
    __abstract__ = True
    __module_name__ = "shop"
    metadata = MetaData(naming_convention=NAMING)


class Customer(ShopModel):
    name: Mapped[str] = pii(mapped_column())
    limit: Mapped[Money | None] = money("Credit limit.")


class Order(ShopModel):
    number: Mapped[str]
    customer_id: Mapped[UUID | None] = tenant_fk("shop_customer", nullable=True)
    currency: Mapped[str] = currency_code(default="CNY")
    total: Mapped[Decimal] = amount("Sum of the lines.", default=Decimal(0))
    deposit: Mapped[Money] = money()
    state: Mapped[State] = state(State, default=State.DRAFT)
    extra: Mapped[Any] = mapped_column(Json, nullable=True)
    lines: Mapped[list[Line]] = relationship(lambda: Line, back_populates="order", order_by=lambda: Line.sku)
    __table_args__ = (unique("number"), index("total", where="state = 'POSTED'"))

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return bool(instance.state is State.POSTED)


class Line(ShopModel):
    order_id: Mapped[UUID] = tenant_fk("shop_order", ondelete="CASCADE")
    sku: Mapped[str]
    quantity: Mapped[Decimal] = quantity(default=Decimal(1))
    price: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    order: Mapped[Order] = relationship(lambda: Order, back_populates="lines")


def order(number: str, **values: Any) -> Order:
    """An order with what must be there."""
    values.setdefault("deposit", Money.zero("CNY"))
    return Order(number=number, **values)


def create_tables(database: Database) -> None:
    ShopModel.metadata.create_all(database.engine)
    Base.metadata.create_all(database.engine, tables=[Base.metadata.tables[Counter.__tablename__]])


def stock(database: Database) -> None:
    """Two tenants, each with one order of one line."""
    for tenant_id, mark in ((MINE, "MINE"), (THEIRS, "THEIRS")):
        with database.command(tenant_id, CLOCK) as session:
            customer = Customer(name=mark)
            placed = order(mark, customer_id=customer.id)
            session.add_all([Line(order_id=placed.id, sku=mark), placed, customer])


class RolledBack(Exception):
    """Ends a command without leaving anything."""


@contextmanager
def trial(database: Database, tenant_id: UUID = MINE) -> Iterator[GuardedSession]:
    """A command that is rolled back at the end."""
    try:
        with database.command(tenant_id, CLOCK) as session:
            yield session
            raise RolledBack
    except RolledBack:
        pass
