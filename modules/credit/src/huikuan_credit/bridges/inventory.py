"""Goods that leave are no longer ordered but shipped; they may be held at the door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from huikuan import Context, Refusal, hookimpl
from huikuan_credit.amounts import share
from huikuan_credit.deciding import Document, assessed, keep, refusals
from huikuan_credit.ledger import position_of
from huikuan_credit.moving import lines_in, moved
from huikuan_credit.rules import anything_checked
from huikuan_credit.snapshots import Checkpoint
from huikuan_inventory.snapshots import ReturnSnapshot, ShipmentSnapshot

ORDER = "Order"
ZERO = Decimal(0)


@hookimpl
def inventory_before_ship(ctx: Context, shipment: ShipmentSnapshot) -> Iterable[Refusal]:
    """Whether goods may leave: their value is owed already, unless its day lay beyond the horizon."""
    if shipment.subject_type != ORDER or not anything_checked(ctx, Checkpoint.SHIP):
        return []
    position = position_of(ctx, ORDER, shipment.subject_id)
    if position is None:
        return []
    lines = lines_in(position)
    value = sum(
        (
            share(lines[id], quantity, position.currency)
            for id, quantity in _quantities(shipment).items()
            if id in lines
        ),
        ZERO,
    )
    document = Document(
        type="Shipment",
        id=shipment.id,
        bill_to_id=position.bill_to_id,
        currency=position.currency,
        amount=value,
        increase=ZERO,
        already=value,
        ships_on=position.ships_on,
    )
    return refusals(ctx, Checkpoint.SHIP, document)


@hookimpl(tryfirst=True)
def inventory_after_ship(ctx: Context, shipment: ShipmentSnapshot) -> None:
    """First of all, because others may invoice it at once."""
    if shipment.subject_type != ORDER:
        return
    position = moved(
        ctx, "ship", shipment.subject_id, {id: {"shipped": it} for id, it in _quantities(shipment).items()}
    )
    if position is not None:
        keep(ctx, assessed(ctx, shipment.id), position.account_id)


@hookimpl
def inventory_after_return(ctx: Context, returned: ReturnSnapshot) -> None:
    """What came back before it was invoiced is owed no longer."""
    if returned.shipment.subject_type == ORDER:
        back: dict[UUID, dict[str, Decimal]] = {}
        for line in returned.shipment.lines:
            before = back.setdefault(line.line_id, {"returned": ZERO})
            before["returned"] += returned.returned.get(line.id, ZERO)
        moved(ctx, "return", returned.shipment.subject_id, back)


def _quantities(shipment: ShipmentSnapshot) -> Mapping[UUID, Decimal]:
    found: dict[UUID, Decimal] = {}
    for line in shipment.lines:
        found[line.line_id] = found.get(line.line_id, ZERO) + line.quantity
    return found
