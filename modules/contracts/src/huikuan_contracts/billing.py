"""Which instalments are owed and by whom they are billed (CON-5); the invoices themselves are made by invoicing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select

from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.money import Money
from huikuan_contracts.errors import BILLED_BY_ORDERS, CANCELLED, INSTALMENT_FIXED, NOT_DUE, NOT_SIGNED
from huikuan_contracts.models import CallOff, Contract, ContractInstalment
from huikuan_contracts.snapshots import BilledBy, CallOffState, InstalmentKind, ReceivedPart

__all__ = ["NOTHING_OWED", "billed_by_plan", "orders_that_bill", "owed_until", "require_owed", "spread"]

NOTHING_OWED = {it.code for it in (BILLED_BY_ORDERS, CANCELLED, INSTALMENT_FIXED, NOT_DUE, NOT_SIGNED)}
"""Refusals of what nobody would invoice: there is nothing to tell."""
ZERO = Decimal(0)


def require_owed(ctx: Context, contract: Contract, part: ContractInstalment) -> None:
    """Refuse the invoice of an instalment that others bill, that was taken out, or that nobody owes yet."""
    deposit = contract.order_id is not None and part.kind is InstalmentKind.DEPOSIT
    if contract.billed_by is BilledBy.ORDERS and not deposit:
        ctx.refuse(
            Refusal(
                BILLED_BY_ORDERS,
                f"Contract {contract.number} is invoiced by its orders.",
                advice="Invoice an order, or ask for a deposit on it by invoiceDeposit.",
            )
        )
    if part.dropped_in is not None:
        ctx.refuse(Refusal(INSTALMENT_FIXED, f"Instalment {part.sequence} was taken out by an amendment."))
    if part.due_on is None:
        ctx.refuse(
            Refusal(
                NOT_DUE,
                f"Instalment {part.sequence} waits for {part.trigger.name.lower()}; nothing is owed before.",
                advice="Report it by contractMilestoneReach or contractAccept.",
            )
        )


def owed_until(ctx: Context, day: date, after: UUID | None, limit: int) -> Sequence[ContractInstalment]:
    """Instalments that raise their own invoice until this day and have raised none, by id from the one after this."""
    same = (Contract.id == ContractInstalment.contract_id) & (Contract.tenant_id == ContractInstalment.tenant_id)
    statement = (
        select(ContractInstalment)
        .join(Contract, same)
        .where(
            ContractInstalment.invoices == 0,
            ContractInstalment.dropped_in.is_(None),
            ContractInstalment.received_on.is_(None),
            or_(ContractInstalment.due_on <= day, ContractInstalment.reached_on.is_not(None)),
            or_(
                Contract.billed_by == BilledBy.PLAN,
                Contract.order_id.is_not(None) & (ContractInstalment.kind == InstalmentKind.DEPOSIT),
            ),
            Contract.signed_on.is_not(None),
            Contract.cancelled_on.is_(None),
        )
    )
    if after is not None:
        statement = statement.where(ContractInstalment.id > after)
    return ctx.scalars(statement.order_by(ContractInstalment.id).limit(limit))


def orders_that_bill(ctx: Context, source_type: str, contract_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Orders that count for these contracts and bill them, with their contract."""
    if not contract_ids:
        return {}
    same = (Contract.id == CallOff.contract_id) & (Contract.tenant_id == CallOff.tenant_id)
    rows = ctx.rows(
        select(CallOff.source_id, CallOff.contract_id)
        .join(Contract, same)
        .where(
            CallOff.contract_id.in_(contract_ids),
            CallOff.source_type == source_type,
            CallOff.status == CallOffState.OPEN,
            Contract.billed_by == BilledBy.ORDERS,
        )
    )
    return {row.source_id: row.contract_id for row in rows}


def billed_by_plan(ctx: Context, source_type: str, source_ids: Collection[UUID]) -> str | None:
    """The number of a contract that one of these orders counts for and that its plan bills."""
    same = (Contract.id == CallOff.contract_id) & (Contract.tenant_id == CallOff.tenant_id)
    return ctx.scalar(
        select(Contract.number)
        .join(CallOff, same)
        .where(
            CallOff.source_type == source_type,
            CallOff.source_id.in_(source_ids),
            Contract.billed_by == BilledBy.PLAN,
        )
        .limit(1)
    )


def spread(parts: Sequence[ContractInstalment], came: Mapping[UUID, Decimal]) -> list[ReceivedPart]:
    """What came in for each contract, on its instalments without an invoice of their own: those due first get it."""
    left, found = dict(came), []
    for part in sorted(parts, key=lambda it: (it.due_on or date.max, it.sequence)):
        share = min(part.amount.amount, left.get(part.contract_id, ZERO))
        if part.invoice_id is None and part.dropped_in is None and share > ZERO:
            left[part.contract_id] -= share
            found.append(ReceivedPart(instalment_id=part.id, amount=Money(share, part.amount.currency)))
    return found
