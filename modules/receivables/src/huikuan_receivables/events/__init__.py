"""What happened to receivables: ids, amounts and dates."""

from huikuan_receivables.events.ledger import (
    AllocationReversed,
    PaymentBounced,
    PaymentFailed,
    PaymentRecorded,
    PaymentSucceeded,
    PaymentUnknown,
    ProvisionChanged,
    ReceivableRecovered,
    ReceivableRefunded,
    ReceivableSettled,
    ReceivableWrittenOff,
)

__all__ = [
    "AllocationReversed",
    "PaymentBounced",
    "PaymentFailed",
    "PaymentRecorded",
    "PaymentSucceeded",
    "PaymentUnknown",
    "ProvisionChanged",
    "ReceivableRecovered",
    "ReceivableRefunded",
    "ReceivableSettled",
    "ReceivableWrittenOff",
]
