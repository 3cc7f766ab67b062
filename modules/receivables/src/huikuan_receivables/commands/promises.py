"""Promises to pay: dunning waits for them, and goes on one level up when one is broken."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from sqlalchemy import select

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan.money import Money
from huikuan.values import Id
from huikuan_customers.api import customer_lock
from huikuan_receivables.collecting import locked_item, part_of_open, said
from huikuan_receivables.events import PromiseJudged, PromiseMade
from huikuan_receivables.models import PaymentPromise, ReceivableItem
from huikuan_receivables.promises import judge_promises, overdue_promises
from huikuan_receivables.snapshots import PromiseState

__all__ = ["judge_overdue", "promise_make", "promise_withdraw"]

MAX_TOLERANCE = 90
MAX_AHEAD = timedelta(days=3_650)


@command(permission="receivables.collect", idempotency="key")
def promise_make(
    ctx: Context,
    item: Id[ReceivableItem],
    promised_on: date,
    amount: Annotated[Money | None, "How much of it; left out: all that is open."] = None,
    tolerance_days: Annotated[int | None, "Days that it may be late; left out: as the setting says."] = None,
    note: str | None = None,
) -> PaymentPromise:
    """The customer promises to pay an item, or a part of it, by a day: nobody reminds of it until then.

    One promise stands at a time: a new one takes the place of the one before, and counts one more unless that was kept.
    """
    tolerance = int(ctx.setting("receivables.promise_tolerance_days")) if tolerance_days is None else tolerance_days
    if not 0 <= tolerance <= MAX_TOLERANCE:
        raise BadInput(f"A promise may be 0 to {MAX_TOLERANCE} days late.", field="toleranceDays")
    if not ctx.today <= promised_on <= ctx.today + MAX_AHEAD:
        raise BadInput("A promise is for today or later, within ten years.", field="promisedOn")
    text = said(note, "note") if note is not None else None
    found = locked_item(ctx, item)
    wanted = part_of_open(ctx, found, amount)
    earlier = ctx.scalars(
        select(PaymentPromise).where(PaymentPromise.item_id == item).order_by(PaymentPromise.sequence.desc()).limit(1)
    )
    last = earlier[0] if earlier else None
    level = 1 if last is None else last.level + (last.state is not PromiseState.KEPT)
    if last is not None and last.standing:
        _replace(ctx, last)
    promise = ctx.add(
        PaymentPromise(
            item_id=item,
            sequence=last.sequence + 1 if last is not None else 1,
            customer_id=found.customer_id,
            state=PromiseState.OPEN,
            standing=True,
            currency=found.currency,
            amount=wanted.amount,
            made_on=ctx.today,
            promised_on=promised_on,
            tolerance_days=tolerance,
            until=promised_on + timedelta(days=tolerance),
            level=level,
            note=text,
        )
    )
    ctx.emit(
        PromiseMade(
            promise_id=promise.id,
            item_id=item,
            customer_id=found.customer_id,
            amount=wanted,
            promised_on=promised_on,
            until=promise.until,
            level=level,
        )
    )
    return promise


@command(permission="receivables.collect", idempotency="natural")
def promise_withdraw(ctx: Context, id: Id[PaymentPromise], reason: str) -> PaymentPromise:
    """Take a promise back that is not kept: dunning goes on where it stopped."""
    text = said(reason, "reason")
    ctx.lock([customer_lock(ctx.get(PaymentPromise, id).customer_id)])
    promise = ctx.get(PaymentPromise, id)
    if promise.state is not PromiseState.WITHDRAWN:
        promise.note = f"{promise.note}\n{text}"[:500] if promise.note else text
        _withdraw(ctx, promise)
    return promise


def judge_overdue(ctx: Context, limit: int) -> int:
    """Judge promises whose last day has passed; returns how many there were."""
    ids = [(row.id, row.customer_id) for row in overdue_promises(ctx, limit)]
    ctx.lock([customer_lock(customer_id) for _, customer_id in ids])
    judge_promises(ctx, overdue_promises(ctx, limit) if ids else [])
    return len(ids)


def _replace(ctx: Context, promise: PaymentPromise) -> None:
    """It no longer stands; one that is still awaited counts as withdrawn, others stay what they are."""
    if promise.state is PromiseState.OPEN:
        _withdraw(ctx, promise)
    else:
        promise.standing = False
    ctx.flush()


def _withdraw(ctx: Context, promise: PaymentPromise) -> None:
    promise.state, promise.standing, promise.withdrawn_on = PromiseState.WITHDRAWN, False, ctx.today
    ctx.emit(
        PromiseJudged(
            promise_id=promise.id,
            item_id=promise.item_id,
            customer_id=promise.customer_id,
            state=PromiseState.WITHDRAWN,
            amount=Money(promise.amount, promise.currency),
            paid=Money(promise.paid, promise.currency),
        )
    )
