"""Root fields of the small module."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.graphql import EventType, query
from huikuan.money import Money
from huikuan.values import Id, Ref
from kernel.tests.graphql.shop import models
from kernel.tests.graphql.shop.types import Order, Progress


@query(permission="shop.read")
def order_preview(ctx: Context, id: Id[Order], percent: Annotated[int, "How far."] = 10) -> Progress | None:
    """Look ahead."""
    found = ctx.rows(_order_columns(id))
    if not found:
        return None
    row = found[0]
    return Progress(percent, Money(row.total, "CNY"), Ref(row.customer_id), id, [])


@query(permission=None, name="echo")
def echo_values(
    ctx: Context,
    amount: Money,
    decimals: list[Decimal],
    order: Ref[Order] | None = None,
    event: EventType | None = None,
) -> str:
    """Say what came."""
    return f"{amount} {[str(item) for item in decimals]} {order and order.id} {event}"


@query(permission="shop.read")
def biggest_order(ctx: Context) -> Order | None:
    """The largest one."""
    found = ctx.rows(_order_columns(None))
    return Ref(found[0].id) if found else None  # type: ignore[return-value]


def _order_columns(id: UUID | None) -> Any:
    row = models.Order
    statement = select(row.id, row.total, row.customer_id).order_by(row.total.desc())
    return statement if id is None else statement.where(row.id == id)
