"""Goods that come back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from huikuan import BadInput, Context, Ref, Refusal, command
from huikuan_inventory.commands.stock import arrived
from huikuan_inventory.errors import OVER_RETURN, WRONG_STATE
from huikuan_inventory.events import ShipmentReturned
from huikuan_inventory.hookspecs import inventory_after_return
from huikuan_inventory.ledger import Movement, move, positive
from huikuan_inventory.models import Reservation, Shipment, ShipmentLine, StockItem
from huikuan_inventory.shipping import lines_of, locked_shipment, shipment_snapshot
from huikuan_inventory.snapshots import MoveKind, ReturnSnapshot, ShipmentState

__all__ = ["StockReturnInput", "stock_return"]

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class StockReturnInput:
    """What of a shipment's line comes back."""

    position: Annotated[int, "Which line of the shipment."]
    quantity: Annotated[Decimal, "How much."]


@command(permission="inventory.move", idempotency="key")
def stock_return(
    ctx: Context, shipment: Ref[Shipment], reason: str, lines: list[StockReturnInput] | None = None
) -> Shipment:
    """Take back goods of a shipment into the warehouse they left; lines left out: all that has not come back yet."""
    if not reason.strip():
        raise BadInput("Say why.", field="reason")
    found = locked_shipment(ctx, shipment.id)
    if found.state is not ShipmentState.SHIPPED:
        ctx.refuse(Refusal(WRONG_STATE, f"Shipment {found.number} has not left.", field="shipment"))
    stored = {line.position: line for line in lines_of(ctx, found.id)}
    wanted = _wanted(ctx, stored, lines)
    for position, quantity in wanted.items():
        _come_back(ctx, found, stored[position], quantity, reason)
    returned = {stored[position].id: quantity for position, quantity in wanted.items()}
    seen = shipment_snapshot(ctx, found, list(stored.values()))
    ctx.react(inventory_after_return, returned=ReturnSnapshot(shipment=seen, returned=returned, reason=reason))
    ctx.emit(
        ShipmentReturned(
            shipment_id=found.id,
            subject_type=found.subject_type,
            subject_id=found.subject_id,
            quantity=sum(wanted.values(), ZERO),
            reason=reason,
        )
    )
    arrived(ctx, [ctx.get(StockItem, id) for id in _items(ctx, stored, wanted)])
    return found


def _wanted(ctx: Context, stored: dict[int, ShipmentLine], lines: list[StockReturnInput] | None) -> dict[int, Decimal]:
    if lines is None:
        lines = [
            StockReturnInput(position=line.position, quantity=line.quantity - line.returned)
            for line in stored.values()
            if line.quantity > line.returned
        ]
    wanted = {line.position: positive(line.quantity, "lines") for line in lines}
    if len(wanted) != len(lines) or not wanted.keys() <= stored.keys():
        raise BadInput("Name lines of the shipment, and each once.", field="lines")
    over = [at for at, quantity in wanted.items() if quantity > stored[at].quantity - stored[at].returned]
    if over or not wanted:
        ctx.refuse(
            Refusal(
                OVER_RETURN,
                f"More comes back than was shipped of line {', '.join(map(str, over))}." if over else "All came back.",
                field="lines",
                positions=over,
            )
        )
    return wanted


def _come_back(ctx: Context, shipment: Shipment, line: ShipmentLine, quantity: Decimal, reason: str) -> None:
    row = ctx.get(Reservation, line.reservation_id)
    line.returned += quantity
    row.returned += quantity
    item = ctx.get(StockItem, row.item_id)
    back = Movement(item=item, kind=MoveKind.RETURN, quantity=quantity, reference=shipment.number, reason=reason)
    move(ctx, [back])


def _items(ctx: Context, stored: dict[int, ShipmentLine], wanted: dict[int, Decimal]) -> list[UUID]:
    found = (ctx.get(Reservation, stored[position].reservation_id).item_id for position in wanted)
    return list(dict.fromkeys(found))
