"""Frozen values of credit, as hooks, events and other modules see them; no row leaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from uuid import UUID

__all__ = [
    "Checkpoint",
    "Cover",
    "ExposurePart",
    "Facts",
    "Finding",
    "Grade",
    "Inputs",
    "LimitKind",
    "LimitLevel",
    "Part",
    "PaymentFacts",
    "PositionState",
    "RuleInput",
    "RuleKind",
    "RuleLevel",
]


class Part(Enum):
    """What exposure is made of. The parts are disjoint: no amount is in two of them."""

    ORDERED = "ordered, neither shipped nor invoiced"
    SHIPPED = "shipped, not invoiced"
    INVOICED = "invoiced and not yet paid"
    UNAPPLIED = "paid or credited, and not yet applied to an invoice; negative"


class PositionState(Enum):
    """What the part of an order that was neither shipped nor invoiced is still worth."""

    WAITING = "not agreed yet: nothing"
    OPEN = "to be delivered"
    CLOSED = "given up"
    DONE = "delivered; what was never shipped, such as services, is still to be invoiced"


class Checkpoint(Enum):
    """Where credit is asked."""

    QUOTE = "when an order is offered"
    CONFIRM = "when an order is confirmed or reopened"
    CHANGE = "when a confirmed order grows"
    SHIP = "when goods leave"
    INVOICE = "when an invoice is posted"


class RuleKind(Enum):
    """What a rule looks at; ``threshold`` is its bound."""

    LIMIT_USED = "percent of the limit that would be used; 100 if nothing is said"
    LIMIT_EXPIRED = "the customer's own limit has run out; no threshold"
    ORDER_CAP = "amount of a single document"
    DAYS_OVERDUE = "days since the oldest overdue item was due"
    OVERDUE_AMOUNT = "amount that is overdue"
    OLDEST_ITEM = "days since the oldest open item was issued"
    DUNNING_LEVEL = "highest reminder level reached"
    PREPAYMENT = "percent to be paid in advance"
    TERMS = "days by which payment terms are longer than those of the class; 0 if nothing is said"


class RuleLevel(Enum):
    """What becomes of a document that breaks a rule."""

    OFF = "it is not looked at"
    WARN = "it passes with a warning"
    APPROVE = "it waits for an approval"
    BLOCK = "it is refused"


class LimitKind(Enum):
    """What a line of credit is."""

    LIMIT = "how much may be owed; 0 is a limit"
    INCREASE = "more than that for a while; afterwards the limit holds again"
    COLLATERAL = "a pledge or guarantee that covers so much more"
    INSURANCE = "an insurer that covers so much more"


class LimitLevel(Enum):
    """Where a limit was found: the first one that is set holds."""

    CUSTOMER = "on the customer"
    GROUP = "on the customer's group"
    COMPANY = "on the company"


class Grade(Enum):
    """How a customer pays."""

    A = "pays as agreed"
    B = "pays a little late"
    C = "pays late"
    D = "pays very late or not at all"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposurePart:
    """A named amount, in the currency that was asked about; negative lowers the exposure."""

    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFacts:
    """How one customer stands today, in one currency; what is not known stays 0 or None.

    ``delay_days`` is the average delay of what was paid and of what is overdue, weighted by amount, negative if
    early; ``late_percent`` the share of items that were paid late; ``since`` when the first item was issued.
    """

    customer_id: UUID
    currency: str
    days_overdue: int = 0
    overdue: Decimal = Decimal(0)
    open: Decimal = Decimal(0)
    oldest_days: int = 0
    dunning_level: int = 0
    delay_days: Decimal | None = None
    recent_delay_days: Decimal | None = None
    late_percent: Decimal | None = None
    broken_promises: int = 0
    disputes: int = 0
    bounced: int = 0
    sales_90_days: Decimal = Decimal(0)
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts of all customers of one account together, as far as rules look at them."""

    days_overdue: int = 0
    overdue: Decimal = Decimal(0)
    oldest_days: int = 0
    dunning_level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Something that raises the limit, until a day or without end."""

    kind: LimitKind
    amount: Decimal
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInput:
    """A rule as it was applied."""

    kind: RuleKind
    level: RuleLevel
    threshold: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that a decision rests on: it can be judged again at any time, with the same result.

    ``document`` is the amount of the document itself, ``increase`` what it adds to ``before`` today. ``limit`` is
    None where none is set in this currency, ``elsewhere`` whether one is set in another. ``counts_from``: the day
    from which on a later shipping day would not count yet, where there is a horizon. ``terms_longer``: by how many
    days the document's payment terms are longer than those of the class.
    """

    checkpoint: Checkpoint
    today: date
    currency: str
    document: Decimal
    increase: Decimal
    parts: tuple[ExposurePart, ...]
    limit: Decimal | None
    limit_level: LimitLevel | None
    covers: tuple[Cover, ...]
    expired_on: date | None
    elsewhere: bool
    facts: Facts
    rules: tuple[RuleInput, ...]
    prepaid: Decimal
    counts_from: date | None
    missing: tuple[str, ...]
    rule_version: int
    terms: str | None = None
    terms_of_class: str | None = None
    terms_longer: int = 0

    @property
    def before(self) -> Decimal:
        """What the account owes without the document."""
        return sum((part.amount for part in self.parts), Decimal(0))

    @property
    def after(self) -> Decimal:
        """What it would owe with it."""
        return self.before + self.increase

    @property
    def bound(self) -> Decimal | None:
        """The limit with all that raises it."""
        return None if self.limit is None else self.limit + sum((cover.amount for cover in self.covers), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that a document breaks. ``excess`` is by how much in money, where that can be said."""

    kind: RuleKind
    level: RuleLevel
    actual: Decimal
    allowed: Decimal
    excess: Decimal | None = None
    missing_limit: bool = False
