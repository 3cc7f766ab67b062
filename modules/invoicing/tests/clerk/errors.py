"""Codes the clerk refuses with."""

from huikuan import RefusalCode

CLERK_ABSENT = RefusalCode("CLERK_ABSENT", "The clerk is away", release="invoicing.release")
