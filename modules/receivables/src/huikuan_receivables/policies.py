"""Which dunning policy is in force for an item: invoice before customer before group before company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan_customers.api import customers
from huikuan_receivables.hookspecs import receivables_rating
from huikuan_receivables.models import DunningAssignment, DunningLevel, DunningPolicy, DunningTolerance
from huikuan_receivables.reminding import LevelRule
from huikuan_receivables.snapshots import DunningScope, OpenItem

__all__ = ["Policy", "assignment_key", "policies_in_force", "ratings"]

ZERO = Decimal(0)


@dataclass(frozen=True)
class Policy:
    """A policy with its levels by position and its tolerances by currency."""

    id: UUID
    code: str
    follows: bool
    gap_days: int
    levels: Mapping[int, DunningLevel]
    tolerances: Mapping[str, Decimal]

    @cached_property
    def rules(self) -> tuple[LevelRule, ...]:
        """Its levels as far as days go, in order."""
        return tuple(LevelRule(level.position, level.test, level.days) for level in self.levels.values())

    def tolerance(self, currency: str) -> Decimal:
        """Up to how much nobody reminds."""
        return self.tolerances.get(currency, ZERO)


def assignment_key(scope: DunningScope, subject_id: UUID | None, rating: str | None) -> str:
    """What an assignment is for; each has one policy at most."""
    return f"{scope.name}:{subject_id or ''}:{rating or ''}"


def policies_in_force(ctx: Context, items: Sequence[OpenItem]) -> dict[UUID, Policy]:
    """The policy of each item; items that none applies to are left out. A fixed number of statements."""
    chosen = {row.key: row.policy_id for row in ctx.scalars(select(DunningAssignment))}
    if not chosen or not items:
        return {}
    policies = _policies(ctx)
    account_ids = {item.customer_id for item in items}
    groups = {found.id: found.group_id for found in customers(ctx, account_ids).values()}
    rated = ratings(ctx, account_ids) if any(not key.endswith(":") for key in chosen) else {}
    found: dict[UUID, Policy] = {}
    for item in items:
        key = next(
            (key for key in _keys(item, groups.get(item.customer_id), rated.get(item.customer_id)) if key in chosen),
            None,
        )
        if key is not None:
            found[item.item_id] = policies[chosen[key]]
    return found


def ratings(ctx: Context, customer_ids: Iterable[UUID]) -> dict[UUID, str]:
    """How these customers pay, as whoever knows best says; customers nobody rates are left out."""
    found: dict[UUID, str] = {}
    for rating in ctx.collect(receivables_rating, customer_ids=frozenset(customer_ids)):
        found.setdefault(rating.customer_id, rating.grade)
    return found


def _keys(item: OpenItem, group_id: UUID | None, rating: str | None) -> Iterable[str]:
    """What may apply to an item, the narrowest first; within a scope the one for its rating."""
    scopes = (
        (DunningScope.INVOICE, item.invoice_id),
        (DunningScope.CUSTOMER, item.customer_id),
        (DunningScope.GROUP, group_id),
        (DunningScope.COMPANY, None),
    )
    for scope, subject in scopes:
        if subject is not None or scope is DunningScope.COMPANY:
            if rating is not None:
                yield assignment_key(scope, subject, rating)
            yield assignment_key(scope, subject, None)


def _policies(ctx: Context) -> dict[UUID, Policy]:
    levels: dict[UUID, dict[int, DunningLevel]] = {}
    for level in ctx.scalars(select(DunningLevel).order_by(DunningLevel.position)):
        levels.setdefault(level.policy_id, {})[level.position] = level
    tolerances: dict[UUID, dict[str, Decimal]] = {}
    for row in ctx.scalars(select(DunningTolerance)):
        tolerances.setdefault(row.policy_id, {})[row.currency] = row.amount
    return {
        row.id: Policy(
            id=row.id,
            code=row.code,
            follows=row.follows,
            gap_days=row.gap_days,
            levels=levels.get(row.id, {}),
            tolerances=tolerances.get(row.id, {}),
        )
        for row in ctx.scalars(select(DunningPolicy))
    }
