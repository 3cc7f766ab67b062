"""How the customers of ``huikuan demo`` pay: a stated model, told by customer and invoice, the same each time.

Of twelve customers four pay on the due day (PROMPT) and three twelve days later (LATE). One keeps back a tenth (SHORT),
one pays 5.00 too much (OVER), one disputes first and pays ten days late (DISPUTING), one promises on the third day
overdue to pay a week later and keeps that for every second invoice (PROMISING), and one never pays (SILENT).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from zlib import crc32

__all__ = ["Payer", "amount_of", "keeps", "payer_of", "pays_on"]

CENT = Decimal("0.01")
SEED = 255
"""Chosen so that the few customers of the demo are of every kind."""


class Payer(Enum):
    """How a customer pays, with the days after the due day; None: never."""

    PROMPT = 0
    LATE = 12
    SHORT = 2
    OVER = 1
    DISPUTING = 10
    PROMISING = 10 + 3
    SILENT = None


MIX = (
    *(Payer.PROMPT,) * 4,
    *(Payer.LATE,) * 3,
    Payer.SHORT,
    Payer.OVER,
    Payer.DISPUTING,
    Payer.PROMISING,
    Payer.SILENT,
)
DISPUTES_AFTER = timedelta(days=1)
PROMISES_AFTER = timedelta(days=3)
PROMISED_FOR = timedelta(days=7)
BREAKS_BY = timedelta(days=14)
KEEPS_BACK, TOO_MUCH = Decimal("0.10"), Decimal(5)


def payer_of(code: str) -> Payer:
    """What kind of payer a customer is."""
    return MIX[crc32(f"{SEED}:{code}".encode()) % len(MIX)]


def keeps(number: str) -> bool:
    """Whether a promise for this invoice is kept."""
    return crc32(number.encode()) % 2 == 0


def pays_on(payer: Payer, number: str, due_on: date) -> date | None:
    """The day when the money comes, if it ever does."""
    if payer is Payer.PROMISING:
        day = due_on + PROMISES_AFTER + PROMISED_FOR
        return day if keeps(number) else day + BREAKS_BY
    return due_on + timedelta(days=payer.value) if payer.value is not None else None


def amount_of(payer: Payer, open: Decimal) -> Decimal:
    """How much comes for what is open."""
    if payer is Payer.OVER:
        return open + TOO_MUCH
    if payer is Payer.SHORT:
        return (open * (1 - KEEPS_BACK)).quantize(CENT, ROUND_HALF_UP)
    return open
