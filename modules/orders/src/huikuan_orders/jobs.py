"""What happens to orders by itself."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.jobs import enqueue, job
from huikuan_orders.commands import expire_orders, order_template_run
from huikuan_orders.models import OrderTemplate

__all__ = ["expire_quotes", "run_template", "run_templates"]

BATCH = 200


@job(every=timedelta(hours=1))
def expire_quotes(ctx: Context) -> None:
    """End drafts and quotes whose validity ran out; many are done in several transactions."""
    if len(expire_orders(ctx, BATCH)) == BATCH:
        enqueue(ctx, expire_quotes)


@job(every=timedelta(hours=1))
def run_templates(ctx: Context) -> None:
    """Find templates whose date has come; each is run in a transaction of its own."""
    due = select(OrderTemplate.id, OrderTemplate.next_on).where(OrderTemplate.next_on <= ctx.today)
    for row in ctx.rows(due.order_by(OrderTemplate.id)):
        enqueue(ctx, run_template, template=row.id, on=row.next_on)


@job()
def run_template(ctx: Context, template: str, on: str) -> None:
    """Write the order of one date, then look whether the next date has come too."""
    found = order_template_run(ctx, id=UUID(template), on=date.fromisoformat(on))
    if found.last_error is None and found.next_on is not None and found.next_on <= ctx.today:
        enqueue(ctx, run_template, template=found.id, on=found.next_on)
