"""Frozen values of an order, as hooks, events and other modules see it; no row leaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

from huikuan.money import Money
from huikuan.tax import TaxRounding
from huikuan_customers.snapshots import Terms

__all__ = [
    "LineDraft",
    "LineSnapshot",
    "OrderDraft",
    "OrderKind",
    "OrderSnapshot",
    "OrderStatus",
    "OrderTerms",
    "TracePart",
]


class OrderStatus(Enum):
    """Where an order stands. Hold, shipment and invoice states are told apart from it."""

    DRAFT = "being written; may change freely"
    QUOTED = "offered to the customer, valid until a date"
    CONFIRMED = "agreed; from here on it changes by change orders only"
    DONE = "wholly fulfilled"
    CANCELLED = "ended by somebody"
    EXPIRED = "ended because its validity ran out"


class OrderKind(Enum):
    """What an order is about."""

    SALE = "goods or services for the customer; single lines may be negative, the total may not"
    RETURN = "goods come back: every quantity is negative"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSnapshot:
    """One line of an order. Quantities are in the product's unit, unit prices in the order's currency."""

    id: UUID
    position: int
    product_id: UUID | None
    sku: str | None
    description: str
    quantity: Decimal
    unit_price: Decimal
    list_price: Decimal | None
    discount_percent: Decimal
    tax_code: str | None
    tax_percent: Decimal
    tax_included: bool
    net: Money
    tax: Money
    gross: Money
    promised_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSnapshot:
    """An order with its lines. ``version`` grows by one with every change; ``total`` includes tax."""

    id: UUID
    number: str | None
    kind: OrderKind
    status: OrderStatus
    reference: str | None
    customer_id: UUID
    bill_to_id: UUID
    ship_to_id: UUID
    payer_id: UUID
    currency: str
    tax_rounding: TaxRounding
    ordered_on: date
    promised_on: date | None
    valid_until: date | None
    confirmed_at: datetime | None
    payment_terms: str | None
    terms: Terms | None
    net: Money
    tax: Money
    total: Money
    version: int
    held: bool
    closed: bool
    lines: tuple[LineSnapshot, ...]

    @property
    def binding(self) -> bool:
        """Whether it still obliges the customer: confirmed and neither closed, done nor cancelled."""
        return self.status is OrderStatus.CONFIRMED and not self.closed


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """What is known of an order while its lines are priced.

    ``past``: an order of the past is entered; its prices are facts. The standing discount is the
    customer's, its group's or the company's, in percent.
    """

    customer_id: UUID
    kind: OrderKind
    currency: str
    ordered_on: date
    past: bool = False
    standing_discount_percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerms:
    """Payment terms with their code; both None: due at once."""

    code: str | None
    terms: Terms | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """A line being priced. A rule may set ``unit_price``, ``discount_percent`` and ``description``.

    ``list_price`` is the product's price for this customer group, currency, quantity and day, if any.
    """

    position: int
    product_id: UUID | None
    sku: str | None
    description: str
    quantity: Decimal
    list_price: Decimal | None
    unit_price: Decimal | None
    discount_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TracePart:
    """How far an order has come in one respect: quantity of a line, or money of the whole order.

    ``name`` is "ordered", "reserved", "shipped", "invoiced", "paid" or "overdue"; other modules may
    add names of their own. Parts of the same name are added up.
    """

    order_id: UUID
    name: str
    line_id: UUID | None = None
    quantity: Decimal | None = None
    amount: Money | None = None
