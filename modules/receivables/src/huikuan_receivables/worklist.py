"""The collectors' worklist: whom to call first and why, from what is open today."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.money import Money
from huikuan_receivables.judging import pauses
from huikuan_receivables.models import (
    CollectionAccount,
    CollectionRule,
    ContactNote,
    Dispute,
    ItemBalance,
    PaymentPromise,
)
from huikuan_receivables.planning import next_reminders
from huikuan_receivables.scoring import DEFAULT_RULES, Facts, Match, NextAction, ScoreRule, matches, next_action
from huikuan_receivables.snapshots import DisputeState, Measure, PromiseState
from huikuan_receivables.standing import last_steps

__all__ = ["WorkItem", "next_actions", "score_rules", "worklist"]

YEAR = timedelta(days=365)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One customer of the worklist: the score with the rules that make it up, and what to do next."""

    customer_id: UUID
    owner_id: UUID | None
    score: int
    matches: tuple[Match, ...]
    overdue: tuple[Money, ...]
    oldest_due_on: date | None
    level: int
    look_again_on: date | None
    frozen_reason: str | None
    action: NextAction
    reminder: tuple[date, int] | None


@dataclass(slots=True)
class _Account:
    """What is known of one customer."""

    overdue: dict[str, Decimal] = field(default_factory=dict)
    base: Decimal = ZERO
    count: int = 0
    oldest: date | None = None
    level: int = 0
    broken: int = 0
    late_disputes: int = 0
    facts: dict[str, date] = field(default_factory=dict)
    account: CollectionAccount | None = None

    def earliest(self, name: str, day: date) -> None:
        self.facts[name] = min(day, self.facts.get(name, day))

    def latest(self, name: str, day: date) -> None:
        self.facts[name] = max(day, self.facts.get(name, day))


def score_rules(ctx: Context) -> tuple[ScoreRule, ...]:
    """The tenant's rules, else those of the house."""
    rows = ctx.scalars(select(CollectionRule).order_by(CollectionRule.position))
    return tuple(ScoreRule(row.name, row.measure, row.at_least, row.points) for row in rows) or DEFAULT_RULES


def worklist(ctx: Context, *, owner_id: UUID | None = None, limit: int) -> list[WorkItem]:
    """Customers with something overdue, the highest score first; with an owner, only that person's."""
    rules, today = score_rules(ctx), ctx.today
    accounts = _known(ctx, None)
    if owner_id is not None:
        accounts = {
            id: known
            for id, known in accounts.items()
            if known.account is not None and known.account.owner_id == owner_id
        }
    scored = []
    for id, known in accounts.items():
        found = matches(rules, _figures(known, today))
        if known.count:
            scored.append((sum(match.rule.points for match in found), id, known, tuple(found)))
    scored.sort(key=lambda row: (-row[0], -row[2].base, row[1]))
    page = scored[:limit]
    reminders = next_reminders(ctx, [id for _, id, _, _ in page])
    return [_item(id, known, score, found, reminders.get(id), today) for score, id, known, found in page]


def next_actions(ctx: Context, customer_ids: Collection[UUID]) -> dict[UUID, NextAction]:
    """What to do next about each of these customers."""
    accounts, reminders = _known(ctx, customer_ids), next_reminders(ctx, customer_ids)
    return {id: next_action(_facts(accounts.get(id, _Account()), reminders.get(id)), ctx.today) for id in customer_ids}


def _item(
    id: UUID, known: _Account, score: int, found: tuple[Match, ...], reminder: tuple[date, int] | None, today: date
) -> WorkItem:
    account = known.account
    return WorkItem(
        customer_id=id,
        owner_id=account.owner_id if account is not None else None,
        score=score,
        matches=found,
        overdue=tuple(Money(amount, currency) for currency, amount in sorted(known.overdue.items())),
        oldest_due_on=known.oldest,
        level=known.level,
        look_again_on=account.look_again_on if account is not None else None,
        frozen_reason=account.frozen_reason if account is not None else None,
        action=next_action(_facts(known, reminder), today),
        reminder=reminder,
    )


