"""What must always be true of contracts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from huikuan.codec import digest
from huikuan.context import Context
from huikuan.invariants import Invariant
from huikuan_contracts.models import (
    CallOff,
    CallOffLine,
    Contract,
    ContractAmendment,
    ContractContent,
    ContractDocument,
    ContractInstalment,
    ContractItem,
    ContractSignature,
)
from huikuan_contracts.snapshots import CallOffState
from huikuan_contracts.states import due_day
from huikuan_contracts.views import terms_of

__all__ = ["INVARIANTS"]

PAGE = 200
ZERO = Decimal(0)


def _signed(ctx: Context) -> Sequence[UUID]:
    same = (ContractSignature.contract_id == Contract.id) & (ContractSignature.tenant_id == Contract.tenant_id)
    rows = ctx.rows(
        select(Contract.id, Contract.signed_on, ContractSignature.signed_on.label("on"))
        .outerjoin(ContractSignature, same)
        .where(Contract.order_id.is_(None))
    )
    return [row.id for row in rows if row.signed_on != row.on]


def _terms(ctx: Context) -> Sequence[UUID]:
    broken = []
    for page in _pages(ctx):
        ids = [contract.id for contract in page]
        hashes = {
            row.contract_id: row.terms_hash
            for row in ctx.scalars(select(ContractSignature).where(ContractSignature.contract_id.in_(ids)))
        }
        versions: dict[UUID, list[int]] = {id: [1] for id in ids}
        later = select(ContractAmendment).where(ContractAmendment.contract_id.in_(ids))
        for row in ctx.scalars(later.order_by(ContractAmendment.contract_id, ContractAmendment.version)):
            hashes[row.contract_id] = row.terms_hash
            versions[row.contract_id].append(row.version)
        for contract in page:
            whole = versions[contract.id] == list(range(1, contract.version + 1))
            agreed = contract.id not in hashes or digest(terms_of(ctx, contract)) == hashes[contract.id]
            if not (whole and agreed):
                broken.append(contract.id)
    return broken


def _plans(ctx: Context) -> Sequence[UUID]:
    rows = ctx.rows(
        select(ContractInstalment.contract_id, ContractInstalment.amount).where(ContractInstalment.dropped_in.is_(None))
    )
    sums: dict[UUID, Decimal] = {}
    foreign: set[UUID] = set()
    currencies = {row.id: row.currency for row in ctx.rows(select(Contract.id, Contract.currency))}
    for row in rows:
        sums[row.contract_id] = sums.get(row.contract_id, ZERO) + row.amount.amount
        if row.amount.currency != currencies[row.contract_id] or row.amount.amount <= ZERO:
            foreign.add(row.contract_id)
    heads = {row.id: row for row in ctx.rows(select(Contract.id, Contract.amount_amount, Contract.order_id))}
    broken = []
    for id, total in sums.items():
        amount = heads[id].amount_amount
        over = heads[id].order_id is None and (amount is None or total > amount)  # orders tell what theirs may come to
        if over or id in foreign:
            broken.append(id)
    return broken


def _due(ctx: Context) -> Sequence[UUID]:
    same = (ContractInstalment.contract_id == Contract.id) & (ContractInstalment.tenant_id == Contract.tenant_id)
    rows = ctx.rows(
        select(
            ContractInstalment.id,
            ContractInstalment.trigger,
            ContractInstalment.planned_on,
            ContractInstalment.days,
            ContractInstalment.reached_on,
            ContractInstalment.due_on,
            Contract.accepted_on,
        )
        .join(Contract, same)
        .where(ContractInstalment.dropped_in.is_(None))
    )
    return [
        row.id
        for row in rows
        if row.due_on != due_day(row.trigger, row.planned_on, row.days, row.reached_on, row.accepted_on)
    ]


def _consumed(ctx: Context) -> Sequence[UUID]:
    used = {
        row.contract_id: row.used
        for row in ctx.rows(
            select(CallOff.contract_id, func.sum(CallOff.amount_amount).label("used"))
            .where(CallOff.status == CallOffState.OPEN)
            .group_by(CallOff.contract_id)
        )
    }
    rows = ctx.rows(select(Contract.id, Contract.consumed))
    return [row.id for row in rows if row.consumed != used.get(row.id, ZERO)]


def _items(ctx: Context) -> Sequence[UUID]:
    same = (CallOff.id == CallOffLine.call_off_id) & (CallOff.tenant_id == CallOffLine.tenant_id)
    used = {
        row.item_id: row.used
        for row in ctx.rows(
            select(CallOffLine.item_id, func.sum(CallOffLine.quantity).label("used"))
            .join(CallOff, same)
            .where(CallOff.status == CallOffState.OPEN)
            .group_by(CallOffLine.item_id)
        )
    }
    rows = ctx.rows(select(ContractItem.id, ContractItem.consumed))
    return [row.id for row in rows if row.consumed != used.get(row.id, ZERO)]


def _caps(ctx: Context) -> Sequence[UUID]:
    over = select(Contract.id).where(Contract.amount_amount < Contract.consumed)
    items = select(ContractItem.id).where(ContractItem.cap < ContractItem.consumed)
    return [*ctx.scalars(over), *ctx.scalars(items)]


def _documents(ctx: Context) -> Sequence[UUID]:
    """Kept here with the right bytes, or elsewhere; one by one, so that few bytes are in memory at a time."""
    broken = []
    kept = {row.document_id: row.id for row in ctx.rows(select(ContractContent.document_id, ContractContent.id))}
    for row in ctx.rows(
        select(ContractDocument.id, ContractDocument.sha256, ContractDocument.size, ContractDocument.uri)
    ):
        if (row.uri is None) != (row.id in kept):
            broken.append(row.id)
        elif row.id in kept:
            content = ctx.scalar(select(ContractContent.content).where(ContractContent.id == kept[row.id])) or b""
            if len(content) != row.size or hashlib.sha256(content).hexdigest() != row.sha256:
                broken.append(row.id)
    return broken


def _pages(ctx: Context) -> Iterator[Sequence[Contract]]:
    """Contracts, page by page."""
    after: UUID | None = None
    while True:
        statement = select(Contract)
        if after is not None:
            statement = statement.where(Contract.id > after)
        page = ctx.scalars(statement.order_by(Contract.id).limit(PAGE))
        if not page:
            return
        yield page
        after = page[-1].id


INVARIANTS = (
    Invariant("contracts.signed", "A contract is signed when its signature says, and only then.", _signed),
    Invariant("contracts.terms", "What was signed is what its last version says, and none is missing.", _terms),
    Invariant(
        "contracts.plans", "Living instalments come to the contract's amount at most, each to something.", _plans
    ),
    Invariant("contracts.due", "Due days follow from plans, milestones and the acceptance.", _due),
    Invariant("contracts.consumed", "What is consumed of a contract is what its open call-offs come to.", _consumed),
    Invariant("contracts.items", "What is consumed of an item is what open call-offs take of it.", _items),
    Invariant("contracts.caps", "No more is called off than amounts and caps allow.", _caps),
    Invariant("contracts.documents", "Documents kept here have the content that their hash says.", _documents),
)
