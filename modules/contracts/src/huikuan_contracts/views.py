"""Rows to values: what was agreed, hashed; instalments as others see them; locks."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from huikuan.codec import encode
from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.errors import Refusal
from huikuan.money import Money
from huikuan_contracts.errors import PLAN_OF_ORDER
from huikuan_contracts.models import CONTRACT_RANK, Contract, ContractInstalment, ContractItem
from huikuan_contracts.snapshots import ContractStatus, InstalmentSnapshot
from huikuan_contracts.states import status_of

__all__ = [
    "contract_lock",
    "instalments_of",
    "items_of",
    "locked",
    "require_agreement",
    "snapshot",
    "status_today",
    "terms_of",
    "whole_of",
]

AGREED = ("title", "customer_id", "kind", "billed_by", "currency", "amount", "tax_code", "tax_percent")
DATES = ("starts_on", "ends_on", "fulfil_by")
PLANNED = ("sequence", "name", "kind", "trigger", "amount", "original_on", "planned_on", "days", "blocks_shipping")
ITEM = ("sku", "cap", "unit_price")
CENTS, DIGITS = Decimal("0.0001"), Decimal("0.000001")


def contract_lock(contract_id: UUID) -> LockKey:
    """The key that locks a contract, and with it its plan, items and call-offs."""
    return LockKey(CONTRACT_RANK, Contract, contract_id)


def locked(ctx: Context, contract_id: UUID) -> Contract:
    """The contract, locked and read after the lock."""
    ctx.lock([contract_lock(contract_id)])
    return ctx.get(Contract, contract_id)


def status_today(ctx: Context, contract: Contract) -> ContractStatus:
    """Where the contract stands today."""
    cancelled = contract.cancelled_on is not None
    return status_of(contract.signed_on, contract.starts_on, contract.ends_on, cancelled, ctx.today)


def whole_of(contract: Contract) -> Money | None:
    """What its plan may come to: the contract's amount, or what its order comes to if it is the plan of one."""
    return contract.amount if contract.order_id is None else Money(contract.consumed, contract.currency)


def require_agreement(ctx: Context, contract: Contract) -> None:
    """Refuse for the plan of an order what only an agreement of its own allows."""
    if contract.order_id is not None:
        ctx.refuse(
            Refusal(
                PLAN_OF_ORDER,
                f"{contract.title} has this plan and no contract.",
                advice="Set it by contractOrderPlan; once the order is confirmed, change it by contractAmend.",
            )
        )


def instalments_of(ctx: Context, contract_id: UUID, *, living: bool = True) -> Sequence[ContractInstalment]:
    """The instalments of a contract in order; those that were dropped only if asked for."""
    statement = select(ContractInstalment).where(ContractInstalment.contract_id == contract_id)
    if living:
        statement = statement.where(ContractInstalment.dropped_in.is_(None))
    return ctx.scalars(statement.order_by(ContractInstalment.sequence))


def items_of(ctx: Context, contract_id: UUID) -> Sequence[ContractItem]:
    """The items of a contract by position."""
    statement = select(ContractItem).where(ContractItem.contract_id == contract_id)
    return ctx.scalars(statement.order_by(ContractItem.position))


def terms_of(ctx: Context, contract: Contract) -> Any:
    """What is agreed, as JSON: nothing of it changes after the signature but by an amendment."""
    return encode(
        {
            **_exact(contract, (*AGREED, *DATES)),
            "instalments": [_planned(part) for part in instalments_of(ctx, contract.id)],
            "items": [_exact(item, ITEM) for item in items_of(ctx, contract.id)],
        }
    )


def _planned(part: ContractInstalment) -> dict[str, Any]:
    """What came later stands there only if it was agreed, so that older hashes stay what they are."""
    return _exact(part, (*PLANNED, "blocks_supply") if part.blocks_supply else PLANNED)


def _exact(row: Any, names: Sequence[str]) -> dict[str, Any]:
    """Attributes in the form in which they come back from the database, so that hashes agree."""
    return {name: _stored(getattr(row, name)) for name in names}


def _stored(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value.quantize(DIGITS)
    return Money(value.amount.quantize(CENTS), value.currency) if isinstance(value, Money) else value


def snapshot(contract: Contract, part: ContractInstalment) -> InstalmentSnapshot:
    """The instalment as others see it."""
    return InstalmentSnapshot(
        id=part.id,
        contract_id=contract.id,
        customer_id=contract.customer_id,
        sequence=part.sequence,
        kind=part.kind,
        amount=part.amount,
        due_on=part.due_on,
        invoice_id=part.invoice_id,
    )
