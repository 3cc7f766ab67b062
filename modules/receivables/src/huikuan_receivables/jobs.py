"""What happens to receivables by itself."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from huikuan.context import Context
from huikuan.jobs import enqueue, job
from huikuan_receivables.commands import dunning_run_issue, judge_overdue, match_lines
from huikuan_receivables.issuing import approved_runs
from huikuan_receivables.snapshots import RunState

__all__ = ["go_on_with_runs", "issue_run", "judge_promises", "match_new_lines"]

BATCH = 200
LINES = 1_000


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


@job(every=timedelta(minutes=5))
def match_new_lines(ctx: Context) -> None:
    """Find what new lines of bank statements pay, and once a day what open ones do; many in several transactions."""
    if ctx.setting("receivables.match_by_itself") and match_lines(ctx, LINES) == LINES:
        enqueue(ctx, match_new_lines)
