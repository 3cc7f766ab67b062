"""How a customer pays, as points with reasons: a pure function of what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from huikuan_credit.snapshots import Grade

__all__ = ["Known", "Reason", "Score", "grade_of", "score"]

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a customer; None is not known. Days and percentages are weighted by amount."""

    delay_days: Decimal | None = None
    late_percent: Decimal | None = None
    overdue_percent: Decimal | None = None
    broken_promises: Decimal | None = None
    disputes: Decimal | None = None
    bounced: Decimal | None = None
    tenure_days: Decimal | None = None
    limit_percent: Decimal | None = None
    bureau: Grade | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One component: what was found, the points that it is worth (0 to 100), and how much they count."""

    name: str
    value: str
    points: int
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The weighted mean of the points of what is known, and what is not known."""

    points: Decimal
    grade: Grade
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Component:
    name: str
    weight: int
    steps: tuple[tuple[Decimal, int], ...]
    otherwise: int

    def points(self, value: Decimal) -> int:
        """Of the first step that the value does not exceed."""
        return next((points for bound, points in self.steps if value <= bound), self.otherwise)


def _component(name: str, weight: int, otherwise: int, *steps: tuple[int, int]) -> _Component:
    return _Component(name, weight, tuple((Decimal(bound), points) for bound, points in steps), otherwise)


COMPONENTS = (
    _component("delay_days", 30, 0, (0, 100), (7, 90), (15, 75), (30, 60), (60, 30), (90, 10)),
    _component("late_percent", 15, 0, (5, 100), (15, 80), (30, 60), (60, 30)),
    _component("overdue_percent", 20, 0, (0, 100), (10, 80), (25, 50), (50, 25)),
    _component("broken_promises", 10, 0, (0, 100), (1, 60), (3, 25)),
    _component("disputes", 5, 20, (0, 100), (2, 70), (5, 40)),
    _component("bounced", 10, 0, (0, 100), (1, 40)),
    _component("tenure_days", 5, 100, (90, 30), (365, 60), (1095, 80)),
    _component("limit_percent", 5, 0, (70, 100), (90, 70), (100, 40)),
)
"""Delays and shares count most; the steps are upper bounds, inclusive."""
BUREAU = {Grade.A: 100, Grade.B: 70, Grade.C: 40, Grade.D: 0}
BUREAU_WEIGHT = 20
GRADES: tuple[tuple[Decimal, Grade], ...] = (
    (Decimal(80), Grade.A),
    (Decimal(60), Grade.B),
    (Decimal(40), Grade.C),
)


def score(known: Known) -> Score | None:
    """The score of what is known; None where nothing is."""
    reasons = [
        Reason(name=it.name, value=f"{value.normalize():f}", points=it.points(value), weight=it.weight)
        for it in COMPONENTS
        if (value := getattr(known, it.name)) is not None
    ]
    if known.bureau is not None:
        of_bureau = BUREAU[known.bureau]
        reasons.append(Reason(name="bureau", value=known.bureau.name, points=of_bureau, weight=BUREAU_WEIGHT))
    if not reasons:
        return None
    whole = sum(reason.weight for reason in reasons)
    points = Decimal(sum(reason.points * reason.weight for reason in reasons)) / whole
    names = [*(it.name for it in COMPONENTS), "bureau"]
    missing = tuple(name for name in names if name not in {reason.name for reason in reasons})
    rounded = round(points, 2)
    return Score(points=rounded, grade=grade_of(rounded), reasons=tuple(reasons), missing=missing)


def grade_of(points: Decimal) -> Grade:
    """80 and more is A, 60 B, 40 C, less D."""
    return next((grade for bound, grade in GRADES if points >= bound), Grade.D)
