from huikuan import RefusalCode

MISSING = RefusalCode("ACME_DEPOSIT_MISSING", "The order needs a deposit first")
