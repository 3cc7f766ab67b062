"""When goods can be promised: pure arithmetic over what is here, what is expected and who was promised before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from huikuan_inventory.snapshots import Promise

__all__ = ["Source", "promises", "sources_of", "together"]

ZERO = Decimal(0)


@dataclass(slots=True)
class Source:
    """A quantity that is there by a day."""

    on: date
    quantity: Decimal


def sources_of(today: date, available: Decimal, expected: Iterable[tuple[date, Decimal]]) -> list[Source]:
    """What can be promised from, soonest first. Goods whose day has passed without them are no base of a promise."""
    coming = sorted(((eta, quantity) for eta, quantity in expected if eta >= today), key=lambda found: found[0])
    return [Source(today, max(available, ZERO)), *(Source(eta, quantity) for eta, quantity in coming)]


def promises(sources: Sequence[Source], quantity: Decimal) -> list[Promise]:
    """Take a quantity from the sources, soonest first; what no source covers has no day. Uses the sources up."""
    found: list[Promise] = []
    left = quantity
    for source in sources:
        taken = min(left, source.quantity)
        if taken > ZERO:
            source.quantity -= taken
            left -= taken
            found.append(Promise(quantity=taken, on=source.on))
    if left > ZERO:
        found.append(Promise(quantity=left, on=None))
    return found


def together(parts: Sequence[Promise]) -> list[Promise]:
    """All at once: the whole quantity on the last day."""
    if not parts:
        return []
    days = [part.on for part in parts]
    whole = sum((part.quantity for part in parts), ZERO)
    return [Promise(quantity=whole, on=None if None in days else max(day for day in days if day is not None))]
