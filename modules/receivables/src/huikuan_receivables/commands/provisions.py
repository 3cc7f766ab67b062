"""Provisions for bad debt."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan_receivables.errors import PROVISION_EARLIER
from huikuan_receivables.models import ProvisionRun
from huikuan_receivables.paying import past_day
from huikuan_receivables.provisioning import set_provisions

__all__ = ["provision_run"]


@command(permission="receivables.provision", idempotency="natural")
def provision_run(ctx: Context, on: date | None = None) -> ProvisionRun:
    """Set the provisions for bad debt as of a day, by `receivables.provision_rates`; left out: today.

    Each open item's provision becomes its share by days overdue; those of settled items are released. The same day
    again is the same run; a day before the last run is refused.
    """
    day = past_day(ctx, on, "on")
    last = ctx.scalar(select(ProvisionRun).order_by(ProvisionRun.sequence.desc()))
    if last is not None and last.on == day:
        return last
    if last is not None and day < last.on:
        ctx.refuse(
            Refusal(
                PROVISION_EARLIER,
                f"Provisions were set for {last.on} already.",
                field="on",
                advice=f"Run them for {last.on} or later.",
            )
        )
    return set_provisions(ctx, day, 1 if last is None else last.sequence + 1)
