"""What must always be true of dunning, disputes, promises and deferrals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.invariants import Invariant
from huikuan_receivables.judging import judge
from huikuan_receivables.models import (
    Deferral,
    Dispute,
    DunningLetter,
    DunningLine,
    DunningRun,
    DunningStep,
    ItemBalance,
    PaymentPromise,
    ReceivableItem,
)
from huikuan_receivables.promises import verdicts
from huikuan_receivables.snapshots import DisputeState, LetterState, LineState, PromiseState, RunState, StepKind

__all__ = ["DUNNING"]

PAGE = 500
ZERO = Decimal(0)


def _levels(ctx: Context) -> Sequence[UUID]:
    """A reminder is one level above the step before it, under the same policy, on a later day."""
    broken: list[UUID] = []
    before: Any = None
    columns = (DunningStep.item_id, DunningStep.sequence, DunningStep.kind, DunningStep.policy_id, DunningStep.level)
    statement = select(DunningStep.id, *columns, DunningStep.on)
    for row in ctx.rows(statement.order_by(DunningStep.item_id, DunningStep.sequence)):
        last = before if before is not None and before.item_id == row.item_id else None
        if row.sequence != (last.sequence if last is not None else 0) + 1:
            broken.append(row.id)
        elif row.kind is StepKind.REMINDED:
            level = last.level if last is not None else 0
            same = last is None or last.level == 0 or last.policy_id == row.policy_id
            if row.level != level + 1 or not same or (last is not None and last.on >= row.on):
                broken.append(row.id)
        before = row
    return broken


def _lines(ctx: Context) -> Sequence[UUID]:
    """Each issued line has its one step, and nothing else has one."""
    same = (DunningStep.line_id == DunningLine.id) & (DunningStep.tenant_id == DunningLine.tenant_id)
    rows = ctx.rows(
        select(DunningLine.id, DunningLine.state, func.count(DunningStep.id).label("steps"))
        .outerjoin(DunningStep, same)
        .group_by(DunningLine.id, DunningLine.state)
        .having((DunningLine.state == LineState.ISSUED) | (func.count(DunningStep.id) > 0))
    )
    reminded = DunningStep.kind == StepKind.REMINDED
    wrong = ctx.scalars(select(DunningStep.id).where(reminded != DunningStep.line_id.is_not(None)))
    return [*(row.id for row in rows if row.steps != (row.state is LineState.ISSUED)), *wrong]


def _letters(ctx: Context) -> Sequence[UUID]:
    """An issued letter reminds of something; level and amount are those of its lines."""
    same = (DunningLine.letter_id == DunningLetter.id) & (DunningLine.tenant_id == DunningLetter.tenant_id)
    rows = ctx.rows(
        select(
            DunningLetter.id,
            DunningLetter.state,
            DunningLetter.level,
            DunningLetter.open,
            DunningLetter.credit,
            func.sum(DunningLine.open).label("sum"),
            func.max(DunningLine.level).label("highest"),
        )
        .outerjoin(DunningLine, same)
        .group_by(DunningLetter.id, DunningLetter.state, DunningLetter.level, DunningLetter.open, DunningLetter.credit)
    )
    broken = []
    for row in rows:
        if row.state is LetterState.SKIPPED:
            fine = row.sum is None
        else:
            fine = (row.sum, row.highest) == (row.open, row.level) and ZERO <= row.credit <= row.open
        broken += [] if fine else [row.id]
    return broken


def _runs(ctx: Context) -> Sequence[UUID]:
    """Approved runs follow each other, and one that is done has no letter left."""
    approved = (RunState.APPROVED, RunState.DONE)
    rows = ctx.rows(select(DunningRun.id, DunningRun.on).where(DunningRun.state.in_(approved)).order_by(DunningRun.id))
    broken = [row.id for before, row in pairwise(rows) if row.on < before.on]
    same = (DunningLetter.run_id == DunningRun.id) & (DunningLetter.tenant_id == DunningRun.tenant_id)
    left = select(DunningRun.id).join(DunningLetter, same).where(DunningRun.state == RunState.DONE)
    broken += ctx.scalars(left.where(DunningLetter.state == LetterState.PROPOSED).distinct())
    ended = DunningRun.state.in_((RunState.DONE, RunState.CANCELLED))
    return [*broken, *ctx.scalars(select(DunningRun.id).where(ended == DunningRun.open))]


def _promises(ctx: Context) -> Sequence[UUID]:
    """Standing promises are what the ledger says; those that end today wait for the day's job."""
    broken = []
    for page in _standing(ctx):
        for promise, (state, paid) in verdicts(ctx, page):
            fine = {state}
            if state is PromiseState.BROKEN:
                fine.add(judge(promise.amount, paid, promise.amount, promise.until, promise.until))
            if promise.state not in fine or promise.paid != paid:
                broken.append(promise.id)
    rows = ctx.rows(
        select(PaymentPromise.item_id, func.count().label("rows"), func.max(PaymentPromise.sequence).label("last"))
        .group_by(PaymentPromise.item_id)
        .having(func.count() != func.max(PaymentPromise.sequence))
    )
    return [*broken, *(row.item_id for row in rows)]


