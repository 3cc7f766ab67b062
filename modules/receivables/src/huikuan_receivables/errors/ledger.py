"""Codes of payments, allocations and write-offs."""

from __future__ import annotations

from huikuan.errors import RefusalCode

REFERENCE_TAKEN = RefusalCode("RECEIVABLES_REFERENCE_TAKEN", "Something else, with other content, has this reference")
DUPLICATE = RefusalCode(
    "RECEIVABLES_DUPLICATE", "A payment of the same customer, amount, day and method is there already"
)
WRONG_STATE = RefusalCode("RECEIVABLES_WRONG_STATE", "Its state does not allow this action")
DATE_AHEAD = RefusalCode("RECEIVABLES_DATE_AHEAD", "The date lies in the future")
DATE_TOO_EARLY = RefusalCode("RECEIVABLES_DATE_TOO_EARLY", "The date lies before what it is about")
RATE_MISSING = RefusalCode("RECEIVABLES_RATE_MISSING", "A foreign currency needs its rate")
CURRENCY = RefusalCode("RECEIVABLES_CURRENCY", "The currencies differ")
ACCOUNT = RefusalCode("RECEIVABLES_ACCOUNT", "The item is neither on the payer's account nor in its family")
NOT_OPEN = RefusalCode("RECEIVABLES_NOT_OPEN", "Less is open than would be settled")
NOT_UNAPPLIED = RefusalCode("RECEIVABLES_NOT_UNAPPLIED", "Less is unapplied than would be used")
ALLOCATION_ENDED = RefusalCode("RECEIVABLES_ALLOCATION_ENDED", "The allocation was taken back already")
ALLOCATION_BOUND = RefusalCode("RECEIVABLES_ALLOCATION_BOUND", "A credit note settles the invoice that it takes back")
REFUNDED = RefusalCode("RECEIVABLES_REFUNDED", "Some of the payment was paid back")
WRITE_OFF_LARGE = RefusalCode(
    "RECEIVABLES_WRITE_OFF_LARGE", "The write-off is above the limit", release="receivables.approve"
)
PROVISION_EARLIER = RefusalCode("RECEIVABLES_PROVISION_EARLIER", "A later provision was run already")
OPEN_ACCOUNT = RefusalCode("RECEIVABLES_OPEN_ACCOUNT", "Something is open on the customer's account")
