"""When a level of a dunning policy is due: pure rules, no database."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from huikuan_receivables.days import shifted
from huikuan_receivables.snapshots import LevelTest

__all__ = ["LevelRule", "Standing", "cover", "faults", "next_reminder"]

K = TypeVar("K", bound=Hashable)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class LevelRule:
    """One level of a policy, as far as days go; positions are 1, 2, … without gaps."""

    position: int
    test: LevelTest
    days: int

    @property
    def beforehand(self) -> bool:
        """Whether it may be due before the item is."""
        return self.test is not LevelTest.SINCE_PREVIOUS and self.days < 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an item was reminded: the last level and its day; level 0: never.

    ``pushed``: from this day on the next level is due at once, because a promise was broken.
    """

    level: int = 0
    on: date | None = None
    pushed: date | None = None


def faults(rules: Sequence[LevelRule]) -> list[str]:
    """What is wrong with the levels of a policy."""
    found = []
    if [rule.position for rule in rules] != list(range(1, len(rules) + 1)):
        found.append("levels are numbered 1, 2, … without gaps")
    if rules and rules[0].test is LevelTest.SINCE_PREVIOUS:
        found.append("the first level has no level before it to count from")
    found += [
        f"level {rule.position} counts at least one day from the level before"
        for rule in rules
        if rule.test is LevelTest.SINCE_PREVIOUS and rule.days < 1
    ]
    return found


def next_reminder(
    rules: Sequence[LevelRule], due_on: date, standing: Standing, gap_days: int = 1
) -> tuple[LevelRule, date] | None:
    """The next level and the first day on which it may be issued; None after the last one.

    It is always the level after the last one issued: none is skipped, however late it is. Between two
    levels lie ``gap_days``, and never less than one.
    """
    rule = next((rule for rule in rules if rule.position == standing.level + 1), None)
    if rule is None:
        return None
    day = _tested(rule, due_on, standing.on)
    if standing.pushed is not None:
        day = min(day, standing.pushed)
    if standing.on is not None:
        day = max(day, shifted(standing.on, max(1, gap_days)))
    return rule, day


def _tested(rule: LevelRule, due_on: date, previous_on: date | None) -> date:
    if rule.test is LevelTest.SINCE_PREVIOUS:
        return shifted(previous_on or due_on, rule.days)
    day = shifted(due_on, rule.days)
    if rule.test is LevelTest.END_OF_MONTH:
        day = day.replace(day=monthrange(day.year, day.month)[1])
    return day


def cover(items: Sequence[tuple[K, Decimal]], credit: Decimal) -> dict[K, Decimal]:
    """What is left to ask for of each item, in order, once ``credit`` is set against them."""
    left: dict[K, Decimal] = {}
    for key, amount in items:
        used = max(ZERO, min(credit, amount))
        left[key] = amount - used
        credit -= used
    return left
