"""GraphQL types of disputes, promises, deferrals, notes and the worklist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from huikuan.core.types import User
from huikuan.graphql import column, node, output, to_one
from huikuan.money import Money
from huikuan.values import Ref
from huikuan_customers.types import Customer
from huikuan_receivables import models
from huikuan_receivables.scoring import NextAction
from huikuan_receivables.snapshots import (
    ActionKind,
    BlockKind,
    ContactChannel,
    ContactOutcome,
    DisputeReason,
    DisputeState,
    Measure,
    PromiseState,
)
from huikuan_receivables.types.ledger import ReceivableItem
from huikuan_receivables.worklist import WorkItem

__all__ = [
    "CollectionAccount",
    "CollectionActionType",
    "CollectionMatchType",
    "CollectionRule",
    "CollectionWorkType",
    "ContactNote",
    "Deferral",
    "Dispute",
    "DunningBlockType",
    "NextReminderType",
    "PaymentPromise",
    "as_action",
    "as_reminder",
    "as_work",
]


@node(models.Dispute, permission="receivables.read")
class Dispute:
    """The customer says that an item is not owed, or not all of it; it stays in the books meanwhile."""

    item: ReceivableItem = to_one("item_id", "What is disputed.")
    customer: Customer = to_one("customer_id", "Whose account it is on.")
    state: DisputeState = column("Where it stands.")
    reason: DisputeReason = column("What the customer says is wrong.")
    currency: str = column("The item's currency.")
    amount: Money = column("How much of it is disputed.")
    note: str | None
    root_cause: str | None
    owner: User | None = to_one("owner_id", "Who looks into it.")
    opened_on: date = column("When it was opened.")
    due_on: date
    settled_on: date | None = column("When it was settled.")
    outcome: str | None


@node(models.PaymentPromise, permission="receivables.read")
class PaymentPromise:
    """The customer says when how much of an item will be paid."""

    item: ReceivableItem = to_one("item_id", "What is to be paid.")
    sequence: int
    customer: Customer = to_one("customer_id", "Whose account it is on.")
    state: PromiseState = column("What became of it, as the ledger says.")
    standing: bool
    currency: str = column("The item's currency.")
    amount: Money = column("What was promised.")
    paid: Money = column("What came by the last day.")
    made_on: date = column("When it was made.")
    promised_on: date
    tolerance_days: int
    until: date
    level: int
    note: str | None


@node(models.Deferral, permission="receivables.read")
class Deferral:
    """Another day from which an item is reminded of; the day when it was due stays."""

    item: ReceivableItem = to_one("item_id", "The item.")
    sequence: int
    before: date
    until: date
    reason: str = column("Why.")
    at: datetime = column("When it was decided.")


@node(models.ContactNote, permission="receivables.read")
class ContactNote:
    """What was said to a customer."""

    customer: Customer = to_one("customer_id", "The customer.")
    item: ReceivableItem | None = to_one("item_id", "What it was about.")
    channel: ContactChannel = column("How.")
    outcome: ContactOutcome = column("What came of it.")
    text: str
    on: date = column("The day.")
    at: datetime = column("When it was written.")


@node(models.CollectionAccount, permission="receivables.read")
class CollectionAccount:
    """Who looks after a customer's debts, and when again."""

    customer: Customer = to_one("customer_id", "The customer.")
    owner: User | None = to_one("owner_id", "Who looks after it.")
    look_again_on: date | None
    frozen_reason: str | None


@node(models.CollectionRule, permission="receivables.read")
class CollectionRule:
    """Points of the worklist; where there are none, those of the house hold."""

    position: int = column("1, 2, … in the order in which they were given.")
    name: str = column("Name of the rule.")
    measure: Measure = column("What it looks at.")
    at_least: Decimal = column("From how much on it matches.")
    points: int = column("What it adds to the score.")


@output
@dataclass(frozen=True)
class CollectionMatchType:
    """A rule that matched."""

    rule: Annotated[str, "Name of the rule."]
    measure: Annotated[Measure, "What it looks at."]
    value: Annotated[Decimal, "What it saw."]
    points: Annotated[int, "What it adds to the score."]


@output
@dataclass(frozen=True)
class CollectionActionType:
    """What to do next about a customer."""

    kind: Annotated[ActionKind, "What to do."]
    on: Annotated[date | None, "When."]


@output
@dataclass(frozen=True)
class NextReminderType:
    """A customer's next reminder, as things stand."""

    date: Annotated[date, "The first day on which a run would remind."]
    level: Annotated[int, "The level."]


@output
@dataclass(frozen=True)
class DunningBlockType:
    """An open item stands at a level that stops something for its customer."""

    stops: Annotated[BlockKind, "What."]
    item: Annotated[Ref[ReceivableItem], "The item."]
    level: Annotated[int, "Its level."]
    level_name: Annotated[str, "The level's name."]


@output
@dataclass(frozen=True)
class CollectionWorkType:
    """One customer of the worklist: the score with what makes it up, and what to do next."""

    customer: Annotated[Ref[Customer], "The customer."]
    owner: Annotated[Ref[User] | None, "Who looks after it."]
    score: Annotated[int, "The points of all rules that match."]
    matches: Annotated[list[CollectionMatchType], "The rules that match."]
    overdue: Annotated[list[Money], "What is overdue, by currency."]
    oldest_due_on: Annotated[date | None, "When the oldest of it was due."]
    level: Annotated[int, "The highest dunning level of an open item."]
    look_again_on: Annotated[date | None, "When to look again."]
    frozen_reason: Annotated[str | None, "Why nobody reminds."]
    action: Annotated[CollectionActionType, "What to do next."]
    next_reminder: Annotated[NextReminderType | None, "Its next reminder."]


def as_work(found: WorkItem) -> CollectionWorkType:
    """A customer of the worklist as GraphQL shows it."""
    return CollectionWorkType(
        customer=Ref(found.customer_id),
        owner=Ref(found.owner_id) if found.owner_id is not None else None,
        score=found.score,
        matches=[
            CollectionMatchType(match.rule.name, match.rule.measure, match.value, match.rule.points)
            for match in found.matches
        ],
        overdue=list(found.overdue),
        oldest_due_on=found.oldest_due_on,
        level=found.level,
        look_again_on=found.look_again_on,
        frozen_reason=found.frozen_reason,
        action=as_action(found.action),
        next_reminder=as_reminder(found.reminder),
    )


def as_action(action: NextAction) -> CollectionActionType:
    """What to do next as GraphQL shows it."""
    return CollectionActionType(action.kind, action.on)


def as_reminder(reminder: tuple[date, int] | None) -> NextReminderType | None:
    """A next reminder as GraphQL shows it."""
    return None if reminder is None else NextReminderType(*reminder)
