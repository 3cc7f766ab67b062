"""What stands on a customer's account at receivables, as credit counts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan_credit.ledger import Source, add
from huikuan_credit.snapshots import Part

__all__ = ["Key", "Owing", "add_owed", "owing_of", "source_of"]

ZERO = Decimal(0)
Key = tuple[UUID, str]
"""A customer and a currency."""


@dataclass(frozen=True, slots=True)
class Owing:
    """Open items, and what lowers them: unapplied money, and credit notes that settle nothing yet."""

    invoiced: Decimal = ZERO
    unapplied: Decimal = ZERO

    def __add__(self, other: Owing) -> Owing:
        return Owing(self.invoiced + other.invoiced, self.unapplied + other.unapplied)

    def __sub__(self, other: Owing) -> Owing:
        return Owing(self.invoiced - other.invoiced, self.unapplied - other.unapplied)


def owing_of(open: Decimal) -> Owing:
    """What an item comes to; negative for a credit note."""
    return Owing(max(open, ZERO), min(open, ZERO))


def source_of(key: Key) -> Source:
    """One position for each customer and currency: its type names the currency."""
    customer_id, currency = key
    return Source(type=f"Receivables.{currency}", id=customer_id, bill_to_id=customer_id, currency=currency)


def add_owed(ctx: Context, event: str, changes: Mapping[Key, Owing]) -> None:
    """Add to what these accounts come to, in one order."""
    for key in sorted(changes, key=str):
        change = changes[key]
        add(ctx, event, source_of(key), {Part.INVOICED: change.invoiced, Part.UNAPPLIED: change.unapplied})
