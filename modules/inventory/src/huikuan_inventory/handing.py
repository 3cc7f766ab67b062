"""What is handed over to production and logistics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan_inventory.events import DemandRaised, DemandWithdrawn
from huikuan_inventory.models import Demand, Reservation, Shipment, Supply
from huikuan_inventory.reserving import supplied
from huikuan_inventory.snapshots import DemandKind, DemandState, SupplyState
from huikuan_inventory.states import short_of

__all__ = ["hand_over_shipment", "hand_over_shortages", "withdraw"]

ZERO = Decimal(0)
OPEN = (DemandState.PENDING, DemandState.PULLED)


def hand_over_shortages(ctx: Context, rows: Sequence[Reservation]) -> None:
    """Ask production for what is short, not yet asked for and need not wait; withdraw what is short no more."""
    if not rows or not ctx.setting("inventory.hand_over_shortages"):
        return
    ids = [row.id for row in rows if row.id not in ctx.work.created]  # for new ones nobody has asked yet
    asked = ctx.once(("inventory.asked", tuple(ids)), lambda: _asked(ctx, ids), Demand, Supply) if ids else {}
    missing: dict[UUID, Decimal] = {}
    for row in rows:
        found = asked.get(row.id, [])
        short = short_of(row)
        if short <= ZERO:
            withdraw(ctx, [demand for demand, _ in found if demand.state in OPEN])
        else:
            missing[row.id] = short - sum((quantity for _, quantity in found), ZERO)
    for row in supplied(ctx, [row for row in rows if missing.get(row.id, ZERO) > ZERO]):
        _raise(
            ctx,
            Demand(
                kind=DemandKind.PRODUCTION,
                reservation_id=row.id,
                product_id=row.product_id,
                quantity=missing[row.id],
                needed_on=row.promised_on,
            ),
        )


def hand_over_shipment(ctx: Context, shipment: Shipment, quantity: Decimal) -> None:
    """Ask logistics to carry a planned shipment."""
    _raise(
        ctx,
        Demand(kind=DemandKind.LOGISTICS, shipment_id=shipment.id, quantity=quantity, needed_on=shipment.planned_on),
    )


def withdraw(ctx: Context, demands: Iterable[Demand]) -> None:
    """Tell that these are no longer needed."""
    for demand in demands:
        demand.state = DemandState.WITHDRAWN
        ctx.emit(DemandWithdrawn(demand_id=demand.id))


def _asked(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[tuple[Demand, Decimal]]]:
    """Demands that still stand for each reservation, and how much of each is still to come."""
    demands = ctx.scalars(
        select(Demand).where(Demand.reservation_id.in_(ids), Demand.state.in_((*OPEN, DemandState.ACKNOWLEDGED)))
    )
    answered = {demand.supply_id for demand in demands if demand.supply_id is not None}
    supplies = {row.id: row for row in ctx.scalars(select(Supply).where(Supply.id.in_(answered)))} if answered else {}
    found: dict[UUID, list[tuple[Demand, Decimal]]] = {}
    for demand in demands:
        left = demand.quantity
        if demand.state is DemandState.ACKNOWLEDGED:
            supply = supplies.get(demand.supply_id) if demand.supply_id else None
            if supply is not None:
                left = supply.quantity - supply.received if supply.state is SupplyState.EXPECTED else ZERO
        assert demand.reservation_id is not None
        found.setdefault(demand.reservation_id, []).append((demand, left))
    return found


def _raise(ctx: Context, demand: Demand) -> None:
    demand.state = DemandState.PENDING
    ctx.add(demand)
    ctx.emit(
        DemandRaised(
            demand_id=demand.id,
            kind=demand.kind,
            product_id=demand.product_id,
            quantity=demand.quantity,
            needed_on=demand.needed_on,
        )
    )
