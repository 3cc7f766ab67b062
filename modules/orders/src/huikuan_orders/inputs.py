"""What callers give to the commands of orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated

from huikuan.values import UNSET, Ref, Unset
from huikuan_customers.types import Customer
from huikuan_orders.models import Order, OrderInterval
from huikuan_orders.snapshots import OrderKind

__all__ = [
    "OrderAmendInput",
    "OrderChangeInput",
    "OrderCreateInput",
    "OrderImportInput",
    "OrderLineInput",
    "OrderLineUpdateInput",
    "OrderTemplateInput",
    "OrderTemplateUpdateInput",
]


@dataclass(frozen=True, kw_only=True)
class OrderLineInput:
    """A line to be ordered: a product by its sku, or free text with a price."""

    quantity: Annotated[Decimal, "In the product's unit, at most 6 digits; negative for a deduction."]
    sku: Annotated[str | None, "Which product; left out: a line of free text."] = None
    description: Annotated[str | None, "Text of the line; left out: the product's name."] = None
    unit_price: Annotated[Decimal | None, "An agreed price; left out: list price and pricing rules."] = None
    discount_percent: Annotated[Decimal | None, "From 0 to 100."] = None
    promised_on: Annotated[date | None, "When the customer gets it; left out: the order's day."] = None


@dataclass(frozen=True, kw_only=True)
class OrderLineUpdateInput:
    """What to change about a line; what is left out stays. A line keeps its price when its quantity changes."""

    position: Annotated[int, "Which line."]
    quantity: Annotated[Decimal | Unset, "The new quantity."] = UNSET
    unit_price: Annotated[Decimal | Unset, "The new price before discount."] = UNSET
    discount_percent: Annotated[Decimal | Unset, "From 0 to 100."] = UNSET
    description: Annotated[str | Unset, "The new text."] = UNSET
    promised_on: Annotated[date | Unset | None, "When the customer gets it."] = UNSET


@dataclass(frozen=True, kw_only=True)
class OrderCreateInput:
    """A new order."""

    customer: Annotated[Ref[Customer], "Who buys."]
    lines: Annotated[list[OrderLineInput], "What is ordered."]
    reference: Annotated[str | None, "Your own unique key: the same content sent again is the same order."] = None
    kind: Annotated[OrderKind, "Sale or return."] = OrderKind.SALE
    currency: Annotated[str | None, "Left out: the customer's."] = None
    bill_to: Annotated[Ref[Customer] | None, "Who gets the invoice; left out: as the customer says."] = None
    ship_to: Annotated[Ref[Customer] | None, "Who gets the goods; left out: as the customer says."] = None
    payer: Annotated[Ref[Customer] | None, "Who pays; left out: as the customer says."] = None
    ordered_on: Annotated[date | None, "Left out: today."] = None
    promised_on: Annotated[date | None, "When the customer gets it."] = None
    valid_until: Annotated[date | None, "Last day on which it may be confirmed."] = None
    payment_terms: Annotated[str | None, "Code of the terms; left out: the bill-to's."] = None
    notes: Annotated[str, "Anything worth knowing."] = ""
    origin: Annotated[Ref[Order] | None, "The order that a return takes back."] = None


@dataclass(frozen=True, kw_only=True)
class OrderImportInput:
    """An order to import."""

    reference: Annotated[str, "Your own unique key of the order."]
    customer: Annotated[str, "Code of the customer."]
    lines: Annotated[list[OrderLineInput], "What is ordered."]
    kind: Annotated[OrderKind, "Sale or return."] = OrderKind.SALE
    currency: Annotated[str | None, "Left out: the customer's."] = None
    ordered_on: Annotated[date | None, "Left out: today."] = None
    promised_on: Annotated[date | None, "When the customer gets it."] = None
    payment_terms: Annotated[str | None, "Code of the terms; left out: the bill-to's."] = None
    notes: Annotated[str, "Anything worth knowing."] = ""
    past: Annotated[bool, "It is over: it is entered as done, unchecked, with the prices given."] = False


@dataclass(frozen=True, kw_only=True)
class OrderChangeInput:
    """Changes to a draft; what is left out stays.

    ``lines`` replaces all lines. ``add``, ``update`` and ``remove`` change single ones, named by
    position; the others keep theirs.
    """

    lines: Annotated[list[OrderLineInput] | Unset, "All lines anew."] = UNSET
    add: Annotated[list[OrderLineInput], "Lines to add."] = field(default_factory=list)
    update: Annotated[list[OrderLineUpdateInput], "Lines to change."] = field(default_factory=list)
    remove: Annotated[list[int], "Positions of lines to remove."] = field(default_factory=list)
    promised_on: Annotated[date | Unset | None, "When the customer gets it."] = UNSET
    valid_until: Annotated[date | Unset | None, "Last day on which it may be confirmed."] = UNSET
    notes: Annotated[str | Unset, "Anything worth knowing."] = UNSET


@dataclass(frozen=True, kw_only=True)
class OrderAmendInput:
    """A change order; lines are named by position."""

    reason: Annotated[str, "Why."]
    add: Annotated[list[OrderLineInput], "Lines to add."] = field(default_factory=list)
    update: Annotated[list[OrderLineUpdateInput], "Lines to change."] = field(default_factory=list)
    remove: Annotated[list[int], "Lines to give up; they stay with quantity 0."] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class OrderTemplateInput:
    """An order that is to be written again and again."""

    name: Annotated[str, "Name of the template, unique."]
    customer: Annotated[Ref[Customer], "Who buys."]
    lines: Annotated[list[OrderLineInput], "What is ordered; prices left out are asked anew each time."]
    interval: Annotated[OrderInterval, "Unit of the rhythm."]
    starts_on: Annotated[date, "The first date."]
    every: Annotated[int, "How many units lie between two orders."] = 1
    ends_on: Annotated[date | None, "Last day on which it may run."] = None
    currency: Annotated[str | None, "Left out: the customer's."] = None
    confirm: Annotated[bool, "Confirm its orders at once; one that is refused stays a draft."] = False
    notes: Annotated[str, "Notes of its orders."] = ""


@dataclass(frozen=True, kw_only=True)
class OrderTemplateUpdateInput:
    """Changes to a template, from its next date on; what is left out stays."""

    name: Annotated[str | Unset, "Name of the template."] = UNSET
    lines: Annotated[list[OrderLineInput] | Unset, "All lines anew."] = UNSET
    ends_on: Annotated[date | Unset | None, "Last day on which it may run."] = UNSET
    confirm: Annotated[bool | Unset, "Confirm its orders at once."] = UNSET
    notes: Annotated[str | Unset, "Notes of its orders."] = UNSET
