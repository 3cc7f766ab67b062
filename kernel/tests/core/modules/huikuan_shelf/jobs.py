"""Jobs of shelf."""

from __future__ import annotations

from datetime import timedelta

from huikuan import Context, job
from huikuan_shelf.models import Effect

__all__ = ["count_items", "count_once"]


@job(every=timedelta(hours=1))
def count_items(ctx: Context) -> None:
    """Runs on a schedule."""
    ctx.add(Effect(consumer="count_items"))


@job(attempts=3)
def count_once(ctx: Context, consumer: str, fail: bool = False) -> None:
    """Runs when it is enqueued."""
    ctx.add(Effect(consumer=consumer))
    if fail:
        raise ValueError("it was to fail")
