"""What receivables does after its own facts."""

from __future__ import annotations

from huikuan.context import Context
from huikuan.events import subscribe
from huikuan.jobs import enqueue
from huikuan_receivables.events import DunningRunApproved
from huikuan_receivables.jobs import issue_run

__all__ = ["issue_letters"]


@subscribe(DunningRunApproved)
def issue_letters(ctx: Context, event: DunningRunApproved) -> None:
    """Begin with the first page of letters."""
    enqueue(ctx, issue_run, run=event.run_id)
