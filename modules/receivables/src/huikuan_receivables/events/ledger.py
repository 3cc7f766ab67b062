"""What happened to payments and to what they settle."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from huikuan.events import Event
from huikuan.money import Money
from huikuan_receivables.snapshots import AllocationKind, PaymentMethod, PaymentStatus, WriteOffCause

__all__ = [
    "AllocationReversed",
    "PaymentBounced",
    "PaymentFailed",
    "PaymentRecorded",
    "PaymentReinstated",
    "PaymentSucceeded",
    "PaymentUnknown",
    "PaymentVoided",
    "ProvisionChanged",
    "ReceivableRecovered",
    "ReceivableRefunded",
    "ReceivableSettled",
    "ReceivableWrittenOff",
]


class PaymentRecorded(Event, aggregate="payment"):
    """A payment was recorded; one that is SUCCEEDED at once has its own event too."""

    payment_id: UUID
    customer_id: UUID
    status: PaymentStatus
    method: PaymentMethod
    amount: Money
    received_on: date
    source_type: str | None = None
    source_id: UUID | None = None


class PaymentSucceeded(Event, aggregate="payment"):
    """The money is here."""

    payment_id: UUID
    customer_id: UUID
    amount: Money
    received_on: date


class PaymentUnknown(Event, aggregate="payment"):
    """Nobody knows what became of a payment."""

    payment_id: UUID
    customer_id: UUID
    reason: str


class PaymentFailed(Event, aggregate="payment"):
    """The money never came."""

    payment_id: UUID
    customer_id: UUID
    amount: Money
    reason: str


class PaymentBounced(Event, aggregate="payment"):
    """The money came and was taken back; what it had settled is open again."""

    payment_id: UUID
    customer_id: UUID
    amount: Money
    on: date
    reason: str


class PaymentReinstated(Event, aggregate="payment"):
    """A payment had not bounced after all: from that day on its money is here again."""

    payment_id: UUID
    customer_id: UUID
    amount: Money
    on: date
    reason: str


class PaymentVoided(Event, aggregate="payment"):
    """A payment was recorded by mistake and taken back; what it had settled is open again."""

    payment_id: UUID
    customer_id: UUID
    amount: Money
    on: date
    reason: str


class ReceivableSettled(Event, aggregate="invoice"):
    """Something settled a part of an invoice; ``payment_id`` is None for credit notes and discounts."""

    invoice_id: UUID
    customer_id: UUID
    allocation_id: UUID
    payment_id: UUID | None
    kind: AllocationKind
    amount: Money
    open: Money
    on: date


class AllocationReversed(Event, aggregate="invoice"):
    """What had settled a part of an invoice was taken back: that much of it is open again."""

    invoice_id: UUID
    customer_id: UUID
    allocation_id: UUID
    payment_id: UUID | None
    kind: AllocationKind
    amount: Money
    open: Money
    on: date


class ReceivableWrittenOff(Event, aggregate="invoice"):
    """A part of an invoice was given up."""

    invoice_id: UUID
    customer_id: UUID
    allocation_id: UUID
    cause: WriteOffCause
    amount: Money
    on: date


class ReceivableRecovered(Event, aggregate="invoice"):
    """Something that had been given up was paid after all."""

    invoice_id: UUID
    customer_id: UUID
    payment_id: UUID
    amount: Money
    on: date


class ReceivableRefunded(Event, aggregate="refund"):
    """Money was paid back, or kept because it is too little; negative if a refund failed."""

    refund_id: UUID
    customer_id: UUID
    payment_id: UUID | None
    amount: Money
    on: date


class ProvisionChanged(Event, aggregate="provision"):
    """Provisions for bad debt were set for a day."""

    provision_id: UUID
    on: date
    change: Money
    total: Money
