"""Shipments: planned of what is reserved, shipped once, or given up before that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from huikuan import BadInput, Context, Id, Ref, Refusal, command
from huikuan_inventory.errors import NOT_RESERVED
from huikuan_inventory.events import ShipmentShipped
from huikuan_inventory.handing import hand_over_shortages
from huikuan_inventory.hookspecs import inventory_after_ship, inventory_before_ship
from huikuan_inventory.ledger import Movement, move
from huikuan_inventory.models import Reservation, Shipment, ShipmentLine, StockItem
from huikuan_inventory.reserving import cancel_open, changed, reservations_of
from huikuan_inventory.shipping import (
    cancel_shipment,
    demands_of,
    lines_of,
    lock_stock,
    locked_shipment,
    plan,
    planned_units,
    shipment_snapshot,
    wrong_state,
)
from huikuan_inventory.snapshots import DemandState, MoveKind, Remainder, ShipmentState
from huikuan_inventory.states import ENDED, state_of

__all__ = ["ShipmentLineInput", "shipment_cancel", "shipment_create", "shipment_ship"]

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class ShipmentLineInput:
    """What of a reservation a shipment takes."""

    reservation: Annotated[Ref[Reservation], "Which reservation."]
    quantity: Annotated[Decimal | None, "How much; left out: all that is reserved and free of other shipments."] = None


@command(permission="inventory.ship", idempotency="key")
def shipment_create(
    ctx: Context, lines: list[ShipmentLineInput], planned_on: date | None = None, tracking: str | None = None
) -> Shipment:
    """Plan a shipment of reserved goods, all or some of them; logistics is asked to carry it."""
    wanted = {line.reservation.id: line.quantity for line in lines}
    if not lines or len(wanted) != len(lines):
        raise BadInput("Name at least one reservation, and each once.", field="lines")
    first = ctx.get(Reservation, lines[0].reservation.id)
    subjects = [ctx.get(Reservation, id).subject_id for id in wanted]
    lock_stock(ctx, first.subject_type, list(dict.fromkeys(subjects)))
    return plan(ctx, [ctx.get(Reservation, id) for id in wanted], wanted, planned_on=planned_on, tracking=tracking)


@command(permission="inventory.ship", idempotency="natural")
def shipment_ship(ctx: Context, id: Id[Shipment], tracking: str | None = None) -> Shipment:
    """The goods leave: every module may object at the door. Shipping again changes nothing."""
    shipment = locked_shipment(ctx, id)
    if shipment.state is ShipmentState.SHIPPED:
        return shipment
    if shipment.state is ShipmentState.CANCELLED:
        ctx.refuse(wrong_state(shipment, ShipmentState.SHIPPED))
    lines = lines_of(ctx, shipment.id)
    rows = _reserved(ctx, shipment, lines)
    seen = shipment_snapshot(ctx, shipment, lines, rows)
    ctx.guard(ctx.vetoes(inventory_before_ship, shipment=seen), subject=shipment, pin=shipment.id)
    _leave(ctx, shipment, lines, rows)
    shipment.state, shipment.shipped_at = ShipmentState.SHIPPED, ctx.now
    shipment.tracking = tracking or shipment.tracking
    for demand in demands_of(ctx, shipment.id):
        demand.state, demand.answered_at = DemandState.ACKNOWLEDGED, ctx.now
    _settle_rest(ctx, shipment)
    ctx.react(inventory_after_ship, shipment=shipment_snapshot(ctx, shipment, lines, rows))
    ctx.emit(
        ShipmentShipped(
            shipment_id=shipment.id,
            subject_type=shipment.subject_type,
            subject_id=shipment.subject_id,
            shipped_at=ctx.now,
        )
    )
    return shipment


@command(permission="inventory.ship", idempotency="natural")
def shipment_cancel(ctx: Context, id: Id[Shipment], reason: str) -> Shipment:
    """Give up a planned shipment; its goods stay reserved."""
    if not reason.strip():
        raise BadInput("Say why.", field="reason")
    shipment = locked_shipment(ctx, id)
    if shipment.state is ShipmentState.SHIPPED:
        ctx.refuse(wrong_state(shipment, ShipmentState.CANCELLED))
    if shipment.state is ShipmentState.PLANNED:
        cancel_shipment(ctx, shipment, reason)
    return shipment


def _reserved(ctx: Context, shipment: Shipment, lines: Sequence[ShipmentLine]) -> dict[UUID, Reservation]:
    """The lines' reservations; refuses if one has less than its line needs: goods were lost or the order shrank."""
    rows = {row.id: row for row in reservations_of(ctx, shipment.subject_type, [shipment.subject_id])}
    lacking = [line for line in lines if rows[line.reservation_id].reserved < line.quantity]
    if lacking:
        ctx.refuse(
            Refusal(
                NOT_RESERVED,
                f"Less is reserved than line {', '.join(str(line.position) for line in lacking)} ships.",
                advice="Cancel this shipment and plan another.",
                positions=[line.position for line in lacking],
            )
        )
    return {line.reservation_id: rows[line.reservation_id] for line in lines}


def _leave(ctx: Context, shipment: Shipment, lines: Sequence[ShipmentLine], rows: Mapping[UUID, Reservation]) -> None:
    ids = {row.item_id for row in rows.values()}
    items = ctx.get_many(StockItem, ids)
    leaving = []
    for line in lines:
        row = rows[line.reservation_id]
        row.reserved -= line.quantity
        row.shipped += line.quantity
        row.state = state_of(row)  # before the balances, so that each row is written once
        leaving.append(
            Movement(
                item=items[row.item_id],
                kind=MoveKind.SHIPMENT,
                quantity=-line.quantity,
                reserved=-line.quantity,
                reference=shipment.number or str(line.id),
            )
        )
    move(ctx, leaving)
    for row in rows.values():
        changed(ctx, row)


def _settle_rest(ctx: Context, shipment: Shipment) -> None:
    """What is left of the subject: it waits, or is given up once no shipment is planned any more."""
    ctx.flush()
    rows = reservations_of(ctx, shipment.subject_type, [shipment.subject_id])
    planned = planned_units(ctx, [row.id for row in rows])
    if not planned:
        for row in rows:
            if row.remainder is Remainder.CANCEL and row.state not in ENDED:
                cancel_open(ctx, row)
    hand_over_shortages(ctx, rows)