def _standing(ctx: Context) -> Iterator[Sequence[PaymentPromise]]:
    after = UUID(int=0)
    while True:
        page = ctx.scalars(
            select(PaymentPromise)
            .where(PaymentPromise.standing.is_(True), PaymentPromise.id > after)
            .order_by(PaymentPromise.id)
            .limit(PAGE)
        )
        if not page:
            return
        yield page
        after = page[-1].id


def _deferrals(ctx: Context) -> Sequence[UUID]:
    """An item is reminded of from the day of its last deferral, else from the day when it is due."""
    last: dict[UUID, Any] = {}
    for row in ctx.rows(select(Deferral.item_id, Deferral.until).order_by(Deferral.item_id, Deferral.sequence)):
        last[row.item_id] = row.until
    deferred = ItemBalance.chase_on != ItemBalance.due_on
    rows = ctx.rows(select(ItemBalance.item_id, ItemBalance.chase_on, ItemBalance.due_on).where(deferred))
    moved = {row.item_id: row for row in rows}
    broken = [row.item_id for row in rows if last.get(row.item_id) != row.chase_on]
    others = [id for id in last if id not in moved]
    for start in range(0, len(others), PAGE):
        some = others[start : start + PAGE]
        due = ctx.rows(select(ItemBalance.item_id, ItemBalance.due_on).where(ItemBalance.item_id.in_(some)))
        broken += [row.item_id for row in due if last[row.item_id] != row.due_on]
    return broken


def _disputes(ctx: Context) -> Sequence[UUID]:
    """What is disputed is at most the item, on its account; what is settled says how and when."""
    same = (Dispute.item_id == ReceivableItem.id) & (Dispute.tenant_id == ReceivableItem.tenant_id)
    wrong = (
        (Dispute.amount > ReceivableItem.amount)
        | (Dispute.currency != ReceivableItem.currency)
        | (Dispute.customer_id != ReceivableItem.customer_id)
        | ((Dispute.state == DisputeState.OPEN) == Dispute.settled_on.is_not(None))
    )
    return ctx.scalars(select(Dispute.id).join(ReceivableItem, same).where(wrong))


DUNNING = (
    Invariant(
        "receivables.dunning-levels",
        "Each reminder is one level above the one before, under the same policy, on a later day.",
        _levels,
    ),
    Invariant("receivables.dunning-lines", "What a run issued has its one step, and nothing else has one.", _lines),
    Invariant("receivables.dunning-letters", "A letter's amount and level are those of its lines.", _letters),
    Invariant("receivables.dunning-runs", "Runs follow each other; one that is done has no letter left.", _runs),
    Invariant("receivables.promises", "A promise is what the ledger says that became of it.", _promises),
    Invariant("receivables.deferrals", "An item is reminded of from the day of its last deferral.", _deferrals),
    Invariant("receivables.disputes", "What is disputed is at most the item.", _disputes),
)
