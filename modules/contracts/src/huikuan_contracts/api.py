"""What other modules may call. Commands join the open transaction of ``ctx``."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan_contracts.commands import (
    contract_accept,
    contract_amend,
    contract_cancel,
    contract_create,
    contract_milestone_reach,
    contract_sign,
    contract_task_done,
)
from huikuan_contracts.inputs import (
    ContractAmendInput,
    ContractInput,
    ContractInstalmentChangeInput,
    ContractInstalmentInput,
    ContractItemInput,
    ContractPartyInput,
)
from huikuan_contracts.models import Contract, ContractInstalment
from huikuan_contracts.receiving import follow, states
from huikuan_contracts.snapshots import InstalmentSnapshot
from huikuan_contracts.views import contract_lock, snapshot

__all__ = [
    "ContractAmendInput",
    "ContractInput",
    "ContractInstalmentChangeInput",
    "ContractInstalmentInput",
    "ContractItemInput",
    "ContractPartyInput",
    "contract_accept",
    "contract_amend",
    "contract_cancel",
    "contract_create",
    "contract_lock",
    "contract_milestone_reach",
    "contract_sign",
    "contract_task_done",
    "instalment_states",
    "instalments_by_invoice",
    "instalments_follow",
]

instalment_states = states


def instalments_by_invoice(ctx: Context, invoice_ids: Sequence[UUID]) -> dict[UUID, InstalmentSnapshot]:
    """The instalments that raised these invoices, by invoice; others are left out. Two statements."""
    if not invoice_ids:
        return {}
    statement = select(ContractInstalment).where(ContractInstalment.invoice_id.in_(invoice_ids))
    key = "contracts.by_invoice", *invoice_ids
    parts = ctx.once(key, lambda: ctx.scalars(statement), ContractInstalment)
    ids = {part.contract_id for part in parts}
    contracts = ctx.get_many(Contract, ids)
    return {part.invoice_id: snapshot(contracts[part.contract_id], part) for part in parts if part.invoice_id}


def instalments_follow(ctx: Context, ids: Sequence[UUID]) -> None:
    """Look at these instalments anew, after money came in on them or was taken back.

    Keeps when they had come in and tells their owners; what it does a second time changes nothing. For
    reactions and subscribers: no further locks are taken.
    """
    follow(ctx, ctx.scalars(select(ContractInstalment).where(ContractInstalment.id.in_(ids))) if ids else [])
