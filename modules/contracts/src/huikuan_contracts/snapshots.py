"""Frozen values of contracts, as hooks and other modules see them; no row leaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from uuid import UUID

from huikuan.money import Money

__all__ = [
    "BilledBy",
    "CallOffState",
    "ContractKind",
    "ContractStatus",
    "FulfilmentState",
    "InstalmentKind",
    "InstalmentSnapshot",
    "InstalmentState",
    "InstalmentTrigger",
    "PartyRole",
    "Receipt",
    "ReceivedPart",
    "SlippageBy",
]


class ContractKind(Enum):
    """What was agreed."""

    PROJECT = "one piece of work for a fixed amount"
    FRAMEWORK = "a frame that orders are called off from, up to an amount or quantities"


class ContractStatus(Enum):
    """Where a contract stands: derived from its signature and dates, never typed."""

    UNSIGNED = "being negotiated; may change freely"
    ACTIVE = "signed and in force today"
    INACTIVE = "signed, but not yet or no longer in force"
    CANCELLED = "ended by somebody"


class BilledBy(Enum):
    """What raises a contract's invoices: one or the other, so that nothing is invoiced twice."""

    PLAN = "each instalment raises its own"
    ORDERS = "its orders are invoiced; instalments only plan when money comes in"


class PartyRole(Enum):
    """Which part a further party takes."""

    BUYER = "buys together with the customer"
    SELLER = "sells together with us"
    GUARANTOR = "answers for the customer's debt"
    OTHER = "anything else"


class FulfilmentState(Enum):
    """How far the checklist is done."""

    NOT_APPLICABLE = "there is no checklist"
    UNFULFILLED = "nothing of it is done"
    PARTIALLY = "some of it is done"
    FULFILLED = "all of it is done"
    LAPSED = "the deadline passed before all of it was done"


class InstalmentKind(Enum):
    """What an instalment is."""

    DEPOSIT = "paid beforehand"
    PAYMENT = "paid for what was done"
    RETENTION = "kept back until some time after acceptance"


class InstalmentTrigger(Enum):
    """When an instalment falls due."""

    DATE = "on its planned day"
    MILESTONE = "some days after its milestone is reached"
    ACCEPTANCE = "some days after the contract's work is accepted"


class InstalmentState(Enum):
    """How far an instalment came in: derived from receipts and its due day, never typed."""

    OPEN = "nothing came in, and it is not overdue"
    PARTLY = "some of it came in, and the rest is not overdue"
    RECEIVED = "all of it came in"
    OVERDUE = "it was due before today and has not come in wholly"
    DROPPED = "taken out by an amendment, or open when the contract was cancelled"


class CallOffState(Enum):
    """Whether a call-off uses up the frame."""

    OPEN = "its amount counts"
    ENDED = "its order was cancelled or expired"


class SlippageBy(Enum):
    """For whom delays are added up."""

    OWNER = "the user who looks after the instalment"
    CUSTOMER = "the contract's customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentSnapshot:
    """A part of a collection plan. ``invoice_id`` is the invoice it raised last, if invoicing is enabled."""

    id: UUID
    contract_id: UUID
    customer_id: UUID
    sequence: int
    kind: InstalmentKind
    amount: Money
    due_on: date | None
    invoice_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedPart:
    """What came in on an instalment, in its currency.

    ``waived`` is what nobody has to pay any more, such as a partial credit; ``on`` the day of the
    last money, where it is known.
    """

    instalment_id: UUID
    amount: Money
    waived: Money | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """An instalment's parts added up."""

    amount: Money
    waived: Money
    on: date | None = None
