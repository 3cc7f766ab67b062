"""What happens to contracts by itself: deadlines lapse, owners are told of what is due and what is late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.jobs import enqueue, job
from huikuan_contracts.commands.progress import judge
from huikuan_contracts.models import Contract, ContractInstalment
from huikuan_contracts.receiving import follow
from huikuan_contracts.snapshots import FulfilmentState
from huikuan_contracts.views import contract_lock

__all__ = ["follow_plans", "lapse_contracts"]

BATCH = 200
WAITING = (FulfilmentState.UNFULFILLED, FulfilmentState.PARTIALLY)


@job(every=timedelta(days=1))
def lapse_contracts(ctx: Context) -> None:
    """Judge checklists whose deadline passed; many are done in several transactions."""
    late = select(Contract.id).where(Contract.fulfilment.in_(WAITING), Contract.fulfil_by < ctx.today)
    ids = ctx.scalars(late.order_by(Contract.id).limit(BATCH))
    ctx.lock([contract_lock(id) for id in ids])
    for id in ids:
        judge(ctx, ctx.get(Contract, id))
    if len(ids) == BATCH:
        enqueue(ctx, lapse_contracts)


@job(every=timedelta(days=1))
def follow_plans(ctx: Context, after: str | None = None) -> None:
    """Look at every living instalment, so many contracts in a transaction: what came in, what is due, what is late."""
    ids = _planned(ctx, UUID(after) if after is not None else None)
    ctx.lock([contract_lock(id) for id in ids])
    living = select(ContractInstalment).where(
        ContractInstalment.contract_id.in_(ids), ContractInstalment.dropped_in.is_(None)
    )
    follow(ctx, ctx.scalars(living.order_by(ContractInstalment.contract_id, ContractInstalment.sequence)))
    if len(ids) == BATCH:
        enqueue(ctx, follow_plans, after=ids[-1])


def _planned(ctx: Context, after: UUID | None) -> Sequence[UUID]:
    """Signed contracts that were not cancelled, by id."""
    statement = select(Contract.id).where(Contract.signed_on.is_not(None), Contract.cancelled_on.is_(None))
    if after is not None:
        statement = statement.where(Contract.id > after)
    return ctx.scalars(statement.order_by(Contract.id).limit(BATCH))
