"""Reading contracts for others: many at once, never writing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from huikuan.context import Context
from huikuan.errors import HuikuanError
from huikuan.money import Money
from huikuan_contracts.models import CallOff, Contract, ContractContent, ContractDocument, ContractInstalment
from huikuan_contracts.receiving import contracts_of, receipts, state_today
from huikuan_contracts.snapshots import BilledBy, CallOffState, InstalmentState, SlippageBy
from huikuan_contracts.states import delay_days

__all__ = [
    "Delay",
    "Expected",
    "call_off_of",
    "content_of",
    "contract_amounts",
    "contracts_in_force",
    "delays",
    "expected",
    "instalments_of_orders",
    "missing_deposits",
    "orders_under",
    "planned_sums",
]

WORKLIST_LIMIT = 500
DELAYS_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Expected:
    """An instalment that its owner should look after."""

    instalment_id: UUID
    contract_id: UUID
    owner_id: UUID | None
    state: InstalmentState
    due_on: date
    days: int
    open: Money


@dataclass(frozen=True, slots=True)
class Delay:
    """How late instalments of one owner or customer came in."""

    id: UUID | None
    instalments: int
    late: int
    open: int
    renegotiated: int
    days: int

    @property
    def average_days(self) -> float:
        return self.days / self.instalments


def expected(ctx: Context, *, owner: UUID | None, days: int, contract: UUID | None = None) -> list[Expected]:
    """What is due until so many days from now and has not come in, overdue ones included, the oldest first."""
    statement = (
        select(ContractInstalment)
        .join(
            Contract,
            (Contract.id == ContractInstalment.contract_id) & (Contract.tenant_id == ContractInstalment.tenant_id),
        )
        .where(
            ContractInstalment.due_on <= ctx.today + timedelta(days=days),
            ContractInstalment.dropped_in.is_(None),
            ContractInstalment.received_on.is_(None),
            Contract.signed_on.is_not(None),
            Contract.cancelled_on.is_(None),
        )
    )
    if owner is not None:
        statement = statement.where(ContractInstalment.owner_id == owner)
    if contract is not None:
        statement = statement.where(ContractInstalment.contract_id == contract)
    order = statement.order_by(ContractInstalment.due_on, ContractInstalment.id).limit(WORKLIST_LIMIT)
    parts = ctx.scalars(order)
    contracts = contracts_of(ctx, parts)
    came = receipts(ctx, parts, contracts)
    found = []
    for part in parts:
        state = state_today(ctx, contracts[part.contract_id], part, came[part.id])
        if state is not InstalmentState.RECEIVED and part.due_on is not None:
            open = part.amount - came[part.id].amount - came[part.id].waived
            late = (ctx.today - part.due_on).days
            found.append(Expected(part.id, part.contract_id, part.owner_id, state, part.due_on, late, open))
    return found


def delays(ctx: Context, by: SlippageBy, since: date, until: date) -> list[Delay]:
    """Days from the day planned first to the receipt, by owner or customer; what is late and open counts to today.

    Instalments first planned within the period count, of signed contracts that were not cancelled.
    """
    who = ContractInstalment.owner_id if by is SlippageBy.OWNER else Contract.customer_id
    same = (Contract.id == ContractInstalment.contract_id) & (Contract.tenant_id == ContractInstalment.tenant_id)
    rows = ctx.rows(
        select(
            who.label("who"),
            ContractInstalment.original_on,
            ContractInstalment.planned_on,
            ContractInstalment.received_on,
        )
        .join(Contract, same)
        .where(
            ContractInstalment.original_on.between(since, until),
            ContractInstalment.dropped_in.is_(None),
            Contract.signed_on.is_not(None),
            Contract.cancelled_on.is_(None),
        )
        .limit(DELAYS_LIMIT)
    )
    found: dict[UUID | None, list[int]] = {}
    for row in rows:
        days = delay_days(row.original_on, row.received_on, ctx.today)
        if days is None:
            continue
        sums = found.setdefault(row.who, [0, 0, 0, 0, 0])
        moved = row.planned_on != row.original_on
        for index, more in enumerate((1, days > 0, row.received_on is None, moved, days)):
            sums[index] += more
    return sorted((Delay(who, *sums) for who, sums in found.items()), key=lambda it: (-it.average_days, str(it.id)))


def contract_amounts(ctx: Context, ids: Collection[UUID]) -> dict[UUID, tuple[Money, Money]]:
    """What the living plan of each contract comes to, and what came in on it; contracts without a plan are left out."""
    statement = select(ContractInstalment).where(
        ContractInstalment.contract_id.in_(ids), ContractInstalment.dropped_in.is_(None)
    )
    parts = ctx.scalars(statement) if ids else []
    came = receipts(ctx, parts, contracts_of(ctx, parts))
    found: dict[UUID, tuple[Money, Money]] = {}
    for part in parts:
        zero = Money.zero(part.amount.currency)
        planned, received = found.get(part.contract_id, (zero, zero))
        found[part.contract_id] = planned + part.amount, received + came[part.id].amount
    return found


def planned_sums(ctx: Context, ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """What the living plans of these contracts come to; those without one are left out. One statement."""
    rows = ctx.rows(
        select(ContractInstalment.contract_id, func.sum(ContractInstalment.amount_amount).label("planned"))
        .where(ContractInstalment.contract_id.in_(ids), ContractInstalment.dropped_in.is_(None))
        .group_by(ContractInstalment.contract_id)
    )
    return {row.contract_id: row.planned for row in rows}


def contracts_in_force(ctx: Context, customer_id: UUID) -> int:
    """How many signed contracts with this customer were neither cancelled nor ended."""
    statement = select(func.count(Contract.id)).where(
        Contract.customer_id == customer_id,
        Contract.order_id.is_(None),
        Contract.signed_on.is_not(None),
        Contract.cancelled_on.is_(None),
        or_(Contract.ends_on.is_(None), Contract.ends_on >= ctx.today),
    )
    return ctx.scalar(statement) or 0


def call_off_of(ctx: Context, source_type: str, source_id: UUID) -> CallOff | None:
    """The call-off that stands behind a document of another module."""
    key = "contracts.call_off", source_type, source_id
    return ctx.once(key, lambda: ctx.find(CallOff, source_type=source_type, source_id=source_id), CallOff)


def orders_under(ctx: Context, contract_id: UUID, source_type: str) -> Sequence[UUID]:
    """Documents of this kind that count for a contract."""
    statement = select(CallOff.source_id).where(
        CallOff.contract_id == contract_id, CallOff.source_type == source_type, CallOff.status == CallOffState.OPEN
    )
    return ctx.scalars(statement.order_by(CallOff.source_id))


def instalments_of_orders(ctx: Context, source_type: str, source_ids: Collection[UUID]) -> set[UUID]:
    """Living instalments without an invoice of their own, of contracts that these documents count for and bill."""
    if not source_ids:
        return set()
    same = (ContractInstalment.contract_id == CallOff.contract_id) & (ContractInstalment.tenant_id == CallOff.tenant_id)
    head = (Contract.id == CallOff.contract_id) & (Contract.tenant_id == CallOff.tenant_id)
    statement = (
        select(ContractInstalment.id)
        .join(CallOff, same)
        .join(Contract, head)
        .where(
            CallOff.source_type == source_type,
            CallOff.source_id.in_(source_ids),
            CallOff.status == CallOffState.OPEN,
            Contract.billed_by == BilledBy.ORDERS,
            ContractInstalment.invoice_id.is_(None),
            ContractInstalment.dropped_in.is_(None),
        )
    )
    return set(ctx.scalars(statement))


def missing_deposits(
    ctx: Context, source_type: str, source_ids: Collection[UUID], *, supply: bool = False
) -> dict[UUID, list[ContractInstalment]]:
    """Instalments that goods of these documents wait for, or their supply, and that have not come in.

    Documents that wait for nothing are left out. One statement if no instalment lets anything wait.
    """
    flag = ContractInstalment.blocks_supply if supply else ContractInstalment.blocks_shipping
    same = (ContractInstalment.contract_id == CallOff.contract_id) & (ContractInstalment.tenant_id == CallOff.tenant_id)
    rows = ctx.rows(
        select(CallOff.source_id, ContractInstalment.id)
        .join(ContractInstalment, same)
        .where(
            CallOff.source_type == source_type,
            CallOff.source_id.in_(source_ids),
            CallOff.status == CallOffState.OPEN,
            flag.is_(True),
            ContractInstalment.dropped_in.is_(None),
        )
        .order_by(CallOff.source_id, ContractInstalment.sequence)
    )
    if not rows:
        return {}
    parts = {part.id: part for part in ctx.scalars(_by_id({row.id for row in rows}))}
    contracts = contracts_of(ctx, parts.values())
    came = receipts(ctx, list(parts.values()), contracts)
    found: dict[UUID, list[ContractInstalment]] = {}
    for row in rows:
        part = parts[row.id]
        if state_today(ctx, contracts[part.contract_id], part, came[part.id]) is not InstalmentState.RECEIVED:
            found.setdefault(row.source_id, []).append(part)
    return found


def _by_id(ids: Collection[UUID]) -> Select[ContractInstalment]:
    return select(ContractInstalment).where(ContractInstalment.id.in_(ids))


def content_of(ctx: Context, document_id: UUID) -> str | None:
    """The content of a document in base64, None if it is kept elsewhere; damaged content is an error."""
    document = ctx.get(ContractDocument, document_id)
    found = ctx.find(ContractContent, document_id=document_id)
    if found is None:
        return None
    if hashlib.sha256(found.content).hexdigest() != document.sha256:
        raise HuikuanError(f"The content of document {document.name!r} is not what its hash says; see huikuan check.")
    return base64.b64encode(found.content).decode("ascii")
