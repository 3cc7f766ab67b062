"""What came in on collection plans: asked of everybody who knows, never stored; and what follows from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.money import Money
from huikuan_contracts.events import (
    ContractInstalmentDueSoon,
    ContractInstalmentOverdue,
    ContractInstalmentReceived,
)
from huikuan_contracts.hookspecs import contracts_received_parts
from huikuan_contracts.models import Contract, ContractInstalment
from huikuan_contracts.snapshots import InstalmentState, Receipt
from huikuan_contracts.states import instalment_state
from huikuan_contracts.views import snapshot

__all__ = ["follow", "receipts", "state_today", "states"]

ZERO = Decimal(0)


def receipts(
    ctx: Context, parts: Sequence[ContractInstalment], contracts: Mapping[UUID, Contract]
) -> dict[UUID, Receipt]:
    """What came in on each of these instalments; on those of unsigned contracts nothing did."""
    found = {
        part.id: Receipt(amount=Money.zero(part.amount.currency), waived=Money.zero(part.amount.currency))
        for part in parts
    }
    asked = [
        snapshot(contracts[part.contract_id], part)
        for part in parts
        if contracts[part.contract_id].signed_on is not None and part.dropped_in is None
    ]
    for part in ctx.collect(contracts_received_parts, instalments=asked) if asked else ():
        before = found[part.instalment_id]
        days = [day for day in (before.on, part.on) if day is not None]
        found[part.instalment_id] = Receipt(
            amount=before.amount + part.amount,
            waived=before.waived + part.waived if part.waived is not None else before.waived,
            on=max(days, default=None),
        )
    return found


def contracts_of(ctx: Context, parts: Iterable[ContractInstalment]) -> dict[UUID, Contract]:
    """The contracts of these instalments."""
    ids = {part.contract_id for part in parts}
    return {row.id: row for row in ctx.scalars(select(Contract).where(Contract.id.in_(ids)))} if ids else {}


def state_today(ctx: Context, contract: Contract, part: ContractInstalment, receipt: Receipt) -> InstalmentState:
    """How far an instalment came in, as of today."""
    dropped = part.dropped_in is not None or contract.cancelled_on is not None
    return instalment_state(
        part.amount.amount,
        receipt.amount.amount,
        receipt.waived.amount,
        part.due_on if contract.signed_on is not None else None,
        dropped=dropped,
        today=ctx.today,
    )


def states(ctx: Context, ids: Collection[UUID]) -> dict[UUID, tuple[InstalmentState, Receipt]]:
    """State and receipt of each of these instalments; a fixed number of statements."""
    if not ids:
        return {}
    parts = ctx.scalars(select(ContractInstalment).where(ContractInstalment.id.in_(ids)))
    contracts = contracts_of(ctx, parts)
    came = receipts(ctx, parts, contracts)
    return {
        part.id: (state_today(ctx, contracts[part.contract_id], part, came[part.id]), came[part.id]) for part in parts
    }


def follow(ctx: Context, parts: Sequence[ContractInstalment]) -> None:
    """Keep when instalments had come in, and tell their owners what is due and what is late, each once for a day."""
    contracts = contracts_of(ctx, parts)
    came = receipts(ctx, parts, contracts)
    for part in parts:
        contract = contracts[part.contract_id]
        if contract.signed_on is None:
            continue
        state = state_today(ctx, contract, part, came[part.id])
        _keep_receipt(ctx, part, came[part.id], state)
        if state not in (InstalmentState.RECEIVED, InstalmentState.DROPPED) and part.due_on is not None:
            _tell(ctx, part, part.amount - came[part.id].amount - came[part.id].waived)


def _keep_receipt(ctx: Context, part: ContractInstalment, receipt: Receipt, state: InstalmentState) -> None:
    if state is not InstalmentState.RECEIVED:
        part.received_on = None  # a payment that bounced
        return
    before = part.received_on
    part.received_on = receipt.on or before or ctx.today
    if before is None:
        ctx.emit(
            ContractInstalmentReceived(
                contract_id=part.contract_id,
                instalment_id=part.id,
                owner_id=part.owner_id,
                amount=part.amount,
                received_on=part.received_on,
                original_on=part.original_on,
            )
        )


def _tell(ctx: Context, part: ContractInstalment, open: Money) -> None:
    due_on = part.due_on
    assert due_on is not None
    late = due_on + timedelta(days=int(ctx.setting("contracts.remind_days_after"))) <= ctx.today and due_on < ctx.today
    soon = due_on - timedelta(days=int(ctx.setting("contracts.remind_days_before"))) <= ctx.today <= due_on
    common: dict[str, Any] = {"contract_id": part.contract_id, "instalment_id": part.id, "owner_id": part.owner_id}
    if soon and part.told_soon_on != due_on:
        part.told_soon_on = due_on
        ctx.emit(ContractInstalmentDueSoon(**common, due_on=due_on, open=open))
    if late and part.told_late_on != due_on:
        part.told_late_on = due_on
        ctx.emit(ContractInstalmentOverdue(**common, due_on=due_on, open=open))
