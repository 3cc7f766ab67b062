"""Root fields of collections, and what they add to customers and items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from huikuan.context import Context
from huikuan.core.models import User
from huikuan.errors import BadInput
from huikuan.graphql import batch, connection, extend, query
from huikuan.values import Ref
from huikuan_customers.types import Customer
from huikuan_receivables.planning import next_reminders
from huikuan_receivables.standing import blocks, last_steps
from huikuan_receivables.types import (
    CollectionActionType,
    CollectionWorkType,
    ContactNote,
    Deferral,
    Dispute,
    DunningBlockType,
    DunningLetter,
    DunningStep,
    NextReminderType,
    PaymentPromise,
    ReceivableItem,
    as_action,
    as_reminder,
    as_work,
)
from huikuan_receivables.worklist import next_actions, worklist

__all__ = ["CustomerCollections", "ItemCollections", "collection_worklist"]

MOST = 1_000


@query(permission="receivables.read")
def collection_worklist(
    ctx: Context,
    first: Annotated[int, "How many customers, at most 1,000."] = 50,
    owner: Annotated[Ref[User] | None, "Only those that this person looks after."] = None,
) -> list[CollectionWorkType]:
    """Customers with something overdue, the highest score first, with the rules that make it up and what to do next."""
    if not 1 <= first <= MOST:
        raise BadInput(f"Ask for 1 to {MOST} customers.", field="first")
    return [as_work(found) for found in worklist(ctx, owner_id=owner.id if owner is not None else None, limit=first)]


@extend(Customer)
class CustomerCollections:
    """What collections know of a customer."""

    disputes = connection(Dispute, "customer_id", "Its disputes.", permission="receivables.read")
    payment_promises = connection(PaymentPromise, "customer_id", "Its promises.", permission="receivables.read")
    dunning_letters = connection(DunningLetter, "customer_id", "Its reminders.", permission="receivables.read")
    contact_notes = connection(ContactNote, "customer_id", "What was said to it.", permission="receivables.read")

    @batch(requires=["id"], permission="receivables.read")
    def next_reminder(ctx: Context, customers: Sequence[Any]) -> list[NextReminderType | None]:
        """Its next reminder, as things stand; null if none is coming."""
        found = next_reminders(ctx, [row.id for row in customers])
        return [as_reminder(found.get(row.id)) for row in customers]

    @batch(requires=["id"], permission="receivables.read")
    def next_collection_action(ctx: Context, customers: Sequence[Any]) -> list[CollectionActionType]:
        """What to do next about what it owes."""
        found = next_actions(ctx, [row.id for row in customers])
        return [as_action(found[row.id]) for row in customers]

    @batch(requires=["id"], permission="receivables.read")
    def dunning_blocks(ctx: Context, customers: Sequence[Any]) -> list[list[DunningBlockType]]:
        """What the dunning levels of its open items stop."""
        found = blocks(ctx, [row.id for row in customers])
        return [
            [
                DunningBlockType(item.kind, Ref(item.item_id), item.level, item.level_name)
                for item in found.get(row.id, ())
            ]
            for row in customers
        ]


@extend(ReceivableItem)
class ItemCollections:
    """What collections know of an item."""

    disputes = connection(Dispute, "item_id", "Its disputes.")
    payment_promises = connection(PaymentPromise, "item_id", "Its promises.")
    deferrals = connection(Deferral, "item_id", "Its deferrals.")
    dunning_steps = connection(DunningStep, "item_id", "How it came to its level.")

    @batch(requires=["id", "customer_id"])
    def dunning_level(ctx: Context, items: Sequence[Any]) -> list[int]:
        """Its dunning level while it is open; 0: never reminded, or closed."""
        steps = last_steps(ctx, {row.customer_id for row in items})
        return [steps[row.id].level if row.id in steps else 0 for row in items]
