"""Dunning runs: shown, approved, issued; and the level of one item, set by a person."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.values import Id
from huikuan_receivables.collecting import locked_item, said
from huikuan_receivables.errors import DATE_AHEAD, LEVEL_UNKNOWN, NOT_OPEN, RUN_EARLIER, RUN_OPEN, WRONG_STATE
from huikuan_receivables.events import DunningRunApproved
from huikuan_receivables.issuing import issue_page, keep_preview, run_lock
from huikuan_receivables.models import DunningLetter, DunningRun, DunningStep, ReceivableItem
from huikuan_receivables.policies import policies_in_force
from huikuan_receivables.snapshots import RunState
from huikuan_receivables.standing import last_steps, step

__all__ = [
    "dunning_place",
    "dunning_run_approve",
    "dunning_run_cancel",
    "dunning_run_issue",
    "dunning_run_preview",
]


@command(permission="receivables.dun", idempotency="natural")
def dunning_run_preview(ctx: Context, on: date | None = None) -> DunningRun:
    """Show whom a run of a day would remind of what, and what it would leave out and why. Nobody is reminded yet.

    One run at a time: while one of that day is open, it is answered. No run lies before the latest one.
    """
    day = on or ctx.today
    if day > ctx.today:
        ctx.refuse(Refusal(DATE_AHEAD, f"{day} lies in the future.", field="on", advice="Run it on that day."))
    current = ctx.find(DunningRun, open=True)
    if current is not None:
        if current.on == day:
            return current
        ctx.refuse(
            Refusal(
                RUN_OPEN,
                f"The run of {current.on} is {current.state.name}.",
                field="on",
                advice="Approve or cancel it first.",
                run=current.id,
            )
        )
    _not_before_the_latest(ctx, day)
    return keep_preview(ctx, day)


def _not_before_the_latest(ctx: Context, day: date) -> None:
    latest = ctx.scalar(select(func.max(DunningRun.on)).where(DunningRun.state.in_((RunState.APPROVED, RunState.DONE))))
    if latest is not None and day < latest:
        ctx.refuse(
            Refusal(
                RUN_EARLIER,
                f"The latest run is of {latest}.",
                field="on",
                advice=f"Run it for {latest} or later.",
                latest=latest,
            )
        )


@command(permission="receivables.dun", idempotency="natural")
def dunning_run_approve(ctx: Context, id: Id[DunningRun]) -> DunningRun:
    """Approve what a run shows: its letters are issued by a job, a page at a time. Approving again changes nothing."""
    ctx.lock([run_lock(id)])
    run = ctx.get(DunningRun, id)
    if run.state in (RunState.APPROVED, RunState.DONE):
        return run
    if run.state is RunState.CANCELLED:
        ctx.refuse(_wrong_state(run))
    run.state, run.approved_at, run.approved_by = RunState.APPROVED, ctx.now, ctx.actor.id
    letters = ctx.scalar(select(func.count()).select_from(DunningLetter).where(DunningLetter.run_id == id)) or 0
    ctx.emit(DunningRunApproved(run_id=run.id, on=run.on, letters=letters))
    return run


@command(permission="receivables.dun", idempotency="natural")
def dunning_run_cancel(ctx: Context, id: Id[DunningRun]) -> DunningRun:
    """Give up a run that was not approved."""
    ctx.lock([run_lock(id)])
    run = ctx.get(DunningRun, id)
    if run.state in (RunState.APPROVED, RunState.DONE):
        ctx.refuse(_wrong_state(run))
    run.state, run.open = RunState.CANCELLED, False
    return run


@command(permission="receivables.dun", idempotency="natural")
def dunning_run_issue(ctx: Context, id: Id[DunningRun]) -> DunningRun:
    """Issue the next letters of an approved run now, without waiting for the job; done, it changes nothing."""
    if ctx.get(DunningRun, id).state not in (RunState.APPROVED, RunState.DONE):
        ctx.refuse(_wrong_state(ctx.get(DunningRun, id)))
    return issue_page(ctx, id)


@command(permission="receivables.dun", idempotency="natural")
def dunning_place(ctx: Context, item: Id[ReceivableItem], level: int, reason: str) -> DunningStep:
    """Put an open item at a level of the policy that is in force for it; 0: as if it had never been reminded.

    Items that were reminded under another policy wait for this.
    """
    text = said(reason, "reason")
    found = locked_item(ctx, item)
    if found.open <= 0:
        ctx.refuse(Refusal(NOT_OPEN, f"Nothing of {found.number} is open.", field="item"))
    policy = policies_in_force(ctx, [found]).get(item)
    if level < 0:
        raise BadInput("Levels begin with 0, never reminded.", field="level")
    if policy is None or (level and level not in policy.levels):
        ctx.refuse(
            Refusal(
                LEVEL_UNKNOWN,
                f"There is no level {level} in the policy of {found.number}.",
                field="level",
                advice="Assign a policy with that level.",
            )
        )
    assert policy is not None
    last = last_steps(ctx, [found.customer_id]).get(item)
    if last is not None and (last.policy_id, last.level) == (policy.id, level):
        return ctx.get(DunningStep, last.id)
    return step(ctx, found, last, policy_id=policy.id, level=policy.levels.get(level), on=ctx.today, reason=text)


def _wrong_state(run: DunningRun) -> Refusal:
    return Refusal(WRONG_STATE, f"The run of {run.on} is {run.state.name}.", field="id", state=run.state.name)
