"""What credit does by itself."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from huikuan import Context, enqueue, job
from huikuan.core.commands import hold_recheck
from huikuan.core.models import Hold, HoldStatus
from huikuan.errors import HuikuanError
from huikuan_credit.accounts import account_lock, pool_of
from huikuan_credit.models import Account
from huikuan_credit.rating import rate
from huikuan_credit.watching import watch_accounts

__all__ = ["rate_customers", "recheck_holds", "watch_credit"]

PAGE = 200


@job()
def recheck_holds(ctx: Context, holds: list[str]) -> None:
    """Run the first of these held commands again, then go on with the others: who has waited longest comes first.

    Each in a transaction of its own: it passes if there is room by now, else it stays held.
    """
    if len(holds) > 1:
        enqueue(ctx, recheck_holds, holds=holds[1:])
    found = ctx.find(Hold, id=UUID(holds[0])) if holds else None
    if found is None or found.status is not HoldStatus.OPEN or found.command not in ctx.composition.commands:
        return
    if found.expires_at is None or found.expires_at > ctx.now:
        with suppress(HuikuanError), ctx.savepoint():  # what cannot be run must not stop the others
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
