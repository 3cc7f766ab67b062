"""Codes that the office refuses with."""

from huikuan import RefusalCode

OFFICE_NO = RefusalCode("OFFICE_NO", "The office does not agree")