def _figures(known: _Account, today: date) -> Mapping[Measure, Decimal]:
    look_again = known.account.look_again_on if known.account is not None else None
    return {
        Measure.OVERDUE_AMOUNT: known.base,
        Measure.DAYS_OVERDUE: Decimal((today - known.oldest).days if known.oldest is not None else 0),
        Measure.OVERDUE_ITEMS: Decimal(known.count),
        Measure.LEVEL: Decimal(known.level),
        Measure.BROKEN_PROMISES: Decimal(known.broken),
        Measure.LATE_DISPUTES: Decimal(known.late_disputes),
        Measure.RESUBMISSION_DUE: Decimal(look_again is not None and look_again <= today),
    }


def _facts(known: _Account, reminder: tuple[date, int] | None) -> Facts:
    return Facts(
        overdue=known.count > 0,
        look_again_on=known.account.look_again_on if known.account is not None else None,
        broken_on=known.facts.get("broken"),
        contacted_on=known.facts.get("contacted"),
        dispute_due_on=known.facts.get("dispute"),
        promised_until=known.facts.get("promised"),
        remind_on=reminder[0] if reminder is not None else None,
    )


def _known(ctx: Context, ids: Collection[UUID] | None) -> dict[UUID, _Account]:
    """What is known of customers that owe something, or of these; a fixed number of statements."""
    found: dict[UUID, _Account] = {}
    _overdue(ctx, ids, found)
    for step in last_steps(ctx, ids).values():
        known = found.setdefault(step.customer_id, _Account())
        known.level = max(known.level, step.level)
    _promises(ctx, ids, found)
    _disputes(ctx, ids, found)
    accounts = select(CollectionAccount)
    contacts = select(ContactNote.customer_id, func.max(ContactNote.on).label("on")).group_by(ContactNote.customer_id)
    if ids is not None:
        accounts = accounts.where(CollectionAccount.customer_id.in_(ids))
        contacts = contacts.where(ContactNote.customer_id.in_(ids))
    for row in ctx.scalars(accounts):
        found.setdefault(row.customer_id, _Account()).account = row
    for contact in ctx.rows(contacts):
        found.setdefault(contact.customer_id, _Account()).latest("contacted", contact.on)
    return found


def _overdue(ctx: Context, ids: Collection[UUID] | None, found: dict[UUID, _Account]) -> None:
    statement = select(
        ItemBalance.customer_id,
        ItemBalance.currency,
        func.sum(ItemBalance.open).label("open"),
        func.sum(ItemBalance.base_open).label("base"),
        func.count().label("items"),
        func.min(ItemBalance.due_on).label("oldest"),
    ).where(ItemBalance.open > 0, ItemBalance.due_on < ctx.today)
    if ids is not None:
        statement = statement.where(ItemBalance.customer_id.in_(ids))
    for row in ctx.rows(statement.group_by(ItemBalance.customer_id, ItemBalance.currency)):
        known = found.setdefault(row.customer_id, _Account())
        known.overdue[row.currency] = row.open
        known.base += row.base
        known.count += row.items
        known.oldest = row.oldest if known.oldest is None else min(known.oldest, row.oldest)


def _promises(ctx: Context, ids: Collection[UUID] | None, found: dict[UUID, _Account]) -> None:
    statement = select(PaymentPromise).where(PaymentPromise.until >= ctx.today - YEAR)
    if ids is not None:
        statement = statement.where(PaymentPromise.customer_id.in_(ids))
    for row in ctx.scalars(statement):
        known = found.setdefault(row.customer_id, _Account())
        if row.state is PromiseState.BROKEN:
            known.broken += 1
            known.latest("broken", row.until + timedelta(days=1))
        elif row.standing and pauses(row.state, ctx.today, row.until):
            known.earliest("promised", row.until)


def _disputes(ctx: Context, ids: Collection[UUID] | None, found: dict[UUID, _Account]) -> None:
    same = (Dispute.item_id == ItemBalance.item_id) & (Dispute.tenant_id == ItemBalance.tenant_id)
    statement = select(Dispute).join(ItemBalance, same).where(Dispute.state == DisputeState.OPEN, ItemBalance.open > 0)
    if ids is not None:
        statement = statement.where(Dispute.customer_id.in_(ids))
    for row in ctx.scalars(statement):
        known = found.setdefault(row.customer_id, _Account())
        known.earliest("dispute", row.due_on)
        known.late_disputes += row.due_on < ctx.today
