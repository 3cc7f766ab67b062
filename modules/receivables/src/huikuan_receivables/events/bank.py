"""What happened to lines of bank statements."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from huikuan.events import Event
from huikuan.money import Money
from huikuan_receivables.snapshots import MatchKind, MatchRule

__all__ = ["BankLineIgnored", "BankLineMatched", "BankLineRecorded", "BankMatchUndone"]


class BankLineRecorded(Event, aggregate="bank_line"):
    """A new line of a bank statement was kept."""

    bank_line_id: UUID
    source_id: UUID
    on: date
    amount: Money


class BankLineMatched(Event, aggregate="bank_line"):
    """What a line tells of is in the ledger; ``automatic``: nobody had to confirm it.

    ``payment_id``: the payment that was posted; of a RETURN the one that was taken back. A REFUND has ``refund_id``.
    """

    bank_line_id: UUID
    match_id: UUID
    payment_id: UUID | None
    customer_id: UUID
    rule: MatchRule
    score: int
    automatic: bool
    amount: Money
    kind: MatchKind = MatchKind.PAYMENT
    refund_id: UUID | None = None


class BankMatchUndone(Event, aggregate="bank_line"):
    """A match was taken back.

    A PAYMENT is gone, and what it had settled is open again. A RETURN's payment is there again, if the match had taken
    it back.
    """

    bank_line_id: UUID
    match_id: UUID
    payment_id: UUID | None
    customer_id: UUID
    rule: MatchRule
    automatic: bool
    reason: str
    kind: MatchKind = MatchKind.PAYMENT
    refund_id: UUID | None = None


class BankLineIgnored(Event, aggregate="bank_line"):
    """Somebody said that a line is nothing between a customer and the company; or, not ``ignored``, that it may be."""

    bank_line_id: UUID
    ignored: bool
    note: str | None
