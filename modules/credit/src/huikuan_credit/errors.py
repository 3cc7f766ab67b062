"""Codes that credit refuses with."""

from huikuan.errors import RefusalCode

RELEASE = "credit.approve"

OVER_LIMIT = RefusalCode("CREDIT_OVER_LIMIT", "The customer would owe more than its limit", RELEASE, four_eyes=True)
NO_LIMIT = RefusalCode("CREDIT_NO_LIMIT", "The customer has limits, but none in this currency", RELEASE, four_eyes=True)
LIMIT_EXPIRED = RefusalCode("CREDIT_LIMIT_EXPIRED", "The customer's own limit has run out", RELEASE, four_eyes=True)
ORDER_TOO_LARGE = RefusalCode(
    "CREDIT_ORDER_TOO_LARGE", "A single order is larger than the customer may place", RELEASE, four_eyes=True
)
OVERDUE_DAYS = RefusalCode("CREDIT_OVERDUE_DAYS", "Something has been overdue for too long", RELEASE, four_eyes=True)
OVERDUE_AMOUNT = RefusalCode("CREDIT_OVERDUE_AMOUNT", "Too much is overdue", RELEASE, four_eyes=True)
ITEM_TOO_OLD = RefusalCode("CREDIT_ITEM_TOO_OLD", "An open item is too old", RELEASE, four_eyes=True)
DUNNING_LEVEL = RefusalCode(
    "CREDIT_DUNNING_LEVEL", "The customer was reminded of its debts too often", RELEASE, four_eyes=True
)
PREPAYMENT_NEEDED = RefusalCode(
    "CREDIT_PREPAYMENT_NEEDED", "The customer's risk class asks for payment in advance", RELEASE, four_eyes=True
)
TERMS_TOO_LONG = RefusalCode(
    "CREDIT_TERMS_TOO_LONG",
    "The payment terms are longer than those of the customer's risk class",
    RELEASE,
    four_eyes=True,
)
TERMS_UNKNOWN = RefusalCode("CREDIT_TERMS_UNKNOWN", "No payment terms in use have the code that the class names")
LIMIT_INVALID = RefusalCode("CREDIT_LIMIT_INVALID", "The limit says too little, or contradicts itself")
CLASS_TAKEN = RefusalCode("CREDIT_CLASS_TAKEN", "Another risk class, with other content, has this code")
