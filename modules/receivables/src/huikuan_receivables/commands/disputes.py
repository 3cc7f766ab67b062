"""Disputes: the item leaves dunning and stays in the books."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from huikuan.commands import command
from huikuan.context import Context
from huikuan.core.models import User
from huikuan.errors import BadInput, Refusal
from huikuan.money import Money
from huikuan.values import UNSET, Id, Ref, Unset
from huikuan_customers.api import customer_lock
from huikuan_receivables.collecting import dispute_of, locked_item, open_dispute, part_of_open, said
from huikuan_receivables.errors import DISPUTED, WRONG_STATE
from huikuan_receivables.events import DisputeSettled
from huikuan_receivables.models import Dispute, ReceivableItem
from huikuan_receivables.snapshots import DisputeReason, DisputeState

__all__ = ["dispute_change", "dispute_open", "dispute_settle"]


@command(permission="receivables.collect", idempotency="natural")
def dispute_open(
    ctx: Context,
    item: Id[ReceivableItem],
    reason: DisputeReason,
    amount: Annotated[Money | None, "How much of it; left out: all that is open."] = None,
    note: str | None = None,
    owner: Ref[User] | None = None,
    due_on: Annotated[date | None, "When it should be decided; left out: as the setting says."] = None,
) -> Dispute:
    """The customer disputes an item: nobody reminds of it until the dispute is settled. One at a time per item.

    The same dispute again gives the one that is open.
    """
    text = said(note, "note") if note is not None else None
    found = locked_item(ctx, item)
    current = dispute_of(ctx, item)
    if current is not None:
        same = (current.reason, current.note) == (reason, text) and (amount is None or current.amount == amount.amount)
        if same:
            return current
        ctx.refuse(
            Refusal(
                DISPUTED,
                f"{found.number}, part {found.sequence}, is disputed already: {current.reason.name}.",
                field="item",
                advice="Change or settle that dispute.",
                dispute=current.id,
            )
        )
    day = due_on or ctx.today + timedelta(days=int(ctx.setting("receivables.dispute_days")))
    if day < ctx.today:
        raise BadInput("It cannot be decided before today.", field="dueOn")
    return open_dispute(
        ctx,
        found,
        reason,
        part_of_open(ctx, found, amount),
        due_on=day,
        note=text,
        owner_id=owner.id if owner is not None else None,
    )


@command(permission="receivables.collect", idempotency="natural")
def dispute_change(
    ctx: Context,
    id: Id[Dispute],
    owner: Ref[User] | Unset | None = UNSET,
    due_on: date | Unset = UNSET,
    reason: DisputeReason | Unset = UNSET,
    amount: Money | Unset = UNSET,
    root_cause: str | Unset | None = UNSET,
) -> Dispute:
    """Change an open dispute; what is left out stays."""
    dispute = _locked(ctx, id)
    if dispute.state is not DisputeState.OPEN:
        ctx.refuse(_wrong_state(dispute))
    if not isinstance(amount, Unset):
        dispute.amount = part_of_open(ctx, locked_item(ctx, dispute.item_id), amount).amount
    if not isinstance(owner, Unset):
        dispute.owner_id = owner.id if owner is not None else None
    if not isinstance(due_on, Unset):
        dispute.due_on = due_on
    if not isinstance(reason, Unset):
        dispute.reason = reason
    if not isinstance(root_cause, Unset):
        dispute.root_cause = said(root_cause, "rootCause") if root_cause is not None else None
    return dispute


@command(permission="receivables.collect", idempotency="natural")
def dispute_settle(
    ctx: Context,
    id: Id[Dispute],
    outcome: DisputeState,
    reason: str,
    root_cause: str | None = None,
) -> Dispute:
    """Say how a dispute ends: the customer was right, was not, or took it back. Dunning goes on where it stopped.

    What the customer need not pay is credited by a credit note or written off; this moves no money.
    """
    text = said(reason, "reason")
    if outcome is DisputeState.OPEN:
        raise BadInput("Say how it ends.", field="outcome")
    dispute = _locked(ctx, id)
    if dispute.state is outcome:
        return dispute
    if dispute.state is not DisputeState.OPEN:
        ctx.refuse(_wrong_state(dispute))
    dispute.state, dispute.outcome, dispute.settled_on = outcome, text, ctx.today
    if root_cause is not None:
        dispute.root_cause = said(root_cause, "rootCause")
    ctx.emit(
        DisputeSettled(
            dispute_id=dispute.id,
            item_id=dispute.item_id,
            customer_id=dispute.customer_id,
            state=outcome,
            amount=Money(dispute.amount, dispute.currency),
        )
    )
    return dispute


def _locked(ctx: Context, id: Id[Dispute]) -> Dispute:
    ctx.lock([customer_lock(ctx.get(Dispute, id).customer_id)])
    return ctx.get(Dispute, id)


def _wrong_state(dispute: Dispute) -> Refusal:
    return Refusal(WRONG_STATE, f"The dispute is {dispute.state.name}.", field="id", state=dispute.state.name)
