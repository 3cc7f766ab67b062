"""The queue to production and logistics: pull, acknowledge with a date, reject with a reason."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from huikuan import BadInput, Context, Id, Refusal, command
from huikuan.db import LockKey
from huikuan_inventory.commands.supplies import expect
from huikuan_inventory.errors import WRONG_STATE
from huikuan_inventory.events import DemandAnswered
from huikuan_inventory.ledger import item_lock
from huikuan_inventory.models import STOCK_RANK, Demand, Reservation, StockItem
from huikuan_inventory.snapshots import DemandKind, DemandState

__all__ = ["demand_acknowledge", "demand_pull", "demand_reject"]

MAX_PULL = 200
DEMAND_RANK = STOCK_RANK + 1


@command(permission="inventory.hand_over", idempotency="key")
def demand_pull(ctx: Context, kind: DemandKind, puller: str, limit: int = 50) -> list[Demand]:
    """Take the oldest demands that nobody has taken, at most 200 at once; each is given to one puller only."""
    if not 1 <= limit <= MAX_PULL or not puller.strip():
        raise BadInput(f"Pull 1 to {MAX_PULL} demands, and give the name of who pulls.", field="limit")
    oldest = select(Demand.id).where(Demand.kind == kind, Demand.state == DemandState.PENDING)
    ids = ctx.scalars(oldest.order_by(Demand.id).limit(limit))
    ctx.lock([LockKey(DEMAND_RANK, Demand, id) for id in ids])
    still = select(Demand).where(Demand.id.in_(ids), Demand.state == DemandState.PENDING)
    pulled = list(ctx.scalars(still.order_by(Demand.id)))
    for demand in pulled:
        demand.state, demand.pulled_at, demand.pulled_by = DemandState.PULLED, ctx.now, puller.strip()
    return pulled


@command(permission="inventory.hand_over", idempotency="natural")
def demand_acknowledge(ctx: Context, id: Id[Demand], eta: date | None = None) -> Demand:
    """Accept a demand. For production a date makes it expected goods, on which promises rest from now on."""
    demand = _locked(ctx, id)
    if demand.state is DemandState.ACKNOWLEDGED and demand.eta == eta:
        return demand
    _answerable(ctx, demand)
    demand.state, demand.eta, demand.answered_at = DemandState.ACKNOWLEDGED, eta, ctx.now
    if demand.kind is DemandKind.PRODUCTION and eta is not None and demand.reservation_id is not None:
        item = ctx.get(StockItem, ctx.get(Reservation, demand.reservation_id).item_id)
        supply = expect(ctx, item, f"demand {demand.id}", demand.quantity, eta)
        ctx.flush()
        demand.supply_id = supply.id
    _told(ctx, demand)
    return demand


@command(permission="inventory.hand_over", idempotency="natural")
def demand_reject(ctx: Context, id: Id[Demand], reason: str) -> Demand:
    """Refuse a demand, and say why; what is short waits on."""
    if not reason.strip():
        raise BadInput("Say why.", field="reason")
    demand = _locked(ctx, id)
    if demand.state is DemandState.REJECTED:
        return demand
    _answerable(ctx, demand)
    demand.state, demand.reason, demand.answered_at = DemandState.REJECTED, reason.strip(), ctx.now
    _told(ctx, demand)
    return demand


def _locked(ctx: Context, id: UUID) -> Demand:
    demand = ctx.get(Demand, id)
    keys = [LockKey(DEMAND_RANK, Demand, id)]
    if demand.reservation_id is not None:
        keys.append(item_lock(ctx.get(Reservation, demand.reservation_id).item_id))
    ctx.lock(keys)
    return ctx.get(Demand, id)


def _answerable(ctx: Context, demand: Demand) -> None:
    if demand.state not in (DemandState.PENDING, DemandState.PULLED):
        ctx.refuse(Refusal(WRONG_STATE, f"This demand is {demand.state.name} already.", state=demand.state.name))


def _told(ctx: Context, demand: Demand) -> None:
    ctx.emit(DemandAnswered(demand_id=demand.id, state=demand.state, eta=demand.eta, reason=demand.reason))
