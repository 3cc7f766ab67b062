"""What the commands of shipments have in common: locks, planning, and the snapshot that others see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Row, select

from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan_inventory.errors import NOT_RESERVED, NOTHING_TO_SHIP, SUBJECTS_DIFFER, WRONG_STATE
from huikuan_inventory.events import ShipmentCancelled, ShipmentPlanned
from huikuan_inventory.handing import hand_over_shipment, withdraw
from huikuan_inventory.hookspecs import inventory_ship_locks
from huikuan_inventory.ledger import item_lock
from huikuan_inventory.models import Demand, Reservation, Shipment, ShipmentLine
from huikuan_inventory.reserving import reservations_of
from huikuan_inventory.snapshots import DemandState, ShipmentLineSnapshot, ShipmentSnapshot, ShipmentState
from huikuan_inventory.texts import plain

__all__ = [
    "cancel_shipment",
    "demands_of",
    "lines_of",
    "lock_stock",
    "lock_subjects",
    "locked_shipment",
    "plan",
    "planned_shipments",
    "planned_units",
    "shipment_snapshot",
    "wrong_state",
]

ZERO = Decimal(0)


def lock_subjects(ctx: Context, subject_type: str, subject_ids: Sequence[UUID]) -> None:
    """Lock the stock of all reservations of these subjects, and what other modules add."""
    items = {row.item_id for row in reservations_of(ctx, subject_type, subject_ids)}
    others = ctx.collect(inventory_ship_locks, subject_type=subject_type, subject_ids=list(subject_ids))
    ctx.lock([*(item_lock(id) for id in items), *others])


def lock_stock(ctx: Context, subject_type: str, subject_ids: Sequence[UUID]) -> None:
    """Lock the stock of all reservations of these subjects, to decide nothing but what of it a shipment takes."""
    ctx.lock({item_lock(row.item_id) for row in reservations_of(ctx, subject_type, subject_ids)})


def locked_shipment(ctx: Context, shipment_id: UUID) -> Shipment:
    """A shipment, read after everything that it touches was locked."""
    shipment = ctx.get(Shipment, shipment_id)
    subjects = [shipment.subject_id]
    lock_subjects(ctx, shipment.subject_type, subjects)
    return ctx.get(Shipment, shipment_id)


def lines_of(ctx: Context, shipment_id: UUID) -> Sequence[ShipmentLine]:
    """The lines of a shipment by position."""
    return ctx.scalars(
        select(ShipmentLine).where(ShipmentLine.shipment_id == shipment_id).order_by(ShipmentLine.position)
    )


def planned_units(ctx: Context, reservation_ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """How much of each reservation planned shipments hold already."""
    held: dict[UUID, Decimal] = {}
    for _, reservation_id, quantity in _planned(ctx, reservation_ids):
        held[reservation_id] = held.get(reservation_id, ZERO) + quantity
    return held


def planned_shipments(ctx: Context, reservation_ids: Sequence[UUID]) -> list[Shipment]:
    """The planned shipments that hold any of these reservations, oldest first."""
    found = ctx.get_many(Shipment, {row[0] for row in _planned(ctx, reservation_ids)})
    return [found[id] for id in sorted(found)]


def _planned(ctx: Context, reservation_ids: Sequence[UUID]) -> Sequence[Row[UUID, UUID, Decimal]]:
    """Lines of planned shipments: shipment, reservation, quantity."""
    same = (Shipment.id == ShipmentLine.shipment_id) & (Shipment.tenant_id == ShipmentLine.tenant_id)
    statement = (
        select(Shipment.id, ShipmentLine.reservation_id, ShipmentLine.quantity)
        .join(ShipmentLine, same)
        .where(ShipmentLine.reservation_id.in_(reservation_ids), Shipment.state == ShipmentState.PLANNED)
    )
    key = "inventory.planned", frozenset(reservation_ids)
    return ctx.once(key, lambda: ctx.rows(statement), Shipment, ShipmentLine)


def plan(ctx: Context, rows: Sequence[Reservation], wanted: Mapping[UUID, Decimal | None], **more: object) -> Shipment:
    """Plan a shipment of these reservations, which are locked; None means all that is free."""
    if len({(row.subject_type, row.subject_id, row.warehouse_id) for row in rows}) > 1:
        ctx.refuse(
            Refusal(
                SUBJECTS_DIFFER,
                "These reservations belong to several subjects or warehouses.",
                field="lines",
                advice="Plan a shipment for each.",
            )
        )
    held = planned_units(ctx, [row.id for row in rows])
    chosen = [(row, _quantity(ctx, row, wanted[row.id], row.reserved - held.get(row.id, ZERO))) for row in rows]
    chosen = [(row, quantity) for row, quantity in chosen if quantity > ZERO]
    if not chosen:
        ctx.refuse(
            Refusal(
                NOTHING_TO_SHIP,
                "Nothing is reserved that no shipment holds yet.",
                field="lines",
                advice="Receive goods or hand them out by backordersAllocate.",
            )
        )
    first = chosen[0][0]
    shipment = ctx.add(
        Shipment(
            warehouse_id=first.warehouse_id,
            subject_type=first.subject_type,
            subject_id=first.subject_id,
            state=ShipmentState.PLANNED,
            **more,
        )
    )
    prefix = ctx.setting("inventory.shipment_prefix")
    ctx.number("shipments", shipment, format=lambda value: f"{prefix}{value:06d}")
    for position, (row, quantity) in enumerate(chosen, start=1):
        ctx.add(
            ShipmentLine(
                shipment_id=shipment.id,
                position=position,
                reservation_id=row.id,
                product_id=row.product_id,
                quantity=quantity,
                returned=ZERO,
            )
        )
    hand_over_shipment(ctx, shipment, sum((quantity for _, quantity in chosen), ZERO))
    ctx.emit(
        ShipmentPlanned(shipment_id=shipment.id, subject_type=shipment.subject_type, subject_id=shipment.subject_id)
    )
    return shipment


def _quantity(ctx: Context, row: Reservation, wanted: Decimal | None, free: Decimal) -> Decimal:
    if wanted is None:
        return free
    if wanted <= ZERO:
        raise BadInput("A quantity is more than 0.", field="lines")
    if wanted > free:
        ctx.refuse(
            Refusal(
                NOT_RESERVED,
                f"{plain(free)} of this are reserved and free of other shipments, not {plain(wanted)}.",
                field="lines",
                advice="Ship less, or cancel the shipment that holds the rest.",
                reservation=row.id,
                free=free,
            )
        )
    return wanted


def cancel_shipment(ctx: Context, shipment: Shipment, reason: str) -> None:
    """Give up a planned shipment; its goods stay reserved. Everything is locked."""
    shipment.state = ShipmentState.CANCELLED
    shipment.cancelled_at, shipment.cancel_reason = ctx.now, reason
    withdraw(ctx, demands_of(ctx, shipment.id))
    ctx.emit(ShipmentCancelled(shipment_id=shipment.id, reason=reason))


def demands_of(ctx: Context, shipment_id: UUID) -> Sequence[Demand]:
    """Demands on logistics for a shipment that nobody has answered."""
    unanswered = Demand.state.in_([DemandState.PENDING, DemandState.PULLED])
    return ctx.scalars(select(Demand).where(Demand.shipment_id == shipment_id, unanswered))


def wrong_state(shipment: Shipment, wanted: ShipmentState) -> Refusal:
    """Why a shipment that is not planned any more cannot change."""
    return Refusal(
        WRONG_STATE,
        f"Shipment {shipment.number} is {shipment.state.name}; it cannot become {wanted.name}.",
        state=shipment.state.name,
    )


def shipment_snapshot(
    ctx: Context,
    shipment: Shipment,
    lines: Sequence[ShipmentLine],
    rows: Mapping[UUID, Reservation] | None = None,
) -> ShipmentSnapshot:
    """The shipment as others see it; ``rows``: the reservations of its lines, if they were read already."""
    of = _line_ids(ctx, lines) if rows is None else {id: row.line_id for id, row in rows.items()}
    return ShipmentSnapshot(
        id=shipment.id,
        number=shipment.number,
        state=shipment.state,
        warehouse_id=shipment.warehouse_id,
        subject_type=shipment.subject_type,
        subject_id=shipment.subject_id,
        shipped_at=shipment.shipped_at,
        lines=tuple(
            ShipmentLineSnapshot(
                id=line.id,
                reservation_id=line.reservation_id,
                line_id=of[line.reservation_id],
                product_id=line.product_id,
                quantity=line.quantity,
                returned=line.returned,
            )
            for line in lines
        ),
    )


def _line_ids(ctx: Context, lines: Sequence[ShipmentLine]) -> dict[UUID, UUID]:
    ids = [line.reservation_id for line in lines]
    rows = ctx.rows(select(Reservation.id, Reservation.line_id).where(Reservation.id.in_(ids)))
    return {row.id: row.line_id for row in rows}
