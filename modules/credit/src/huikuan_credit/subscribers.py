"""What credit does after others' facts."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from huikuan import Context, enqueue, subscribe
from huikuan.codec import decode
from huikuan.core.events import HoldPlaced
from huikuan.core.models import Hold
from huikuan_credit.deciding import decision
from huikuan_credit.events import CreditEased
from huikuan_credit.families import family_locks, follow_family
from huikuan_credit.jobs import recheck_holds
from huikuan_credit.models import Account, Decision
from huikuan_credit.rechecking import held_by_credit
from huikuan_credit.snapshots import Inputs
from huikuan_customers.events import CustomerUpdated

__all__ = ["ask_again", "keep_refused", "move_debts"]


@subscribe(HoldPlaced)
def keep_refused(ctx: Context, event: HoldPlaced) -> None:
    """What credit held is a decision too: kept with its inputs, once for all codes of one refusal."""
    hold = ctx.find(Hold, id=event.hold_id)
    if hold is None or hold.module != "credit" or "inputs" not in hold.evidence:
        return
    document = hold.evidence["document"]["type"], UUID(hold.evidence["document"]["id"])
    if not ctx.exists(Decision, document_id=document[1], at=hold.created_at, passed=False):
        owners = [UUID(id) for id in hold.evidence["owners"]]
        account = ctx.scalar(
            select(Account.id).where(or_(Account.customer_id.in_(owners), Account.group_id.in_(owners)))
        )
        inputs: Inputs = decode(Inputs, hold.evidence["inputs"])
        ctx.add(decision(document, hold.created_at, account, inputs, passed=False))


@subscribe(CreditEased)
def ask_again(ctx: Context, event: CreditEased) -> None:
    """Every order that credit holds for this customer is asked anew, each in a transaction of its own."""
    everybody = event.credit_owner_id == ctx.tenant.id
    found = [hold.id for hold in held_by_credit(ctx, None if everybody else [event.credit_owner_id])]
    if found:
        enqueue(ctx, recheck_holds, holds=found)


@subscribe(CustomerUpdated)
def move_debts(ctx: Context, event: CustomerUpdated) -> None:
    """A customer may have another parent or group now: what it owes moves along."""
    ctx.lock(family_locks(ctx, event.customer_id))
    follow_family(ctx, event.customer_id)
