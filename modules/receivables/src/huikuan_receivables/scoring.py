"""Whom to call first, and what to do next: pure rules, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from huikuan_receivables.snapshots import ActionKind, Measure

__all__ = ["DEFAULT_RULES", "Facts", "Match", "NextAction", "ScoreRule", "matches", "next_action"]


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """Points for a customer whose measure is at least so much."""

    name: str
    measure: Measure
    at_least: Decimal
    points: int


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched, with the value that it saw."""

    rule: ScoreRule
    value: Decimal


DEFAULT_RULES = (
    ScoreRule("Something is overdue", Measure.OVERDUE_ITEMS, Decimal(1), 10),
    ScoreRule("A thousand or more is overdue", Measure.OVERDUE_AMOUNT, Decimal(1_000), 10),
    ScoreRule("Ten thousand or more is overdue", Measure.OVERDUE_AMOUNT, Decimal(10_000), 20),
    ScoreRule("Overdue for more than 30 days", Measure.DAYS_OVERDUE, Decimal(31), 10),
    ScoreRule("Overdue for more than 90 days", Measure.DAYS_OVERDUE, Decimal(91), 20),
    ScoreRule("Reminded twice or more", Measure.LEVEL, Decimal(2), 10),
    ScoreRule("A promise was broken", Measure.BROKEN_PROMISES, Decimal(1), 20),
    ScoreRule("A dispute waits too long", Measure.LATE_DISPUTES, Decimal(1), 15),
    ScoreRule("The day to look again has come", Measure.RESUBMISSION_DUE, Decimal(1), 25),
)
"""What holds until a tenant writes rules of its own."""


def matches(rules: Sequence[ScoreRule], figures: Mapping[Measure, Decimal]) -> list[Match]:
    """The rules that match; the score is the sum of their points."""
    seen = ((rule, figures.get(rule.measure, Decimal(0))) for rule in rules)
    return [Match(rule, value) for rule, value in seen if value >= rule.at_least]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the next action of a customer depends on."""

    overdue: bool = False
    look_again_on: date | None = None
    broken_on: date | None = None
    contacted_on: date | None = None
    dispute_due_on: date | None = None
    promised_until: date | None = None
    remind_on: date | None = None


@dataclass(frozen=True, slots=True)
class NextAction:
    """What to do, and when; no day where there is nothing to do."""

    kind: ActionKind
    on: date | None


def next_action(facts: Facts, today: date) -> NextAction:
    """The first of these that applies: what a person decided, what cannot wait, what happens by itself."""
    if facts.look_again_on is not None and facts.look_again_on > today:
        return NextAction(ActionKind.LOOK_AGAIN, facts.look_again_on)
    if facts.broken_on is not None and (facts.contacted_on is None or facts.contacted_on < facts.broken_on):
        return NextAction(ActionKind.CALL, today)
    if facts.dispute_due_on is not None and facts.dispute_due_on < today:
        return NextAction(ActionKind.SETTLE_DISPUTE, today)
    if facts.look_again_on is not None:
        return NextAction(ActionKind.CALL, today)
    coming = (
        (ActionKind.REMIND, facts.remind_on),
        (ActionKind.WAIT_FOR_PROMISE, facts.promised_until),
        (ActionKind.SETTLE_DISPUTE, facts.dispute_due_on),
    )
    for kind, day in coming:
        if day is not None:
            return NextAction(kind, max(day, today))
    return NextAction(ActionKind.ESCALATE, today) if facts.overdue else NextAction(ActionKind.NOTHING, None)
