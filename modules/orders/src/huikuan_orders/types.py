"""GraphQL types of orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import select

from huikuan.context import Context
from huikuan.core.models import Hold
from huikuan.graphql import batch, column, node, output, to_many, to_one
from huikuan.graphql.typespec import RefusalCodeName
from huikuan.money import Money
from huikuan.tax import TaxRounding
from huikuan.values import Ref
from huikuan_customers.types import Customer
from huikuan_orders import models
from huikuan_orders.models import OrderChangeKind, OrderInterval
from huikuan_orders.queries import trace
from huikuan_orders.snapshots import OrderKind, OrderStatus, TracePart
from huikuan_orders.states import OrderAction, State, allowed
from huikuan_products.types import Product

__all__ = [
    "Order",
    "OrderChange",
    "OrderChangeLine",
    "OrderConfirmPreview",
    "OrderLine",
    "OrderObstacle",
    "OrderProgress",
    "OrderTemplate",
    "OrderTemplateLine",
    "OrderTransition",
]

HUNDRED = Decimal(100)


@output
@dataclass(frozen=True)
class OrderProgress:
    """How far an order or a line has come in one respect."""

    name: Annotated[str, "ordered, reserved, shipped, invoiced, paid, overdue, or what a module adds."]
    quantity: Annotated[Decimal | None, "In the products' units, added up."]
    amount: Annotated[Money | None, "In the order's currency, tax included."]
    percent: Annotated[Decimal | None, "Share of what was ordered, by quantity, else by amount."]


@output
@dataclass(frozen=True)
class OrderObstacle:
    """What stands against a confirmation, or what it would warn of."""

    code: Annotated[RefusalCodeName, "Stable code."]
    message: Annotated[str, "Why, in words."]
    level: Annotated[str, "WARN lets pass, APPROVE can be released, BLOCK cannot."]
    field: Annotated[str | None, "Which input it is about."]
    advice: Annotated[str | None, "What would make it pass."]
    needed: Annotated[Money | None, "The amount that would make it pass, where it can be computed."]
    data: Annotated[dict[str, Any], "The figures it rests on."]


@output
@dataclass(frozen=True)
class OrderConfirmPreview:
    """What a confirmation would answer now."""

    order: Annotated[Ref[models.Order], "The order."]
    passes: Annotated[bool, "Whether it would be confirmed."]
    refusals: Annotated[list[OrderObstacle], "What stands against it."]
    warnings: Annotated[list[OrderObstacle], "What it would only tell."]


@node(models.Order, keys=("number", "reference"), permission="orders.read")
class Order:
    """A sales order or quote, or a return."""

    number: str | None
    kind: OrderKind = column("Sale or return.")
    status: OrderStatus = column("Where it stands.")
    reference: str | None
    customer: Customer = to_one("customer_id", "Who buys.")
    bill_to: Customer = to_one("bill_to_id", "Who gets the invoice.")
    ship_to: Customer = to_one("ship_to_id", "Who gets the goods.")
    payer: Customer = to_one("payer_id", "Who pays.")
    origin: Order | None = to_one("origin_id", "The order that it returns or repeats.")
    template: OrderTemplate | None = to_one("template_id", "The template that made it.")
    currency: str
    tax_rounding: TaxRounding = column("Where its taxes are rounded; its invoices round alike.")
    ordered_on: date
    promised_on: date | None
    valid_until: date | None
    payment_terms: str | None
    notes: str
    net: Money = column("Without tax.")
    tax: Money = column("Tax.")
    total: Money = column("Tax included; the sum of the lines.")
    original_total: Money | None = column("The total as confirmed; changes come on top.")
    version: int
    created_at: datetime = column("When it was written.")
    updated_at: datetime = column("When it changed last.")
    confirmed_at: datetime | None = column("When it was confirmed.")
    held_at: datetime | None = column("Since when it is on hold.")
    hold_reason: str | None = column("Why it is on hold.")
    closed_at: datetime | None = column("When it was closed.")
    close_reason: str | None = column("Why it was closed.")
    lines: list[OrderLine] = to_many("order_id", "Its lines.", order_by="position")
    transitions: list[OrderTransition] = to_many("order_id", "Who did what, when and why.", order_by="version")
    changes: list[OrderChange] = to_many("order_id", "Change orders since it was confirmed.", order_by="sequence")

    @batch(requires=["status", "held_at", "closed_at"])
    def allowed_transitions(ctx: Context, orders: Any) -> list[list[OrderAction]]:
        """What may be done to it now."""
        return [
            allowed(State(order.status, held=order.held_at is not None, closed=order.closed_at is not None))
            for order in orders
        ]

    @batch(requires=["id"], permission="kernel.holds")
    def holds(ctx: Context, orders: Any) -> list[list[Ref[Hold]]]:
        """Refusals of its commands that may be released, or were."""
        rows = ctx.rows(
            select(Hold.subject_id, Hold.id)
            .where(Hold.subject_type == models.Order.__name__, Hold.subject_id.in_([order.id for order in orders]))
            .order_by(Hold.id)
        )
        return [[Ref(row.id) for row in rows if row.subject_id == order.id] for order in orders]

    @batch(requires=["id"])
    def trace(ctx: Context, orders: Any) -> list[list[OrderProgress]]:
        """How far it has come: ordered, reserved, shipped, invoiced, paid, overdue."""
        found = trace(ctx, [order.id for order in orders])
        return [progress(found[order.id]) for order in orders]


@node(models.OrderLine, permission="orders.read", root=False)
class OrderLine:
    """One line of an order."""

    order: Order = to_one("order_id", "The order.")
    position: int = column("1, 2, … within the order.")
    product: Product | None = to_one("product_id", "The product; none on a line of free text.")
    sku: str | None = column("The product's sku when the line was written.")
    description: str = column("Text of the line.")
    quantity: Decimal
    unit_price: Decimal
    list_price: Decimal | None
    discount_percent: Decimal = column("Discount on the unit price, in percent.")
    tax_code: str | None = column("Tax rate, frozen.")
    tax_percent: Decimal = column("Its percent, frozen.")
    tax_included: bool
    net: Money = column("Without tax.")
    tax: Money = column("Tax.")
    gross: Money = column("Tax included.")
    promised_on: date | None = column("When the customer gets it; none: the order's day.")
    original_quantity: Decimal | None = column("As confirmed; null if it never changed since.")
    original_gross: Money | None = column("As confirmed; null if it never changed since.")

    @batch(requires=["id", "order_id"])
    def trace(ctx: Context, lines: Any) -> list[list[OrderProgress]]:
        """How far it has come, in quantities."""
        found = trace(ctx, list(dict.fromkeys(line.order_id for line in lines)))
        return [progress([part for part in found[line.order_id] if part.line_id == line.id]) for line in lines]


@node(models.OrderTransition, permission="orders.read", root=False)
class OrderTransition:
    """Something done to an order."""

    version: int
    action: OrderAction = column("What was done.")
    source: OrderStatus | None = column("The status before.")
    target: OrderStatus = column("The status after.")
    at: datetime = column("When.")
    actor_name: str = column("Who did it.")
    reason: str | None = column("Why.")


@node(models.OrderChange, permission="orders.read", root=False)
class OrderChange:
    """A change order."""

    sequence: int
    reason: str = column("Why.")
    at: datetime = column("When.")
    actor_name: str = column("Who did it.")
    version: int
    net: Money = column("By how much the net total changed.")
    tax: Money = column("By how much the tax changed.")
    total: Money = column("By how much the total changed.")
    lines: list[OrderChangeLine] = to_many("change_id", "What changed.")


@node(models.OrderChangeLine, permission="orders.read", root=False)
class OrderChangeLine:
    """A line of a change order, before and after."""

    line: OrderLine = to_one("line_id", "The line, as it is now.")
    kind: OrderChangeKind = column("What was done to it.")
    quantity_before: Decimal
    quantity_after: Decimal
    unit_price_before: Decimal
    unit_price_after: Decimal
    gross_before: Money
    gross_after: Money


@node(models.OrderTemplate, keys=("name",), permission="orders.read")
class OrderTemplate:
    """An order that is written again and again."""

    name: str = column("Its name, unique.")
    customer: Customer = to_one("customer_id", "Who buys.")
    currency: str
    interval: OrderInterval = column("Unit of the rhythm.")
    every: int = column("How many units lie between two orders.")
    starts_on: date = column("The first date.")
    ends_on: date | None
    runs: int
    next_on: date | None
    confirm: bool
    notes: str = column("Notes of its orders.")
    stopped_at: datetime | None = column("When it was stopped.")
    last_error: str | None
    lines: list[OrderTemplateLine] = to_many("template_id", "What is ordered.", order_by="position")


@node(models.OrderTemplateLine, permission="orders.read", root=False)
class OrderTemplateLine:
    """A line of a template."""

    position: int = column("1, 2, … within the template.")
    sku: str | None = column("Which product; none: free text.")
    description: str | None = column("Text of the line.")
    quantity: Decimal = column("In the product's unit.")
    unit_price: Decimal | None = column("An agreed price; null: asked anew each time.")
    discount_percent: Decimal | None = column("From 0 to 100.")


def progress(parts: Sequence[TracePart]) -> list[OrderProgress]:
    """Parts added up by name, with their share of what was ordered."""
    quantities: dict[str, Decimal] = {}
    amounts: dict[str, Money] = {}
    for part in parts:
        if part.quantity is not None:
            quantities[part.name] = quantities.get(part.name, Decimal(0)) + part.quantity
        if part.amount is not None:
            amounts[part.name] = amounts[part.name] + part.amount if part.name in amounts else part.amount
    return [
        OrderProgress(name, quantities.get(name), amounts.get(name), _percent(name, quantities, amounts))
        for name in dict.fromkeys(part.name for part in parts)
    ]


def _percent(name: str, quantities: dict[str, Decimal], amounts: dict[str, Money]) -> Decimal | None:
    if quantities.get("ordered") and name in quantities:
        share = quantities[name] / quantities["ordered"]
    elif "ordered" in amounts and amounts["ordered"] and name in amounts:
        share = amounts[name].amount / amounts["ordered"].amount
    else:
        return None
    return round(share * HUNDRED, 2)
