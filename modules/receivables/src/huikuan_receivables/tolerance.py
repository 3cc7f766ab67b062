"""Differences that are too small to ask for."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan.money import exponent

__all__ = ["tolerance", "tolerances"]

ZERO = Decimal(0)


def tolerance(ctx: Context, currency: str) -> Decimal:
    """How much is written off by itself in this currency; 0 where nothing is."""
    return tolerances(str(ctx.setting("receivables.tolerance"))).get(currency, ZERO)


def tolerances(text: str) -> dict[str, Decimal]:
    """Amounts by currency: ``EUR 0.05, JPY 5``."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        words = part.split()
        try:
            currency, amount = words[0].upper(), Decimal(words[1])
            exponent(currency)
        except (IndexError, InvalidOperation, ValueError):
            words = []
        if len(words) != 2 or not amount.is_finite() or amount < 0:
            raise BadInput(f"The setting receivables.tolerance holds {part!r}; write it like 'EUR 0.05, JPY 5'.")
        found[currency] = amount
    return found
