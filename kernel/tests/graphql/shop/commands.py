"""Commands of the small module."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import Level, Refusal
from huikuan.graphql import output
from huikuan.money import Money
from huikuan.values import UNSET, Id, Ref, Unset
from kernel.tests.graphql.shop.errors import SHOP_ODD, SHOP_TOO_LARGE
from kernel.tests.graphql.shop.models import Customer, Line, Order, OrderStatus


@dataclass(frozen=True)
class OrderLine:
    """One line to order."""

    sku: Annotated[str, "What."]
    quantity: Decimal
    position: int = 1


@dataclass(frozen=True)
class OrderCreateInput:
    customer: Ref[Customer]
    lines: list[OrderLine]
    number: str
    total: Money
    reference: str | None = None
    ordered_on: date | Unset | None = UNSET
    status: OrderStatus = OrderStatus.DRAFT
    extra: dict[str, Any] | None = None


@output
@dataclass(frozen=True)
class Sum:
    """A sum."""

    total: Money
    customer: Ref[Customer]


@command(permission="shop.write", idempotency="key")
def order_create(ctx: Context, input: OrderCreateInput) -> Order:
    """Create an order."""
    if input.total.amount > 10_000:
        ctx.refuse(
            Refusal(
                SHOP_TOO_LARGE,
                "Too large.",
                field="input.total",
                advice="Split it.",
                limit=Money(Decimal(10_000), "CNY"),
            )
        )
    if input.total.amount % 2:
        ctx.warn(Refusal(SHOP_ODD, "Odd total.", level=Level.WARN))
    given = {} if isinstance(input.ordered_on, Unset) else {"ordered_on": input.ordered_on}
    order = ctx.add(
        Order(
            number=input.number,
            reference=input.reference,
            customer_id=input.customer.id,
            total=input.total.amount,
            currency=input.total.currency,
            status=input.status,
            extra=input.extra,
            **given,
        )
    )
    for line in input.lines:
        ctx.add(Line(order_id=order.id, sku=line.sku, quantity=line.quantity, position=line.position))
    return order


@command(permission="shop.write", idempotency="natural")
def order_confirm(ctx: Context, id: Id[Order]) -> Order:
    """Confirm an order."""
    order = ctx.get(Order, id)
    order.status = OrderStatus.CONFIRMED
    return order


@command(permission="shop.write", idempotency="natural")
def order_approve(ctx: Context, id: Id[Order]) -> Order:
    """Ask for an approval, whatever the order is."""
    order = ctx.get(Order, id)
    asked = Refusal(SHOP_TOO_LARGE, "Ask somebody.", level=Level.APPROVE).stamped(module="shop")
    ctx.guard([asked], subject=order, pin=order.number)
    order.status = OrderStatus.CONFIRMED
    return order


@command(permission="shop.write", idempotency="natural", payload="sum")
def order_sum(ctx: Context, orders: list[Ref[Order]]) -> Sum:
    """Add up."""
    rows = [ctx.get(Order, ref.id) for ref in orders]
    return Sum(Money(sum((row.total for row in rows), Decimal(0)), "CNY"), Ref(rows[0].customer_id))


@command(permission="shop.write", idempotency="natural", payload="number")
def order_break(ctx: Context, id: Id[Order]) -> str:
    """Fail unexpectedly."""
    raise RuntimeError(f"SELECT secret FROM orders WHERE id = {id}")


@command(permission="shop.write", idempotency="natural")
def customers_import(ctx: Context, codes: list[str]) -> list[Customer]:
    """Create several customers."""
    return ctx.add_all(Customer(code=code, name=code) for code in codes)
