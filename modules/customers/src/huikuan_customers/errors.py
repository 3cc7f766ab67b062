"""Codes that customers refuses with."""

from huikuan import RefusalCode

ACCOUNT_TAKEN = RefusalCode("CUSTOMERS_ACCOUNT_TAKEN", "Another customer has this bank account")
ARCHIVED = RefusalCode("CUSTOMERS_ARCHIVED", "The customer, group or terms were archived")
CODE_TAKEN = RefusalCode("CUSTOMERS_CODE_TAKEN", "Another one, with other content, has this code")
FAMILY_CYCLE = RefusalCode("CUSTOMERS_FAMILY_CYCLE", "A customer cannot stand above itself")
FAMILY_TOO_DEEP = RefusalCode("CUSTOMERS_FAMILY_TOO_DEEP", "There are too many levels of parents")
IN_USE = RefusalCode("CUSTOMERS_IN_USE", "Something still refers to it")
NOT_HELD = RefusalCode("CUSTOMERS_NOT_HELD", "The customer is not on hold")
TAX_ID_TAKEN = RefusalCode("CUSTOMERS_TAX_ID_TAKEN", "Another customer, outside the family, has this tax id")
TERMS_CURRENCY = RefusalCode("CUSTOMERS_TERMS_CURRENCY", "A fixed amount of the terms has another currency")
TERMS_INVALID = RefusalCode("CUSTOMERS_TERMS_INVALID", "The lines are no payment terms")
TERMS_TOO_LARGE = RefusalCode("CUSTOMERS_TERMS_TOO_LARGE", "A line of the terms is larger than what is left")
