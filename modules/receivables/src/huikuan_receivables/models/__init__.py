"""Tables of receivables: the ledger and payments; each further part has a file of its own."""

from huikuan_receivables.models.collecting import (
    CollectionAccount,
    CollectionRule,
    ContactNote,
    Deferral,
    Dispute,
    PaymentPromise,
)
from huikuan_receivables.models.dunning import (
    RUN_RANK,
    DunningAssignment,
    DunningLetter,
    DunningLevel,
    DunningLine,
    DunningPolicy,
    DunningRun,
    DunningStep,
    DunningTolerance,
)
from huikuan_receivables.models.ledger import (
    Allocation,
    Entry,
    ItemBalance,
    Payment,
    Posting,
    ProvisionRun,
    ReceivableItem,
    Refund,
)

__all__ = [
    "RUN_RANK",
    "Allocation",
    "CollectionAccount",
    "CollectionRule",
    "ContactNote",
    "Deferral",
    "Dispute",
    "DunningAssignment",
    "DunningLetter",
    "DunningLevel",
    "DunningLine",
    "DunningPolicy",
    "DunningRun",
    "DunningStep",
    "DunningTolerance",
    "Entry",
    "ItemBalance",
    "Payment",
    "PaymentPromise",
    "Posting",
    "ProvisionRun",
    "ReceivableItem",
    "Refund",
]
