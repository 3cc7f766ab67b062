"""Plain Strawberry over the SQLAlchemy ORM: the same tables, as their manuals show it.

In its favour: only the columns that are asked for are mapped, relationships are loaded with ``selectinload``, rows
go to Strawberry as they are, and its caches of parsed and validated documents are on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import strawberry
from sqlalchemy import ForeignKeyConstraint, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload
from strawberry.extensions import ParserCache, ValidationCache

from huikuan.db import Amount, Quantity

__all__ = ["Plain"]


class Base(DeclarativeBase):
    """The models of this file, apart from the product's."""


class CustomerRow(Base):
    __tablename__ = "customers_customer"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class LineRow(Base):
    __tablename__ = "orders_order_line"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID]
    position: Mapped[int]
    sku: Mapped[str | None]
    description: Mapped[str]
    currency: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    unit_price: Mapped[Decimal] = mapped_column(Quantity)
    net_amount: Mapped[Decimal] = mapped_column("net", Amount)
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "order_id"], ["orders_order.tenant_id", "orders_order.id"]),)


class OrderRow(Base):
    __tablename__ = "orders_order"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str | None]
    status: Mapped[str]
    customer_id: Mapped[UUID]
    ordered_on: Mapped[date]
    total_amount: Mapped[Decimal] = mapped_column(Amount)
    total_currency: Mapped[str]
    customer: Mapped[CustomerRow] = relationship()
    lines: Mapped[list[LineRow]] = relationship(order_by=LineRow.position)
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["customers_customer.tenant_id", "customers_customer.id"]),
    )


@strawberry.type
class Money:
    amount: Decimal
    currency: str


@strawberry.type
class Customer:
    id: strawberry.ID
    name: str


@strawberry.type
class Line:
    id: strawberry.ID
    position: int
    sku: str | None
    description: str
    quantity: Decimal
    unit_price: Decimal

    @strawberry.field
    def net(self, root: strawberry.Parent[LineRow]) -> Money:
        return Money(amount=root.net_amount, currency=root.currency)


@strawberry.type
class Order:
    id: strawberry.ID
    number: str | None
    status: str
    ordered_on: date
    customer: Customer
    lines: list[Line]

    @strawberry.field
    def total(self, root: strawberry.Parent[OrderRow]) -> Money:
        return Money(amount=root.total_amount, currency=root.total_currency)


_LOADED = (selectinload(OrderRow.customer), selectinload(OrderRow.lines))


@strawberry.type
class Query:
    @strawberry.field
    def orders(self, info: strawberry.Info, first: int) -> list[Order]:
        session: Session = info.context["session"]
        rows = session.scalars(select(OrderRow).options(*_LOADED).order_by(OrderRow.id).limit(first))
        return cast("list[Order]", rows.all())  # Strawberry reads the attributes of whatever it gets


class _Schema(strawberry.Schema):
    """Without the change that Strawberry makes to a type of graphql-core, which all schemas of the process share."""

    def _extend_introspection(self) -> None:
        return None


class Plain:
    """The schema above for one tenant; close it at the end."""

    def __init__(self, url: str, tenant: UUID) -> None:
        self.tenant = tenant
        self._engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
        self._schema = _Schema(Query, extensions=[ParserCache, ValidationCache])

    def close(self) -> None:
        self._engine.dispose()

    def ask(self, document: str, variables: Mapping[str, Any]) -> bytes:
        """One operation, to the bytes that Strawberry's own views send."""
        with Session(self._engine) as session:
            session.execute(select(func.set_config("app.tenant", str(self.tenant), True)))
            result = self._schema.execute_sync(document, dict(variables), context_value={"session": session})
        assert result.errors is None, result.errors
        return json.dumps({"data": result.data}).encode()
