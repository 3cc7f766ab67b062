"""What credit does by itself."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from huikuan import Context, enqueue, job
from huikuan.core.commands import hold_recheck
from huikuan.core.models import Hold, HoldStatus
from huikuan_credit.accounts import account_lock, pool_of
from huikuan_credit.models import Account
from huikuan_credit.rating import rate
from huikuan_credit.watching import watch_accounts

__all__ = ["rate_customers", "recheck_hold", "watch_credit"]

PAGE = 200


@job()
def recheck_hold(ctx: Context, hold: str) -> None:
    """Run a held command again: it passes if there is room by now, else it stays held."""
    found = ctx.find(Hold, id=UUID(hold))
    lapsed = found is not None and found.expires_at is not None and found.expires_at <= ctx.now
    if (
        found is not None
        and found.status is HoldStatus.OPEN
        and not lapsed
        and found.command in ctx.composition.commands
    ):
        hold_recheck(ctx, id=found.id)


@job(every=timedelta(days=1))
def watch_credit(ctx: Context, after: str | None = None) -> None:
    """Look for what grew or went wrong by itself: limits that ended, debts that became overdue, concentration."""
    page = _page(ctx, after)
    watch_accounts(ctx, [account.id for account in page])
    if len(page) == PAGE:
        enqueue(ctx, watch_credit, after=page[-1].id)


@job(every=timedelta(days=1))
def rate_customers(ctx: Context, after: str | None = None) -> None:
    """Rate every customer that ever owed something by what is known of it today."""
    ids = [account.id for account in _page(ctx, after)]
    ctx.lock([account_lock(id) for id in ids])
    for id in ids:
        account = ctx.get(Account, id)
        if account.customer_id is not None:
            rate(ctx, account, pool_of(ctx, account.customer_id), ctx.tenant.currency)
    if len(ids) == PAGE:
        enqueue(ctx, rate_customers, after=ids[-1])


def _page(ctx: Context, after: str | None) -> list[Account]:
    start = UUID(after) if after else UUID(int=0)
    return list(ctx.scalars(select(Account).where(Account.id > start).order_by(Account.id).limit(PAGE)))
