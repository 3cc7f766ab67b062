"""Goods wait at the door for the deposits of their contract, or are not procured before (CON-7)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from huikuan import Context, Level, Refusal, hookimpl, subscribe
from huikuan.db import LockKey
from huikuan_contracts.errors import DEPOSIT_MISSING
from huikuan_contracts.events import ContractAmended, ContractInstalmentReceived
from huikuan_contracts.models import ContractInstalment
from huikuan_contracts.queries import call_off_of, missing_deposits, orders_under
from huikuan_contracts.views import contract_lock
from huikuan_inventory.api import supply_resume
from huikuan_inventory.snapshots import ReservationSnapshot, ShipmentSnapshot

ORDER = "Order"


@hookimpl
def inventory_ship_locks(ctx: Context, subject_type: str, subject_ids: Sequence[UUID]) -> list[LockKey]:
    """Contracts of these orders."""
    found = [call_off_of(ctx, subject_type, id) for id in subject_ids]
    return [contract_lock(call_off.contract_id) for call_off in found if call_off is not None]


@hookimpl
def inventory_before_ship(ctx: Context, shipment: ShipmentSnapshot) -> Refusal | None:
    """Whether everything that goods wait for has come in."""
    missing = missing_deposits(ctx, shipment.subject_type, [shipment.subject_id]).get(shipment.subject_id)
    if not missing:
        return None
    names = ", ".join(f"{part.sequence} ({part.name}, {part.amount})" for part in missing)
    return Refusal(
        DEPOSIT_MISSING,
        f"Goods of this contract wait for instalment {names}.",
        level=Level.APPROVE if ctx.setting("contracts.shipping_approvable") else Level.BLOCK,
        advice="Collect it, or have the shipment released.",
        instalments=[part.id for part in missing],
    )


@hookimpl
def inventory_supply_waits(ctx: Context, reservations: Sequence[ReservationSnapshot]) -> list[UUID]:
    """Those whose supply waits for an instalment that has not come in."""
    subjects = {row.subject_id for row in reservations if row.subject_type == ORDER}
    missing = missing_deposits(ctx, ORDER, subjects, supply=True) if subjects else {}
    return [row.id for row in reservations if row.subject_type == ORDER and row.subject_id in missing]


@subscribe(ContractInstalmentReceived)
def supply_paid(ctx: Context, event: ContractInstalmentReceived) -> None:
    """What came in lets the supply of the contract's orders go on."""
    if ctx.get(ContractInstalment, event.instalment_id).blocks_supply:
        _resume(ctx, event.contract_id)


@subscribe(ContractAmended)
def supply_amended(ctx: Context, event: ContractAmended) -> None:
    """So does an amendment by which it need not wait any longer."""
    _resume(ctx, event.contract_id)


def _resume(ctx: Context, contract_id: UUID) -> None:
    orders = orders_under(ctx, contract_id, ORDER)
    if orders:
        supply_resume(ctx, ORDER, orders)
