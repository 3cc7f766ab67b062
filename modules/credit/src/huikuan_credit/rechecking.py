"""What becomes possible when room appears: orders that credit holds are asked anew, right after the commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.core.models import Hold, HoldStatus
from huikuan_credit.events import CreditEased
from huikuan_credit.models import Account

__all__ = ["ease", "held_by_credit", "recheck_later"]

MODULE = "credit"


def recheck_later(ctx: Context, account_ids: Collection[UUID]) -> None:
    """Tell that these accounts owe less, if anything is held at all."""
    if account_ids and _anything_held(ctx):
        accounts = ctx.scalars(select(Account).where(Account.id.in_(account_ids)).order_by(Account.id))
        for account in accounts:
            _tell(ctx, account.customer_id or account.group_id or account.id)


def ease(ctx: Context, owner_id: UUID | None) -> None:
    """Tell that this customer or group may owe more; None: every customer may."""
    if _anything_held(ctx):
        _tell(ctx, owner_id or ctx.tenant.id)


def _tell(ctx: Context, owner_id: UUID) -> None:
    """Once for each of them, however often a command moves what they owe."""
    event = CreditEased(credit_owner_id=owner_id)
    if event not in ctx.work.events:
        ctx.emit(event)


def held_by_credit(ctx: Context, owner_ids: Collection[UUID] | None = None) -> Sequence[Hold]:
    """Open holds that credit placed for these customers or groups, or for all; the oldest first."""
    rows = ctx.scalars(select(Hold).where(Hold.status == HoldStatus.OPEN, Hold.module == MODULE).order_by(Hold.id))
    if owner_ids is None:
        return rows
    wanted = {str(id) for id in owner_ids}
    return [row for row in rows if wanted & set(row.evidence.get("owners", ()))]


def _anything_held(ctx: Context) -> bool:
    def read() -> bool:
        return ctx.exists(Hold, status=HoldStatus.OPEN, module=MODULE)

    return ctx.once(("credit.anything_held",), read, Hold)
