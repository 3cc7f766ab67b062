"""Codes of bank statements and matches."""

from __future__ import annotations

from huikuan.errors import RefusalCode

SOURCE_TAKEN = RefusalCode("RECEIVABLES_SOURCE_TAKEN", "Another account of the company, unlike this one, has this code")
SOURCE_ARCHIVED = RefusalCode("RECEIVABLES_SOURCE_ARCHIVED", "The account is out of use")
LINE_DIFFERS = RefusalCode("RECEIVABLES_LINE_DIFFERS", "A line of another amount has this reference on this day")
LINE_SETTLED = RefusalCode("RECEIVABLES_LINE_SETTLED", "What the line tells of is in the ledger already")
LINE_IGNORED = RefusalCode("RECEIVABLES_LINE_IGNORED", "The line is ignored")
MATCH_ENDED = RefusalCode("RECEIVABLES_MATCH_ENDED", "The match is not what it was")
MATCH_UNCLEAR = RefusalCode("RECEIVABLES_MATCH_UNCLEAR", "Nobody knows whose payment it is")
BANK_RULE_TAKEN = RefusalCode("RECEIVABLES_BANK_RULE_TAKEN", "Another rule of the bank, unlike this one, has this code")
LINE_OUTGOING = RefusalCode("RECEIVABLES_LINE_OUTGOING", "The money went out")
LINE_INCOMING = RefusalCode("RECEIVABLES_LINE_INCOMING", "The money came in")
LINE_AMOUNT = RefusalCode("RECEIVABLES_LINE_AMOUNT", "The line is of another amount or currency")
LINE_TWICE = RefusalCode("RECEIVABLES_LINE_TWICE", "Another line tells of it already")
