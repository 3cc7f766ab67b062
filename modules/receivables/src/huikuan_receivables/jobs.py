"""What happens to receivables by itself."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from huikuan.context import Context
from huikuan.jobs import enqueue, job
from huikuan_receivables.commands import dunning_run_issue, judge_overdue
from huikuan_receivables.issuing import approved_runs
from huikuan_receivables.snapshots import RunState

__all__ = ["go_on_with_runs", "issue_run", "judge_promises"]

BATCH = 200


@job(every=timedelta(hours=1))
def judge_promises(ctx: Context) -> None:
    """Judge promises whose last day has passed, soon after the tenant's midnight; many in several transactions."""
    if judge_overdue(ctx, BATCH) == BATCH:
        enqueue(ctx, judge_promises)


@job(every=timedelta(hours=1))
def go_on_with_runs(ctx: Context) -> None:
    """Go on with approved runs whose letters are not all issued; a second one finds nothing left to do."""
    for id in approved_runs(ctx):
        enqueue(ctx, issue_run, run=id)


@job()
def issue_run(ctx: Context, run: str) -> None:
    """Issue a page of letters of an approved run, then go on with the next page."""
    found = dunning_run_issue(ctx, id=UUID(run))
    if found.state is RunState.APPROVED:
        enqueue(ctx, issue_run, run=found.id)
