"""Deferrals, notes, who looks after whom, and the rules of the worklist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from sqlalchemy import delete

from huikuan.commands import command
from huikuan.context import Context
from huikuan.core.models import User
from huikuan.errors import BadInput, Refusal
from huikuan.values import UNSET, Id, Ref, Unset
from huikuan_customers.api import customer_lock
from huikuan_customers.types import Customer
from huikuan_receivables.collecting import account_of, locked_item, next_sequence, said
from huikuan_receivables.errors import NOT_OPEN
from huikuan_receivables.events import ReceivableDeferred
from huikuan_receivables.models import (
    CollectionAccount,
    CollectionRule,
    ContactNote,
    Deferral,
    ItemBalance,
    ReceivableItem,
)
from huikuan_receivables.snapshots import ContactChannel, ContactOutcome, Measure

__all__ = [
    "CollectionRuleInput",
    "collection_change",
    "collection_note",
    "collection_rules_set",
    "deferral_make",
]

LATEST = timedelta(days=3653)
MAX_RULES = 100
MAX_POINTS = 1_000


@command(permission="receivables.collect", idempotency="natural")
def deferral_make(ctx: Context, item: Id[ReceivableItem], until: date, reason: str) -> Deferral:
    """Remind of an item from another day on, no earlier than it was due. The day when it was due stays what it was."""
    text = said(reason, "reason")
    found = locked_item(ctx, item)
    if found.open <= 0:
        ctx.refuse(Refusal(NOT_OPEN, f"Nothing of {found.number} is open.", field="item"))
    if until < found.due_on:
        raise BadInput(f"It is due on {found.due_on}; name that day or a later one.", field="until")
    if until - max(ctx.today, found.due_on) > LATEST:
        raise BadInput("An item is deferred by ten years at most.", field="until")
    if found.chase_on == until:
        last = _last_deferral(ctx, item)
        if last is not None:
            return last
    balance = ctx.find(ItemBalance, item_id=item)
    assert balance is not None
    deferral = ctx.add(
        Deferral(
            item_id=item,
            sequence=next_sequence(ctx, Deferral, item),
            before=found.chase_on,
            until=until,
            reason=text,
            at=ctx.now,
            actor_id=ctx.actor.id,
        )
    )
    balance.chase_on = until
    ctx.emit(
        ReceivableDeferred(
            item_id=item, customer_id=found.customer_id, due_on=found.due_on, before=found.chase_on, until=until
        )
    )
    return deferral


def _last_deferral(ctx: Context, item: Id[ReceivableItem]) -> Deferral | None:
    count = next_sequence(ctx, Deferral, item) - 1
    return ctx.find(Deferral, item_id=item, sequence=count) if count else None


@command(permission="receivables.collect", idempotency="key")
def collection_note(
    ctx: Context,
    customer: Ref[Customer],
    channel: ContactChannel,
    outcome: ContactOutcome,
    text: str,
    item: Id[ReceivableItem] | None = None,
    look_again_on: Annotated[date | None, "When to look again; until then the customer rests in the worklist."] = None,
) -> ContactNote:
    """Write down what was said to a customer, and when to look again."""
    words = said(text, "text", 4000)
    ctx.lock([customer_lock(customer.id)])
    if item is not None and ctx.get(ReceivableItem, item).customer_id != customer.id:
        raise BadInput("The item is on another customer's account.", field="item")
    account = account_of(ctx, customer.id)
    account.look_again_on = look_again_on
    return ctx.add(
        ContactNote(
            customer_id=customer.id,
            item_id=item,
            channel=channel,
            outcome=outcome,
            text=words,
            on=ctx.today,
            at=ctx.now,
            actor_id=ctx.actor.id,
        )
    )


@command(permission="receivables.collect", idempotency="natural")
def collection_change(
    ctx: Context,
    customer: Ref[Customer],
    owner: Ref[User] | Unset | None = UNSET,
    look_again_on: date | Unset | None = UNSET,
    frozen: Annotated[str | Unset | None, "Why nobody reminds from now on; null: reminders go on."] = UNSET,
) -> CollectionAccount:
    """Say who looks after a customer, when to look again, and whether reminders rest; what is left out stays."""
    ctx.lock([customer_lock(customer.id)])
    account = account_of(ctx, customer.id)
    if not isinstance(owner, Unset):
        account.owner_id = owner.id if owner is not None else None
    if not isinstance(look_again_on, Unset):
        account.look_again_on = look_again_on
    if not isinstance(frozen, Unset):
        account.frozen_reason = said(frozen, "frozen") if frozen is not None else None
    return account


@dataclass(frozen=True, kw_only=True)
class CollectionRuleInput:
    """Points for customers whose measure is at least so much."""

    name: Annotated[str, "Name of the rule, as the worklist shows it."]
    measure: Annotated[Measure, "What it looks at."]
    at_least: Annotated[Decimal, "From how much on it matches."]
    points: Annotated[int, "What it adds to the score."]


@command(permission="receivables.manage", idempotency="natural")
def collection_rules_set(ctx: Context, rules: list[CollectionRuleInput]) -> list[CollectionRule]:
    """Set all rules of the worklist anew; none: those of the house hold again."""
    if len(rules) > MAX_RULES:
        raise BadInput(f"The worklist has at most {MAX_RULES} rules.", field="rules")
    if any(abs(rule.points) > MAX_POINTS for rule in rules):
        raise BadInput(f"A rule gives at most {MAX_POINTS} points.", field="rules")
    names = [said(rule.name, "rules", 200) for rule in rules]
    ctx.execute(delete(CollectionRule))
    return ctx.add_all(
        CollectionRule(position=position, name=name, measure=rule.measure, at_least=rule.at_least, points=rule.points)
        for position, (name, rule) in enumerate(zip(names, rules, strict=True), 1)
    )
