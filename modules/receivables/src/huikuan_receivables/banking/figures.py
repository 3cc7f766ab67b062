"""How often the rules were right, and what money is nobody's yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.money import Money
from huikuan_receivables.banking.facts import UNSETTLED
from huikuan_receivables.models import BankLine, BankMatch
from huikuan_receivables.snapshots import MatchRule, MatchStatus

__all__ = ["Precision", "Suspense", "precision", "suspense"]

AGES = ((0, 1), (2, 7), (8, 30), (31, None))
HUNDRED = Decimal(100)
TENTH = Decimal("0.1")


@dataclass(slots=True)
class Precision:
    """What became of the matches of a rule."""

    rule: MatchRule
    posted: int = 0
    undone: int = 0
    confirmed: int = 0
    rejected: int = 0

    @property
    def percent(self) -> Decimal | None:
        """What stands of what was posted by itself."""
        if not self.posted:
            return None
        return (HUNDRED * (self.posted - self.undone) / self.posted).quantize(TENTH)


@dataclass(frozen=True, slots=True)
class Suspense:
    """Lines of one age and currency."""

    from_days: int
    to_days: int | None
    lines: int
    amount: Money
    oldest: date


def precision(ctx: Context, since: datetime | None) -> list[Precision]:
    """For each rule that anything was decided of: since a time, or ever."""
    columns = (BankMatch.rule, BankMatch.status, BankMatch.automatic)
    statement = select(*columns, func.count()).where(BankMatch.decided_at.is_not(None)).group_by(*columns)
    if since is not None:
        statement = statement.where(BankMatch.decided_at >= since)
    found: dict[MatchRule, Precision] = {}
    for rule, status, automatic, count in ctx.rows(statement):
        one = found.setdefault(rule, Precision(rule))
        undone = status is MatchStatus.UNDONE
        if automatic:
            one.posted += count
            one.undone += count if undone else 0
        elif status is MatchStatus.POSTED:
            one.confirmed += count
        elif undone or status is MatchStatus.REJECTED:
            one.rejected += count
    return [found[rule] for rule in MatchRule if rule in found]


def suspense(ctx: Context) -> list[Suspense]:
    """Open lines by which money came, by age and currency, the youngest first."""
    rows: Iterable[Any] = ctx.rows(
        select(BankLine.on, BankLine.amount_currency, func.count(), func.sum(BankLine.amount_amount))
        .where(BankLine.status.in_(UNSETTLED), BankLine.amount_amount > 0)
        .group_by(BankLine.on, BankLine.amount_currency)
        .order_by(BankLine.on.desc())
    )
    found: dict[tuple[int, str], Suspense] = {}
    for day, currency, count, amount in rows:
        age = max(0, (ctx.today - day).days)
        place = next(place for place, (_, last) in enumerate(AGES) if last is None or age <= last)
        before = found.get((place, currency))
        lines = count + (before.lines if before else 0)
        total = Money(amount, currency) + (before.amount if before else Money.zero(currency))
        first, last = AGES[place]
        found[place, currency] = Suspense(first, last, lines, total, day)
    return [found[key] for key in sorted(found)]
