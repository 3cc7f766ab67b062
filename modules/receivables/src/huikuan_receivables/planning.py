"""What a dunning run would do on a day: which item goes to which level, which is left out, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan_receivables.models import DunningLevel
from huikuan_receivables.policies import Policy, policies_in_force
from huikuan_receivables.queries import open_items, unapplied
from huikuan_receivables.reminding import cover, next_reminder
from huikuan_receivables.snapshots import LineState, OpenItem, SkipReason
from huikuan_receivables.standing import Situation, situation

__all__ = ["Account", "Decision", "Letter", "decisions", "letter", "next_reminders", "upcoming"]

ZERO = Decimal(0)
Account = tuple[UUID, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to one item.

    ``left``: what is open once credit is set against it; ``level``: the one it is reminded at, or else the one it has.
    """

    item: OpenItem
    left: Decimal
    state: LineState
    reason: SkipReason | None = None
    level: DunningLevel | None = None
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: the highest of its levels, what is open of its items, and the credit set against that."""

    level: DunningLevel
    open: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class _Money:
    """What is there to settle the items of an account: free, or meant for one order."""

    free: Decimal = ZERO
    bound: Mapping[UUID, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class _Claim:
    """An item that asks for money, its policy, and what is left of it once credit is set against it."""

    item: OpenItem
    policy: Policy | None
    left: Decimal


def decisions(ctx: Context, on: date, customer_ids: Collection[UUID] | None = None) -> dict[Account, list[Decision]]:
    """What happens on a day to the items of each account and currency; what needs nothing yet is left out."""
    known, accounts = _claims(ctx, customer_ids)
    answer: dict[Account, list[Decision]] = {}
    for account, claims in accounts.items():
        decided = (_decide(claim.item, on, claim.policy, known, claim.left) for claim in claims)
        chosen = _on_letters([decision for decision in decided if decision is not None])
        if chosen:
            answer[account] = chosen
    return answer


def letter(decided: Sequence[Decision]) -> Letter | None:
    """The letter that these decisions make; None if nothing is reminded."""
    named = [decision for decision in decided if decision.state is not LineState.SKIPPED]
    levels = [decision.level for decision in named if decision.level is not None]
    if not levels:
        return None
    total = sum((decision.item.open for decision in named), ZERO)
    left = sum((decision.left for decision in named), ZERO)
    return Letter(max(levels, key=lambda level: level.position), total, total - left)


def upcoming(ctx: Context, customer_ids: Collection[UUID]) -> dict[Account, tuple[date, int]]:
    """The day and level of the next reminder of each account and currency, as things stand; others are left out."""
    known, accounts = _claims(ctx, customer_ids)
    answer: dict[Account, tuple[date, int]] = {}
    for account, claims in accounts.items():
        coming = (_coming(claim.item, ctx.today, claim.policy, known, claim.left) for claim in claims)
        days = [day for day in coming if day is not None]
        if days:
            answer[account] = _earliest(days)
    return answer


def next_reminders(ctx: Context, customer_ids: Collection[UUID]) -> dict[UUID, tuple[date, int]]:
    """The day and level of each customer's next reminder in any currency; those who get none are left out."""
    found: dict[UUID, list[tuple[date, int]]] = {}
    for (customer_id, _), coming in upcoming(ctx, customer_ids).items():
        found.setdefault(customer_id, []).append(coming)
    return {id: _earliest(days) for id, days in found.items()}


def _earliest(days: Iterable[tuple[date, int]]) -> tuple[date, int]:
    """The first day, and the highest level of that day."""
    return min(days, key=lambda coming: (coming[0], -coming[1]))


def _coming(
    item: OpenItem, today: date, policy: Policy | None, known: Situation, left: Decimal
) -> tuple[date, int] | None:
    if policy is None or not policy.follows or known.elsewhere(item.item_id, policy):
        return None
    if _kept_away(item, policy, known, left, today) is not None:
        return None
    found = next_reminder(policy.rules, item.chase_on, known.standing(item.item_id), policy.gap_days)
    return None if found is None else (max(found[1], today), found[0].position)


