"""What happened to receivables: ids, amounts and dates."""

from huikuan_receivables.events.bank import (
    BankLineIgnored,
    BankLineMatched,
    BankLineRecorded,
    BankMatchUndone,
)
from huikuan_receivables.events.dunning import (
    DisputeOpened,
    DisputeSettled,
    DunningRunApproved,
    DunningRunFinished,
    PromiseJudged,
    PromiseMade,
    ReceivableDeferred,
    ReminderIssued,
)
from huikuan_receivables.events.ledger import (
    AllocationReversed,
    PaymentBounced,
    PaymentFailed,
    PaymentRecorded,
    PaymentSucceeded,
    PaymentUnknown,
    PaymentVoided,
    ProvisionChanged,
    ReceivableRecovered,
    ReceivableRefunded,
    ReceivableSettled,
    ReceivableWrittenOff,
)

__all__ = [
    "AllocationReversed",
    "BankLineIgnored",
    "BankLineMatched",
    "BankLineRecorded",
    "BankMatchUndone",
    "DisputeOpened",
    "DisputeSettled",
    "DunningRunApproved",
    "DunningRunFinished",
    "PaymentBounced",
    "PaymentFailed",
    "PaymentRecorded",
    "PaymentSucceeded",
    "PaymentUnknown",
    "PaymentVoided",
    "PromiseJudged",
    "PromiseMade",
    "ProvisionChanged",
    "ReceivableDeferred",
    "ReceivableRecovered",
    "ReceivableRefunded",
    "ReceivableSettled",
    "ReceivableWrittenOff",
    "ReminderIssued",
]
