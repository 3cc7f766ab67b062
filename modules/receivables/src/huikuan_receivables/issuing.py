"""Dunning runs: what a preview keeps, and issuing an approved run letter by letter, each item once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.ids import new_id
from huikuan.money import Money
from huikuan_customers.api import customer_lock
from huikuan_receivables.events import DunningRunFinished, ReminderIssued
from huikuan_receivables.fees import charge
from huikuan_receivables.models import RUN_RANK, DunningLetter, DunningLine, DunningRun
from huikuan_receivables.planning import Account, Decision, decisions, letter
from huikuan_receivables.snapshots import LetterState, LineState, RunState, SkipReason
from huikuan_receivables.standing import LastStep, last_steps, step

__all__ = ["approved_runs", "issue_page", "keep_preview", "run_lock"]

PAGE = 50
ZERO = Decimal(0)
ASKED_FOR = (SkipReason.WAITING, SkipReason.LAST_LEVEL)


def run_lock(run_id: UUID) -> LockKey:
    """Lock a run: one command at a time goes on with it."""
    return LockKey(RUN_RANK, DunningRun, run_id)


def approved_runs(ctx: Context) -> Sequence[UUID]:
    """Runs that were approved and are not done."""
    return ctx.scalars(select(DunningRun.id).where(DunningRun.state == RunState.APPROVED))


def keep_preview(ctx: Context, on: date) -> DunningRun:
    """What a run of this day would do, as rows to look at and approve."""
    run = ctx.add(DunningRun(on=on, state=RunState.PREVIEW, open=True))
    ctx.flush()
    heads, lines = [], []
    for account, decided in decisions(ctx, on).items():
        found = letter(decided)
        head = None
        if found is not None:
            head = {
                "id": new_id(),
                "run_id": run.id,
                "customer_id": account[0],
                "state": LetterState.PROPOSED,
                "on": on,
                "level": found.level.position,
                "level_id": found.level.id,
                "currency": account[1],
                "open": found.open,
                "credit": found.credit,
            }
            heads.append(head)
        lines += [_line(run.id, head["id"] if head is not None else None, item) for item in decided]
    ctx.insert(DunningLetter, heads)
    ctx.insert(DunningLine, lines)
    return run


def _line(run_id: UUID, letter_id: object, decision: Decision) -> dict[str, object]:
    item, level = decision.item, decision.level
    return {
        "id": new_id(),
        "run_id": run_id,
        "letter_id": letter_id if decision.state is not LineState.SKIPPED else None,
        "item_id": item.item_id,
        "customer_id": item.customer_id,
        "state": decision.state,
        "reason": decision.reason,
        "level": level.position if level is not None else 0,
        "level_id": level.id if level is not None else None,
        "due_on": item.chase_on,
        "currency": item.currency,
        "open": item.open,
    }


def issue_page(ctx: Context, run_id: UUID) -> DunningRun:
    """Issue the next letters of an approved run; the run is done when none is left.

    All of a page or nothing of it: whoever dies in between leaves the page to the next one.
    """
    page = _waiting(ctx, run_id)
    ctx.lock([run_lock(run_id), *(customer_lock(row.customer_id) for row in page)])
    run = ctx.get(DunningRun, run_id)
    if run.state is not RunState.APPROVED:
        return run
    locked = {row.customer_id for row in page}
    waiting = [row for row in _waiting(ctx, run_id) if row.customer_id in locked]
    fresh = decisions(ctx, run.on, {row.customer_id for row in waiting}) if waiting else {}
    for row in waiting:
        account: Account = (row.customer_id, row.currency)
        _issue(ctx, run, row, {decision.item.item_id: decision for decision in fresh.get(account, ())})
    ctx.flush()
    if not _waiting(ctx, run_id):
        _finish(ctx, run)
    return run


def _waiting(ctx: Context, run_id: UUID) -> Sequence[DunningLetter]:
    return ctx.scalars(
        select(DunningLetter)
        .where(DunningLetter.run_id == run_id, DunningLetter.state == LetterState.PROPOSED)
        .order_by(DunningLetter.id)
        .limit(PAGE)
    )


def _issue(ctx: Context, run: DunningRun, row: DunningLetter, fresh: Mapping[UUID, Decision]) -> None:
    """A letter as it was approved, less what happened since: nobody is reminded of what was paid meanwhile."""
    lines = ctx.scalars(select(DunningLine).where(DunningLine.letter_id == row.id).order_by(DunningLine.id))
    reminded = [line for line in lines if _still_due(line, fresh.get(line.item_id))]
    named = [*reminded, *(line for line in lines if reminded and _still_listed(line, fresh.get(line.item_id)))]
    for line in lines:
        if line not in named:
            _leave_out(line, fresh.get(line.item_id))
    steps = last_steps(ctx, [row.customer_id])
    for line in reminded:
        _remind(ctx, run, line, fresh[line.item_id], steps.get(line.item_id))
    if not named:
        row.state = LetterState.SKIPPED
        return
    for line in named:
        line.open = fresh[line.item_id].item.open
    highest = max(named, key=lambda line: line.level)
    assert highest.level_id is not None
    row.level, row.level_id = highest.level, highest.level_id
    row.open = sum((line.open for line in named), ZERO)
    row.credit = row.open - sum((fresh[line.item_id].left for line in named), ZERO)
    row.state, row.issued_at = LetterState.ISSUED, ctx.now
    ctx.emit(
        ReminderIssued(
            letter_id=row.id,
            run_id=run.id,
            customer_id=row.customer_id,
            on=run.on,
            level=row.level,
            amount=Money(row.open - row.credit, row.currency),
            items=len(named),
        )
    )


def _still_due(line: DunningLine, now: Decision | None) -> bool:
    """Whether an item is still to be reminded at the level that was approved."""
    if line.state is not LineState.PROPOSED or now is None or now.level is None:
        return False
    return now.state is LineState.PROPOSED and now.level.id == line.level_id


def _still_listed(line: DunningLine, now: Decision | None) -> bool:
    """Whether an item that gets no further is still overdue and to be asked for."""
    if line.state is not LineState.LISTED or now is None:
        return False
    return now.state is not LineState.SKIPPED or now.reason in ASKED_FOR


def _leave_out(line: DunningLine, now: Decision | None) -> None:
    line.state, line.letter_id = LineState.SKIPPED, None
    line.reason = SkipReason.SETTLED if now is None else now.reason or SkipReason.WAITING


def _remind(ctx: Context, run: DunningRun, line: DunningLine, now: Decision, last: LastStep | None) -> None:
    """Once and for all: the step, and the late fee that the level brings."""
    assert now.policy is not None
    assert now.level is not None
    line.state = LineState.ISSUED
    ctx.flush()
    step(ctx, now.item, last, policy_id=now.policy.id, level=now.level, on=run.on, line=line)
    if now.level.fee is not None or now.level.fee_percent is not None:
        charge(ctx, line, now.item, now.level)


def _finish(ctx: Context, run: DunningRun) -> None:
    run.state, run.open, run.finished_at = RunState.DONE, False, ctx.now
    rows = ctx.rows(
        select(DunningLetter.state, func.count()).where(DunningLetter.run_id == run.id).group_by(DunningLetter.state)
    )
    counted = {row[0]: row[1] for row in rows}
    ctx.emit(
        DunningRunFinished(
            run_id=run.id,
            on=run.on,
            issued=counted.get(LetterState.ISSUED, 0),
            skipped=counted.get(LetterState.SKIPPED, 0),
        )
    )