def _decide(item: OpenItem, on: date, policy: Policy | None, known: Situation, left: Decimal) -> Decision | None:
    overdue = item.chase_on < on
    if policy is None or not policy.follows or known.elsewhere(item.item_id, policy):
        reason = (
            SkipReason.NO_POLICY
            if policy is None
            else SkipReason.POLICY_CHANGED
            if policy.follows
            else SkipReason.NOT_FOLLOWED
        )
        return Decision(item, left, LineState.SKIPPED, reason, policy=policy) if overdue else None
    standing = known.standing(item.item_id)
    coming = next_reminder(policy.rules, item.chase_on, standing, policy.gap_days)
    due = coming is not None and coming[1] <= on
    if not due and not overdue:
        return None
    away = _kept_away(item, policy, known, left, on)
    if away is None and coming is not None and due:
        return Decision(item, left, LineState.PROPOSED, None, policy.levels[coming[0].position], policy)
    if away is None:
        away = SkipReason.LAST_LEVEL if coming is None else SkipReason.WAITING
    return Decision(item, left, LineState.SKIPPED, away, policy.levels.get(standing.level), policy)


def _kept_away(item: OpenItem, policy: Policy, known: Situation, left: Decimal, on: date) -> SkipReason | None:
    """What keeps reminders away from an item whatever its level."""
    reasons = (
        (SkipReason.FROZEN, item.customer_id in known.frozen),
        (SkipReason.DISPUTED, item.item_id in known.disputed),
        (SkipReason.PROMISED, known.promised(item.item_id, on)),
        (SkipReason.COVERED, left <= ZERO),
        (SkipReason.BELOW_TOLERANCE, left <= policy.tolerance(item.currency)),
    )
    return next((reason for reason, holds in reasons if holds), None)


def _on_letters(decided: list[Decision]) -> list[Decision]:
    """Where something is reminded, what else is overdue stands on the same letter."""
    if all(decision.state is not LineState.PROPOSED for decision in decided):
        return decided
    listed = (SkipReason.WAITING, SkipReason.LAST_LEVEL)
    return [
        replace(decision, state=LineState.LISTED, reason=None) if decision.reason in listed else decision
        for decision in decided
    ]


def _claims(ctx: Context, customer_ids: Collection[UUID] | None) -> tuple[Situation, dict[Account, list[_Claim]]]:
    """What asks for money, by account and currency, with what is known of it; a fixed number of statements."""
    found = open_items(ctx, customer_ids)
    known = situation(ctx, customer_ids)
    money = _money(ctx, found, customer_ids)
    asking = [item for item in found if item.open > 0]
    policies = policies_in_force(ctx, asking)
    accounts: dict[Account, list[_Claim]] = {}
    for account, items in _accounts(asking).items():
        left = _left(items, known, money.get(account, _Money()))
        accounts[account] = [_Claim(item, policies.get(item.item_id), left[item.item_id]) for item in items]
    return known, accounts


def _accounts(items: Iterable[OpenItem]) -> dict[Account, list[OpenItem]]:
    """Items by account and currency; what is reminded of first comes first."""
    found: dict[Account, list[OpenItem]] = {}
    for item in sorted(items, key=lambda item: (item.chase_on, item.due_on, item.item_id)):
        found.setdefault((item.customer_id, item.currency), []).append(item)
    return found


def _money(ctx: Context, items: Iterable[OpenItem], customer_ids: Collection[UUID] | None) -> dict[Account, _Money]:
    """Unapplied payments and open credit notes; an advance settles nothing but its own order."""
    free: dict[Account, Decimal] = {}
    bound: dict[Account, dict[UUID, Decimal]] = {}
    for item in items:
        if item.open < 0:
            account = (item.customer_id, item.currency)
            free[account] = free.get(account, ZERO) - item.open
    for row in unapplied(ctx, customer_ids):
        account = (row.customer_id, row.currency)
        if row.source_id is None:
            free[account] = free.get(account, ZERO) + row.amount
        else:
            orders = bound.setdefault(account, {})
            orders[row.source_id] = orders.get(row.source_id, ZERO) + row.amount
    return {account: _Money(free.get(account, ZERO), bound.get(account)) for account in {*free, *bound}}


def _left(items: Sequence[OpenItem], known: Situation, money: _Money) -> dict[UUID, Decimal]:
    """What is left to ask for of each item that is not disputed, the oldest ones covered first."""
    left = {item.item_id: item.open for item in items}
    claims = [item for item in items if item.item_id not in known.disputed]
    for order, amount in (money.bound or {}).items():
        left |= cover([(item.item_id, left[item.item_id]) for item in claims if item.document_id == order], amount)
    return left | cover([(item.item_id, left[item.item_id]) for item in claims], money.free)
