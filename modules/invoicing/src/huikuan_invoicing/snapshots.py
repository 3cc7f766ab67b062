"""Frozen values of invoices, as hooks and other modules see them; no row leaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from uuid import UUID

from huikuan.db import LockKey
from huikuan.money import Money
from huikuan.tax import TaxRounding
from huikuan_customers.snapshots import Terms

__all__ = [
    "BillingMethod",
    "CreditAftermath",
    "DiscountTax",
    "InstalmentSnapshot",
    "InvoiceKind",
    "InvoiceLineSnapshot",
    "InvoiceSnapshot",
    "InvoiceStatus",
    "PaymentPart",
    "PaymentState",
    "Settlement",
    "SourceDocument",
    "SourceLine",
]


class InvoiceKind(Enum):
    """What a document is."""

    INVOICE = "asks for money; never negative"
    CREDIT_NOTE = "gives money back: quantities and amounts are negative"
    DEPOSIT = "asks for money beforehand; later invoices deduct it"


class InvoiceStatus(Enum):
    """Where a document stands as it is stored; that it was cancelled is derived from its credit notes."""

    DRAFT = "being written; may change freely and has no number"
    POSTED = "numbered and frozen; corrected by credit notes only"


class PaymentState(Enum):
    """How far a posted document is settled: derived, never typed."""

    NOT_PAID = "nothing of it is settled"
    PARTIAL = "some of it is settled"
    PAID = "all of it is settled"
    REVERSED = "all of it was credited"


class DiscountTax(Enum):
    """What early-payment discount does to tax."""

    INCLUDED = "the discount is taken of the whole; tax falls when it is used"
    EXCLUDED = "the discount is taken of the net amount; tax stays"
    MIXED = "the discount is taken of the net amount; tax is reduced on the invoice, used or not"


class CreditAftermath(Enum):
    """What becomes of the quantities that a credit note takes back from an order's invoice."""

    REBILL = "they may be invoiced again"
    IGNORE = "they are given up"


class BillingMethod(Enum):
    """When an order is invoiced."""

    MANUAL = "when somebody asks for it"
    ORDER = "when it is confirmed"
    SHIPMENT = "when goods are shipped"
    MILESTONE = "when its milestones are reached"
    SCHEDULE = "when the days of its plan come"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLineSnapshot:
    """One line. ``source_id`` is what it bills, ``document_id`` the document that belongs to."""

    id: UUID
    position: int
    source_type: str | None
    source_id: UUID | None
    document_id: UUID | None
    sku: str | None
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_code: str | None
    tax_percent: Decimal
    tax_included: bool
    net: Money
    tax: Money
    gross: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentSnapshot:
    """A part of the total, with what may be kept back if it is paid by ``discount_until``."""

    id: UUID
    sequence: int
    due_on: date
    amount: Money
    discount_until: date | None
    discount_amount: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSnapshot:
    """A document with its lines. The number is given just before commit: reactions see None.

    ``base_total`` is the total in the company's currency at the document's rate; None where no rate is known.
    """

    id: UUID
    number: str | None
    kind: InvoiceKind
    status: InvoiceStatus
    customer_id: UUID
    bill_to_id: UUID
    payer_id: UUID
    currency: str
    issued_on: date | None
    due_on: date | None
    net: Money
    tax: Money
    total: Money
    origin_id: UUID | None
    source_type: str | None
    source_id: UUID | None
    past: bool
    lines: tuple[InvoiceLineSnapshot, ...]
    base_total: Money | None = None
    instalments: tuple[InstalmentSnapshot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPart:
    """How much of a document is settled in one way: ``paid`` or ``credited``, in its currency and with its sign."""

    invoice_id: UUID
    paid: Decimal = Decimal(0)
    credited: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How far a posted document is settled; ``overdue`` is what was due before today and is still open."""

    invoice_id: UUID
    total: Money
    paid: Money
    credited: Money
    open: Money
    overdue: Money
    next_due_on: date | None
    state: PaymentState


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A line that may be invoiced, as agreed: an order's line."""

    id: UUID
    sku: str | None
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_code: str | None
    tax_percent: Decimal
    tax_included: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDocument:
    """What invoices are made of: an order, or a document of another module like it.

    ``type`` names it and its lines ("orders.order"); ``terms`` are those agreed, frozen; ``lock`` is its row's key.
    """

    type: str
    id: UUID
    number: str | None
    customer_id: UUID
    bill_to_id: UUID
    payer_id: UUID
    currency: str
    tax_rounding: TaxRounding
    payment_terms: str | None
    terms: Terms | None
    total: Money
    lines: tuple[SourceLine, ...]
    lock: LockKey | None = None
