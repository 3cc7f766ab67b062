"""How an amount of money settles given items: exactly, with a small difference, too little or too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from huikuan_receivables.matching.book import BookItem

__all__ = ["Fit", "Fitting", "Part", "fit"]

ZERO = Decimal(0)


class Fit(Enum):
    """How well an amount fits; the value is what a person is told."""

    EXACT = "The amount is what is open."
    WHOLE = "The amount pays the instalments that are due first."
    TOLERATED = "The difference is within the tolerance."
    MORE = "The amount is more than what is open."
    LESS = "The amount is less than what is open."
    UNCLEAR = "The amount does not tell which of them it pays."


class Part(NamedTuple):
    """What an item gets: money, and what is given up or taken as discount beside it.

    ``given_up``: because a rule says so; ``write_off``: within the tolerance.
    """

    item: BookItem
    amount: Decimal
    write_off: Decimal = ZERO
    discount: Decimal = ZERO
    given_up: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """The parts and what is left of the money; ``short``: what lacks of an item that is partly paid."""

    fit: Fit
    parts: tuple[Part, ...]
    rest: Decimal = ZERO
    kept: bool = False
    short: Decimal = ZERO


def fit(items: Sequence[BookItem], amount: Decimal, on: date, tolerance: Decimal) -> Fitting:
    """Settle the items in their order; amounts of the parts and the rest come to ``amount`` exactly."""
    asked = sum((item.asked(on) for item in items), ZERO)
    total = sum((item.open for item in items), ZERO)
    if asked < total and amount == asked:
        return Fitting(fit=Fit.EXACT, parts=tuple(Part(it, it.asked(on), ZERO, it.open - it.asked(on)) for it in items))
    if amount >= total:
        rest = amount - total
        kept = ZERO < rest <= tolerance
        how = Fit.EXACT if not rest else Fit.TOLERATED if kept else Fit.MORE
        return Fitting(fit=how, parts=tuple(Part(item, item.open) for item in items), rest=rest, kept=kept)
    return _less(items, amount, tolerance)


def _less(items: Sequence[BookItem], amount: Decimal, tolerance: Decimal) -> Fitting:
    """Too little for all: the first ones whole, then one in part, which is given up to if the difference is small."""
    parts: list[Part] = []
    left = amount
    for item in items:
        if left <= ZERO:
            break
        lacks = item.open - left
        if ZERO < lacks <= tolerance:
            parts.append(Part(item, left, lacks))
            return Fitting(fit=_how(items, Fit.TOLERATED, len(parts)), parts=tuple(parts))
        parts.append(Part(item, min(left, item.open)))
        left -= parts[-1].amount
    short = parts[-1].item.open - parts[-1].amount
    return Fitting(fit=_how(items, Fit.LESS if short else Fit.WHOLE, len(parts)), parts=tuple(parts), short=short)


def _how(items: Sequence[BookItem], how: Fit, settled: int) -> Fit:
    """With several invoices, too little money does not say which of them it is for."""
    several = len({item.invoice_id for item in items}) > 1
    return Fit.UNCLEAR if several and (settled < len(items) or how is Fit.LESS) else how
