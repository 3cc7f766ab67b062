"""Frozen values of reports: aging, figures of a customer, and its timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

from huikuan.money import Money

__all__ = [
    "AgingBy",
    "CustomerFigure",
    "FigureRow",
    "PayerRecord",
    "RowMark",
    "TimelineEntry",
    "TimelineKind",
    "TimelineMark",
]


class AgingBy(Enum):
    """What an aging has a row for."""

    CUSTOMER = "each customer"
    OWNER = "each person who looks after customers"
    GROUP = "each group of customers"
    CURRENCY = "each currency"


class TimelineKind(Enum):
    """What an entry of a customer's timeline tells of."""

    ORDER = "an order or a quote"
    DELIVERY = "goods that left"
    INVOICE = "an invoice, a deposit or a credit note"
    PAYMENT = "money that came, is to come, or was taken back"
    WRITE_OFF = "something that was given up"
    REMINDER = "a letter of dunning"
    DISPUTE = "something that the customer does not accept"
    PROMISE = "something that the customer promised to pay"
    NOTE = "what was said"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineMark:
    """A place in a timeline: entries come the newest first, then by id, the greatest first.

    ``day`` is the tenant's day of ``at``; ``midnight`` tells whether ``at`` is where that day begins. What is known
    by its day only stands at the beginning of the day.
    """

    at: datetime
    id: UUID
    day: date
    midnight: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One entry. ``type_name`` and ``subject_id`` name the object that it tells of, ``id`` is unique in the feed.

    Give ``at`` where the time is known, else only ``on``.
    """

    id: UUID
    kind: TimelineKind
    on: date
    title: str
    type_name: str
    subject_id: UUID
    at: datetime | None = None
    amount: Money | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFigure:
    """A figure of a customer, with the formula by which it was made.

    One of ``amount``, ``number`` (with its ``unit``) and ``on`` holds the value; none of them: it cannot be told, and
    ``formula`` says when that is so. ``made_of`` names other figures it is made of; what is made of rows answers to
    the hook `receivables_figure_rows` by its name.
    """

    customer_id: UUID
    name: str
    formula: str
    amount: Money | None = None
    number: Decimal | None = None
    unit: str | None = None
    on: date | None = None
    made_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMark:
    """A place in the rows of a figure, which come by day and id."""

    on: date
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """A row that a figure is made of: the object, and what it adds."""

    type_name: str
    id: UUID
    on: date
    amount: Money | None = None
    number: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerRecord:
    """How a customer stands and pays, in one currency.

    ``delay_days``: from the due day to the payment, weighted by amount, of a year; early is negative, overdue counts
    as paid today. ``recent_delay_days``: the same of 90 days. ``late_percent``: how much of that amount was late.
    ``broken_promises`` and ``bounced`` of a year; ``disputes``: open ones. ``since``: the day of the first invoice.
    """

    customer_id: UUID
    currency: str
    open: Decimal
    overdue: Decimal
    oldest_due_on: date | None
    oldest_issued_on: date | None
    dunning_level: int
    delay_days: Decimal | None
    recent_delay_days: Decimal | None
    late_percent: Decimal | None
    broken_promises: int
    disputes: int
    bounced: int
    invoiced_90_days: Decimal
    since: date | None
