"""How a payment may come from one state to another."""

from __future__ import annotations

from huikuan_receivables.snapshots import PaymentStatus

__all__ = ["NEXT", "may_become"]

NEXT: dict[PaymentStatus, frozenset[PaymentStatus]] = {
    PaymentStatus.RECORDED: frozenset({PaymentStatus.UNKNOWN, PaymentStatus.SUCCEEDED, PaymentStatus.FAILED}),
    PaymentStatus.UNKNOWN: frozenset({PaymentStatus.SUCCEEDED, PaymentStatus.FAILED}),
    PaymentStatus.SUCCEEDED: frozenset({PaymentStatus.BOUNCED, PaymentStatus.VOIDED}),
    PaymentStatus.FAILED: frozenset(),
    PaymentStatus.BOUNCED: frozenset(),
    PaymentStatus.VOIDED: frozenset(),
}


def may_become(before: PaymentStatus, after: PaymentStatus) -> bool:
    """Whether a payment may go from one state to the other."""
    return after in NEXT[before]
