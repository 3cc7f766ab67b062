"""What happened to credit: ids, amounts and dates."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from huikuan.events import Event
from huikuan.money import Money
from huikuan_credit.snapshots import Grade, LimitKind

__all__ = [
    "CreditConcentrationWarned",
    "CreditEased",
    "CreditExposureRose",
    "CreditHabitBroken",
    "CreditLimitEnded",
    "CreditLimitSet",
    "CreditOverdueBegan",
    "CreditPoolChanged",
    "CreditRatingFell",
    "CreditRatingSet",
    "CreditRulesChanged",
]


class CreditLimitSet(Event, aggregate="credit_limit"):
    """A limit, increase, collateral or insurance was set. Both ids are None for the company's own limit."""

    credit_limit_id: UUID
    customer_id: UUID | None
    group_id: UUID | None
    kind: LimitKind
    amount: Money


class CreditLimitEnded(Event, aggregate="credit_limit"):
    """A limit, increase, collateral or insurance was taken back before its day."""

    credit_limit_id: UUID


class CreditRulesChanged(Event, aggregate="credit_rules"):
    """What is checked at a checkpoint was changed."""

    credit_rules_id: UUID
    version: int


class CreditEased(Event, aggregate="credit_owner"):
    """A customer or group owes less or may owe more, while orders are held; the tenant's id stands for everybody."""

    credit_owner_id: UUID


class CreditExposureRose(Event, aggregate="credit_account"):
    """An account reached 70, 90 or 100 percent of its limit; told once until it falls below again."""

    credit_account_id: UUID
    percent: int
    exposure: Money
    limit: Money


class CreditPoolChanged(Event, aggregate="credit_account"):
    """Debts moved to this account, because a customer's family or group changed."""

    credit_account_id: UUID
    positions: int


class CreditRatingSet(Event, aggregate="credit_account"):
    """A customer was rated, by its history or by hand."""

    credit_account_id: UUID
    grade: Grade
    by_hand: bool


class CreditRatingFell(Event, aggregate="credit_account"):
    """A customer's rating is worse than before."""

    credit_account_id: UUID
    before: Grade
    grade: Grade


class CreditOverdueBegan(Event, aggregate="credit_account"):
    """Something of an account is overdue for the first time since all was paid."""

    credit_account_id: UUID
    overdue: Money


class CreditHabitBroken(Event, aggregate="credit_account"):
    """A customer pays much later than it used to; days are averages, weighted by amount."""

    credit_account_id: UUID
    usual_days: Decimal
    recent_days: Decimal


class CreditConcentrationWarned(Event, aggregate="credit_account"):
    """One account holds a large share of all exposure in its currency."""

    credit_account_id: UUID
    percent: Decimal
    exposure: Money
