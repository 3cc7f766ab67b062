"""What happens to billing plans by itself."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from huikuan.context import Context
from huikuan.jobs import enqueue, job
from huikuan_invoicing.commands import billing_milestone_reach
from huikuan_invoicing.commands.plans import due_milestones

__all__ = ["bill_milestone", "bill_schedules"]

BATCH = 200


@job(every=timedelta(hours=1))
def bill_schedules(ctx: Context) -> None:
    """Find scheduled parts whose day has come; each is invoiced in a transaction of its own."""
    for id in due_milestones(ctx, BATCH):
        enqueue(ctx, bill_milestone, milestone=id)


@job()
def bill_milestone(ctx: Context, milestone: str) -> None:
    """Invoice one part; a second run finds its invoice and makes no other."""
    billing_milestone_reach(ctx, id=UUID(milestone))
