"""The code that the payer refuses with."""

from huikuan import RefusalCode

PAYER_STOPPED = RefusalCode("PAYER_STOPPED", "Nothing is invoiced for now")
