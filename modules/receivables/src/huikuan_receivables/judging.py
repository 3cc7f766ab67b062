"""What became of a promise to pay: a pure rule, no database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from huikuan_receivables.snapshots import PromiseState

__all__ = ["judge", "pauses"]

ZERO = Decimal(0)


def judge(promised: Decimal, paid: Decimal, left: Decimal, today: date, until: date) -> PromiseState:
    """The state of a promise that was not withdrawn.

    ``paid``: what came by ``until``, the promised day with its tolerance; ``left``: what was open then.
    """
    if paid >= promised or left <= ZERO:
        return PromiseState.KEPT
    if paid > ZERO:
        return PromiseState.PARTLY_KEPT
    return PromiseState.OPEN if today <= until else PromiseState.BROKEN


def pauses(state: PromiseState, today: date, until: date) -> bool:
    """Whether a promise still keeps dunning away: the rest of it may come until the last day."""
    return state in (PromiseState.OPEN, PromiseState.PARTLY_KEPT) and today <= until
