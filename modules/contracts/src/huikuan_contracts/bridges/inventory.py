"""Goods wait at the door for the deposits of their contract (CON-7)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from huikuan import Context, Level, Refusal, hookimpl
from huikuan.db import LockKey
from huikuan_contracts.errors import DEPOSIT_MISSING
from huikuan_contracts.queries import call_off_of, missing_deposits
from huikuan_contracts.views import contract_lock
from huikuan_inventory.snapshots import ShipmentSnapshot


@hookimpl
def inventory_ship_locks(ctx: Context, subject_type: str, subject_ids: Sequence[UUID]) -> list[LockKey]:
    """Contracts of these orders."""
    found = [call_off_of(ctx, subject_type, id) for id in subject_ids]
    return [contract_lock(call_off.contract_id) for call_off in found if call_off is not None]


@hookimpl
def inventory_before_ship(ctx: Context, shipment: ShipmentSnapshot) -> Refusal | None:
    """Whether everything that goods wait for has come in."""
    missing = missing_deposits(ctx, shipment.subject_type, shipment.subject_id)
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
