"""Codes that receivables refuses with."""

from huikuan_receivables.errors.ledger import (
    ACCOUNT,
    ALLOCATION_BOUND,
    ALLOCATION_ENDED,
    CURRENCY,
    DATE_AHEAD,
    DATE_TOO_EARLY,
    DUPLICATE,
    NOT_OPEN,
    NOT_UNAPPLIED,
    OPEN_ACCOUNT,
    PROVISION_EARLIER,
    RATE_MISSING,
    REFERENCE_TAKEN,
    REFUNDED,
    WRITE_OFF_LARGE,
    WRONG_STATE,
)

__all__ = [
    "ACCOUNT",
    "ALLOCATION_BOUND",
    "ALLOCATION_ENDED",
    "CURRENCY",
    "DATE_AHEAD",
    "DATE_TOO_EARLY",
    "DUPLICATE",
    "NOT_OPEN",
    "NOT_UNAPPLIED",
    "OPEN_ACCOUNT",
    "PROVISION_EARLIER",
    "RATE_MISSING",
    "REFERENCE_TAKEN",
    "REFUNDED",
    "WRITE_OFF_LARGE",
    "WRONG_STATE",
]
