"""Frozen values of the ledger, payments and allocations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from uuid import UUID

from huikuan.money import Money

__all__ = [
    "Account",
    "AccountSums",
    "AllocationKind",
    "Balance",
    "EntryKind",
    "OpenItem",
    "PaymentMethod",
    "PaymentSnapshot",
    "PaymentStatus",
    "RefundKind",
    "SettledItem",
    "Share",
    "Unapplied",
    "UnappliedChange",
    "WriteOffCause",
]


class EntryKind(Enum):
    """What an entry of the ledger tells."""

    INVOICE = "an invoice or a deposit was posted"
    CREDIT_NOTE = "a credit note was posted"
    PAYMENT = "money came in"
    BOUNCE = "money that had come in was taken back"
    ALLOCATION = "money or a credit note settled an item"
    UNALLOCATION = "an allocation was taken back"
    WRITE_OFF = "something was given up"
    RECOVERY = "something given up was paid after all"
    DISCOUNT = "a discount for early payment was taken"
    REFUND = "money was paid back"
    FX_DIFFERENCE = "an item in a foreign currency closed at another rate"
    PROVISION = "a provision for bad debt was changed"


class Account(Enum):
    """Where a posting stands."""

    RECEIVABLE = "what customers owe"
    UNAPPLIED = "money of customers that settles nothing yet"
    CASH = "money"
    SALES = "what was invoiced"
    WRITE_OFF = "what was given up, less what was recovered or kept"
    DISCOUNT = "discounts for early payment"
    FX = "differences of exchange rates"
    BAD_DEBT = "expense of provisions"
    PROVISION = "what is set aside for bad debt"


class PaymentStatus(Enum):
    """How far a payment has come."""

    RECORDED = "announced or under way; settles nothing yet"
    UNKNOWN = "nobody knows what became of it; settles nothing until somebody does"
    SUCCEEDED = "the money is here"
    FAILED = "the money never came"
    BOUNCED = "the money came and was taken back"
    VOIDED = "it was recorded by mistake: the money was not this customer's"


class PaymentMethod(Enum):
    """How money came."""

    BANK_TRANSFER = "bank transfer"
    DIRECT_DEBIT = "direct debit"
    CARD = "card"
    CASH = "cash"
    CHEQUE = "cheque"
    OTHER = "anything else"


class AllocationKind(Enum):
    """What settles an item."""

    PAYMENT = "a payment"
    CREDIT = "a credit note that is free to settle any item"
    ORIGIN = "the credit note that takes back the item's own invoice"
    DISCOUNT = "a discount for early payment"
    WRITE_OFF = "nothing: it was given up"


class WriteOffCause(Enum):
    """Why something is given up."""

    TOLERANCE = "the difference is too small to ask for"
    BAD_DEBT = "the customer will not pay"
    DISPUTE = "the customer was right"
    GOODWILL = "a favour"
    OTHER = "anything else; the reason says what"


class RefundKind(Enum):
    """What became of money that was not needed."""

    REFUND = "it was paid back"
    KEPT = "it is too little to be paid back"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """A part of a posted document that is open: an instalment, negative for a credit note.

    ``due_on`` is the day agreed with the invoice, ``chase_on`` the day that dunning counts from, later if it was
    deferred. ``document_id`` is the order, or another document like it, that all of the invoice is for.
    """

    item_id: UUID
    invoice_id: UUID
    number: str | None
    sequence: int
    customer_id: UUID
    payer_id: UUID
    currency: str
    amount: Decimal
    open: Decimal
    issued_on: date
    due_on: date
    chase_on: date
    discount_until: date | None
    discount_amount: Decimal | None
    document_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of an item is settled, in its currency.

    ``source_amount``: what that takes of a payment in another currency, in the payment's.
    """

    item_id: UUID
    amount: Decimal
    source_amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledItem:
    """An item whose open amount has just changed, from ``before`` to ``after``; ``on`` is the day it counts from."""

    item_id: UUID
    invoice_id: UUID
    customer_id: UUID
    currency: str
    due_on: date
    before: Decimal
    after: Decimal
    on: date
    kind: EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSnapshot:
    """A payment. ``unapplied`` is what of it settles nothing yet; the number is None until it commits."""

    id: UUID
    number: str | None
    customer_id: UUID
    status: PaymentStatus
    method: PaymentMethod
    amount: Money
    unapplied: Money
    received_on: date
    reference: str | None
    source_type: str | None
    source_id: UUID | None
    bank_line_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A customer's account in one currency.

    ``open`` is the sum of all open items, credit notes negative; ``overdue`` what of the positive ones was due
    before the day, ``oldest_due_on`` the first day of those. ``unapplied`` is money that settles nothing yet.
    """

    customer_id: UUID
    currency: str
    open: Decimal
    overdue: Decimal
    overdue_count: int
    unapplied: Decimal
    oldest_due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unapplied:
    """A payment with money that settles nothing yet."""

    payment_id: UUID
    customer_id: UUID
    currency: str
    amount: Decimal
    received_on: date
    source_type: str | None
    source_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnappliedChange:
    """A payment of which another amount settles nothing now, in the payment's currency."""

    payment_id: UUID
    customer_id: UUID
    currency: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSums:
    """An account in one currency: open items, open credit notes (negative) and money that settles nothing yet."""

    customer_id: UUID
    currency: str
    owed: Decimal
    credits: Decimal
    unapplied: Decimal
