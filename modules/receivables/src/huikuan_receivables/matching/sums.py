"""Which items come to exactly an amount: all ways up to two, within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["MAX_ITEMS", "MAX_STATES", "Sums", "subsets"]

#: So many items are tried, the first ones; and so many different sums are remembered.
MAX_ITEMS = 24
MAX_STATES = 2_000

Way = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """At most two ways, as places in the sequence; ``exhaustive``: there are no others."""

    ways: tuple[Way, ...]
    exhaustive: bool

    @property
    def unique(self) -> bool:
        """Whether there is one way and certainly no other."""
        return len(self.ways) == 1 and self.exhaustive


def subsets(amounts: Sequence[Decimal], target: Decimal) -> Sums:
    """Ways in which some of these positive amounts come to ``target``, with two or more of them.

    Remembers for each sum that can be reached at most two ways to reach it, and lets go of what is too much or
    can no longer become enough.
    """
    tried = amounts[:MAX_ITEMS]
    exhaustive = len(tried) == len(amounts)
    order = sorted(range(len(tried)), key=lambda place: tried[place], reverse=True)
    left = sum(tried, Decimal(0))
    if left < target:
        return Sums((), exhaustive)
    reached: dict[Decimal, tuple[Way, ...]] = {Decimal(0): ((),)}
    for place in order:
        amount = tried[place]
        left -= amount
        grown: dict[Decimal, tuple[Way, ...]] = {}
        for total, ways in reached.items():
            if total + left >= target:
                grown[total] = (*grown.get(total, ()), *ways)[:2]
            more = total + amount
            if more <= target <= more + left:
                added = tuple((*way, place) for way in ways)
                grown[more] = (*grown.get(more, ()), *added)[:2]
        if len(grown) > MAX_STATES:
            return Sums((), False)
        reached = grown
    ways = tuple(tuple(sorted(way)) for way in reached.get(target, ()))
    single = [way for way in ways if len(way) == 1]
    if single:  # one item alone is an exact amount, and then there is more than one way to see it
        return Sums(ways, exhaustive) if len(ways) > 1 else Sums((), exhaustive)
    return Sums(ways, exhaustive)
