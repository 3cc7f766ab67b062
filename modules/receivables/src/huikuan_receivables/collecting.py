"""What the commands of collections have in common."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import Money
from huikuan_customers.api import customer_lock
from huikuan_receivables.errors import MORE_THAN_OPEN
from huikuan_receivables.events import DisputeOpened
from huikuan_receivables.models import CollectionAccount, Dispute, ReceivableItem
from huikuan_receivables.queries import items_by_id
from huikuan_receivables.snapshots import DisputeReason, DisputeState, OpenItem

__all__ = ["account_of", "dispute_of", "locked_item", "next_sequence", "open_dispute", "part_of_open", "said"]

MAX_TEXT = 500


def said(text: str, field: str, longest: int = MAX_TEXT) -> str:
    """A text that is not empty and fits."""
    text = text.strip()
    if not text or len(text) > longest:
        raise BadInput(f"Write 1 to {longest} characters.", field=field)
    return text


def locked_item(ctx: Context, item_id: UUID) -> OpenItem:
    """An item as it is once its customer is locked."""
    customer_id = ctx.get(ReceivableItem, item_id).customer_id
    ctx.lock([customer_lock(customer_id)])
    return items_by_id(ctx, [item_id])[item_id]


def part_of_open(ctx: Context, item: OpenItem, amount: Money | None) -> Money:
    """An amount of what is open of an item, all of it unless one is given."""
    wanted = amount if amount is not None else Money(item.open, item.currency)
    if wanted.currency != item.currency:
        raise BadInput(f"The item is in {item.currency}.", field="amount")
    if amount is not None and amount.amount <= 0:
        raise BadInput("It is more than nothing.", field="amount")
    if item.open <= 0 or wanted.amount > item.open:
        ctx.refuse(
            Refusal(
                MORE_THAN_OPEN,
                f"Open of {item.number}, part {item.sequence}, is {Money(item.open, item.currency)}.",
                field="amount",
                advice="Name what is open at most.",
                open=Money(item.open, item.currency),
            )
        )
    return wanted


def next_sequence(ctx: Context, model: type, item_id: UUID) -> int:
    """1, 2, … within an item."""
    found: int | None = ctx.scalar(select(func.max(model.sequence)).where(model.item_id == item_id))  # type: ignore[attr-defined]
    return (found or 0) + 1


def dispute_of(ctx: Context, item_id: UUID) -> Dispute | None:
    """The open dispute of an item, if there is one."""
    return ctx.find(Dispute, item_id=item_id, state=DisputeState.OPEN)


def open_dispute(
    ctx: Context,
    item: OpenItem,
    reason: DisputeReason,
    amount: Money,
    *,
    due_on: date,
    note: str | None = None,
    owner_id: UUID | None = None,
) -> Dispute:
    """Keep a dispute of an item that has none; the item's customer is locked."""
    dispute = ctx.add(
        Dispute(
            item_id=item.item_id,
            customer_id=item.customer_id,
            state=DisputeState.OPEN,
            reason=reason,
            currency=item.currency,
            amount=amount.amount,
            note=note,
            owner_id=owner_id,
            opened_on=ctx.today,
            due_on=due_on,
        )
    )
    ctx.emit(
        DisputeOpened(
            dispute_id=dispute.id, item_id=item.item_id, customer_id=item.customer_id, reason=reason, amount=amount
        )
    )
    return dispute


def account_of(ctx: Context, customer_id: UUID) -> CollectionAccount:
    """Who looks after a customer, made where nobody did; the customer is locked."""
    found = ctx.find(CollectionAccount, customer_id=customer_id)
    return found if found is not None else ctx.add(CollectionAccount(customer_id=customer_id))
