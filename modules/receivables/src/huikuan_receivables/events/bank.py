"""What happened to lines of bank statements."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from huikuan.events import Event
from huikuan.money import Money
from huikuan_receivables.snapshots import MatchRule

__all__ = ["BankLineIgnored", "BankLineMatched", "BankLineRecorded", "BankMatchUndone"]


class BankLineRecorded(Event, aggregate="bank_line"):
    """A new line of a bank statement was kept."""

    bank_line_id: UUID
    source_id: UUID
    on: date
    amount: Money


class BankLineMatched(Event, aggregate="bank_line"):
    """The payment of a line is in the ledger; ``automatic``: nobody had to confirm it."""

    bank_line_id: UUID
    match_id: UUID
    payment_id: UUID
    customer_id: UUID
    rule: MatchRule
    score: int
    automatic: bool
    amount: Money


class BankMatchUndone(Event, aggregate="bank_line"):
    """A match was taken back: the payment is gone, and what it had settled is open again."""

    bank_line_id: UUID
    match_id: UUID
    payment_id: UUID
    customer_id: UUID
    rule: MatchRule
    automatic: bool
    reason: str


class BankLineIgnored(Event, aggregate="bank_line"):
    """Somebody said that a line is no payment of a customer, or that it is one after all (``ignored`` is false)."""

    bank_line_id: UUID
    ignored: bool
    note: str | None
