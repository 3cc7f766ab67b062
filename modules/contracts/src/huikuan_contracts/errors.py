"""Codes that contracts refuses with."""

from huikuan.errors import RefusalCode

REFERENCE_TAKEN = RefusalCode("CONTRACTS_REFERENCE_TAKEN", "Another contract, with other content, has this reference")
SIGNED = RefusalCode("CONTRACTS_SIGNED", "The contract is signed: it changes by amendments only")
NOTHING_UNAPPLIED = RefusalCode("CONTRACTS_NOTHING_UNAPPLIED", "The customer has no money that settles nothing yet")
NOT_SIGNED = RefusalCode("CONTRACTS_NOT_SIGNED", "The contract is not signed")
NOT_ACTIVE = RefusalCode("CONTRACTS_NOT_ACTIVE", "The contract is not in force today")
CANCELLED = RefusalCode("CONTRACTS_CANCELLED", "The contract was cancelled")
ACCEPTED = RefusalCode("CONTRACTS_ACCEPTED", "The work was accepted on another day")
PLAN_OF_ORDER = RefusalCode("CONTRACTS_PLAN_OF_ORDER", "It is the plan of an order, and no agreement of its own")
PLAN_SUM = RefusalCode("CONTRACTS_PLAN_SUM", "The instalments do not fit the contract's amount")
AMOUNT_MISSING = RefusalCode("CONTRACTS_AMOUNT_MISSING", "A collection plan needs a contract with an amount")
INSTALMENT_FIXED = RefusalCode(
    "CONTRACTS_INSTALMENT_FIXED", "The instalment is invoiced or something of it was received"
)
NO_MILESTONE = RefusalCode("CONTRACTS_NO_MILESTONE", "The instalment does not wait for a milestone")
NOT_DUE = RefusalCode("CONTRACTS_NOT_DUE", "Nothing is owed before the milestone or the acceptance")
BILLED_BY_ORDERS = RefusalCode("CONTRACTS_BILLED_BY_ORDERS", "The contract is invoiced by its orders")
BILLED_BY_PLAN = RefusalCode("CONTRACTS_BILLED_BY_PLAN", "The contract is invoiced by its plan, not by its orders")
BELOW_CONSUMED = RefusalCode("CONTRACTS_BELOW_CONSUMED", "More was called off than the contract would allow")
OVER_CAP = RefusalCode("CONTRACTS_OVER_CAP", "More would be called off than was agreed")
ITEM_UNKNOWN = RefusalCode("CONTRACTS_ITEM_UNKNOWN", "The contract has no such item")
CALL_OFF_TAKEN = RefusalCode("CONTRACTS_CALL_OFF_TAKEN", "Another call-off, with other content, has this reference")
ORDER_OTHER = RefusalCode("CONTRACTS_ORDER_OTHER", "The order does not belong to the contract's customer or currency")
CALLED_OFF = RefusalCode("CONTRACTS_CALLED_OFF", "Orders of the contract are under way")
IN_FORCE = RefusalCode("CONTRACTS_IN_FORCE", "The customer has contracts that can still take effect")
DOCUMENT_TYPE = RefusalCode("CONTRACTS_DOCUMENT_TYPE", "Documents of this type are not taken")
DOCUMENT_SIZE = RefusalCode("CONTRACTS_DOCUMENT_SIZE", "The document is too large to be kept here")
DOCUMENT_HASH = RefusalCode("CONTRACTS_DOCUMENT_HASH", "The content is not what the hash says")
DEPOSIT_MISSING = RefusalCode(
    "CONTRACTS_DEPOSIT_MISSING",
    "An instalment that goods wait for has not come in",
    release="contracts.release",
)
