"""Instalments raise their own invoices (CON-5), and what is paid on those has come in on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from huikuan import Context, Id, Invariant, Ref, Refusal, command, enqueue, hookimpl, job, subscribe
from huikuan.db import LockKey
from huikuan.errors import Refused
from huikuan.graphql import batch, extend, output
from huikuan_contracts.billing import (
    NOTHING_OWED,
    billed_by_plan,
    orders_that_bill,
    owed_until,
    require_owed,
    spread,
)
from huikuan_contracts.commands.progress import require_binding
from huikuan_contracts.errors import BILLED_BY_PLAN
from huikuan_contracts.events import ContractInstalmentInvoiced, ContractMilestoneReached, ContractSigned
from huikuan_contracts.models import Contract, ContractInstalment
from huikuan_contracts.receiving import contracts_of, states
from huikuan_contracts.refusing import forget_refusal, keep_refusal, left_alone, refusal_pin, stray_refusals
from huikuan_contracts.snapshots import (
    InstalmentKind,
    InstalmentSnapshot,
    InstalmentState,
    ReceivedPart,
)
from huikuan_contracts.types import ContractInstalment as InstalmentType
from huikuan_contracts.views import contract_lock, instalments_of
from huikuan_customers.api import customer_lock
from huikuan_invoicing.api import (
    InvoiceOnce,
    asked_for,
    deposit_locks,
    deposit_once,
    invoice_once,
    invoices_by_id,
    posted_for,
    settlements,
)
from huikuan_invoicing.errors import DEPOSIT_TOO_LARGE
from huikuan_invoicing.events import InvoiceCredited, InvoiceDiscarded
from huikuan_invoicing.hookspecs import invoicing_source
from huikuan_invoicing.snapshots import InvoiceKind, InvoiceSnapshot, PaymentState, SourceDocument
from huikuan_invoicing.types import Invoice

SOURCE = "contracts.instalment"
ORDER, ORDER_SOURCE, ORDER_LINE = "Order", "orders.order", "orders.order.line"
ZERO = Decimal(0)
BATCH = 200
LASTING = (DEPOSIT_TOO_LARGE.code,)
"""Refusals that only a change of the order, of its invoices or of the plan lifts."""


@command(permission="contracts.bill", idempotency="natural")
def contract_instalment_invoice(ctx: Context, id: Id[ContractInstalment]) -> ContractInstalment:
    """Raise the invoice of an instalment that is owed, due on its day. Once only, until all of it is credited."""
    part, contract = _locked(ctx, id)
    if _standing(ctx, part):
        return part
    require_binding(ctx, contract)
    require_owed(ctx, contract, part)
    part.invoices += 1
    order = _order_of(ctx, contract)
    part.invoice_id = _raise(ctx, contract, part) if order is None else _ask(ctx, order, part)
    forget_refusal(part)
    ctx.emit(
        ContractInstalmentInvoiced(
            contract_id=contract.id, instalment_id=part.id, invoice_id=part.invoice_id, amount=part.amount
        )
    )
    return part


def _locked(ctx: Context, id: UUID) -> tuple[ContractInstalment, Contract]:
    """An instalment and its contract, locked with all that its invoice touches, and read after the locks."""
    contract = ctx.get(Contract, ctx.get(ContractInstalment, id).contract_id)
    order = _order_of(ctx, contract)
    keys: list[LockKey] = deposit_locks(ctx, order) if order is not None else []
    ctx.lock([customer_lock(contract.customer_id), contract_lock(contract.id), *keys])
    return ctx.get(ContractInstalment, id), ctx.get(Contract, contract.id)


def _raise(ctx: Context, contract: Contract, part: ContractInstalment) -> UUID:
    return invoice_once(
        ctx,
        InvoiceOnce(
            key=_key(part),
            customer_id=contract.customer_id,
            description=f"{contract.number}: {part.name}",
            amount=part.amount,
            tax_code=contract.tax_code,
            tax_percent=contract.tax_percent,
            tax_included=True,
            source_type=SOURCE,
            source_id=part.id,
            due_on=max(part.due_on or ctx.today, ctx.today),
        ),
    )


def _ask(ctx: Context, order: SourceDocument, part: ContractInstalment) -> UUID:
    """A deposit of the order: split by its taxes, deducted by its invoices (CON-7)."""
    day = max(part.due_on or ctx.today, ctx.today)
    return deposit_once(ctx, order, part.amount, f"{part.name}, order {order.number}", key=_key(part), due_on=day)


def _key(part: ContractInstalment) -> str:
    return f"contract-instalment:{part.id}:{part.invoices}"


def _order_of(ctx: Context, contract: Contract) -> SourceDocument | None:
    """The order whose plan it is, if it is that and no agreement of its own."""
    if contract.order_id is None:
        return None
    found = ctx.provide(invoicing_source, source_type=ORDER_SOURCE, source_id=contract.order_id)
    return found if isinstance(found, SourceDocument) else None


def _standing(ctx: Context, part: ContractInstalment) -> bool:
    """Whether its invoice stands: a draft, or posted and not wholly credited."""
    if part.invoice_id is None or part.invoice_id not in invoices_by_id(ctx, [part.invoice_id]):
        return False
    settled = settlements(ctx, [part.invoice_id]).get(part.invoice_id)
    return settled is None or settled.state is not PaymentState.REVERSED


@hookimpl
def contracts_received_parts(ctx: Context, instalments: Sequence[InstalmentSnapshot]) -> list[ReceivedPart]:
    """What was paid on invoices of instalments; what was credited of one nobody has to pay any more.

    An invoice that was wholly credited says nothing: the instalment is to be invoiced anew.
    """
    by_invoice = {part.invoice_id: part for part in instalments if part.invoice_id is not None}
    of_their_own = [
        ReceivedPart(instalment_id=by_invoice[id].id, amount=found.paid, waived=found.credited)
        for id, found in settlements(ctx, list(by_invoice)).items()
        if found.state is not PaymentState.REVERSED and (found.paid or found.credited)
    ]
    others = {part.id: part.contract_id for part in instalments if part.invoice_id is None}
    return [*of_their_own, *(part for part in _of_orders(ctx, set(others.values())) if part.instalment_id in others)]


def _of_orders(ctx: Context, contract_ids: Collection[UUID]) -> list[ReceivedPart]:
    """What was paid on the invoices of contracts' orders, where these bill: the instalment due first gets it first.

    Invoices of instalments are left out, and so are those for several orders together.
    """
    orders = orders_that_bill(ctx, ORDER, contract_ids)
    posted = posted_for(ctx, list(orders)) if orders else {}
    if not posted:
        return []
    statement = select(ContractInstalment).where(ContractInstalment.contract_id.in_(set(orders.values())))
    parts = ctx.scalars(statement.order_by(ContractInstalment.sequence))
    own = {part.invoice_id for part in parts}
    paid = settlements(ctx, {id for ids in posted.values() for id in ids} - own)
    came: dict[UUID, Decimal] = {}
    for order, ids in posted.items():
        more = sum((paid[id].paid.amount for id in ids if id in paid), ZERO)
        came[orders[order]] = came.get(orders[order], ZERO) + more
    return spread(parts, came)


@hookimpl
def invoicing_before_post(ctx: Context, invoice: InvoiceSnapshot) -> Refusal | None:
    """Orders of a contract that its plan bills are not invoiced besides."""
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        return None
    orders = {it.document_id for it in invoice.lines if it.source_type == ORDER_LINE and it.document_id is not None}
    twice = billed_by_plan(ctx, ORDER, orders) if orders else None
    if twice is None:
        return None
    return Refusal(
        BILLED_BY_PLAN,
        f"The order belongs to contract {twice}, which is invoiced by its plan.",
        advice="Discard the draft; agree MANUAL for the order by billingPolicySet.",
    )


@subscribe(InvoiceDiscarded)
def forget_draft(ctx: Context, event: InvoiceDiscarded) -> None:
    """A draft that was thrown away is nobody's invoice: the instalment may change, and raise another."""
    _forget(ctx, event.invoice_id)


@subscribe(InvoiceCredited)
def forget_credited(ctx: Context, event: InvoiceCredited) -> None:
    """Neither is one of which nothing is left."""
    if event.whole:
        _forget(ctx, event.invoice_id)


def _forget(ctx: Context, invoice_id: UUID) -> None:
    part = ctx.find(ContractInstalment, invoice_id=invoice_id)
    if part is not None:
        ctx.lock([contract_lock(part.contract_id)])
        ctx.get(ContractInstalment, part.id).invoice_id = None


@subscribe(ContractMilestoneReached)
def bill_milestone(ctx: Context, event: ContractMilestoneReached) -> None:
    """Invoice what has just become owed, if its plan bills the contract; refused, it stays for somebody."""
    _bill(ctx, event.instalment_id)


@subscribe(ContractSigned)
def bill_order(ctx: Context, event: ContractSigned) -> None:
    """Ask at once for the deposits of an order that was confirmed, as far as their day has come."""
    contract = ctx.get(Contract, event.contract_id)
    if contract.order_id is not None:
        for part in instalments_of(ctx, contract.id):
            if part.kind is InstalmentKind.DEPOSIT and part.due_on is not None and part.due_on <= _ahead(ctx):
                _bill(ctx, part.id)


@job(every=timedelta(hours=1))
def bill_plans(ctx: Context, after: str | None = None) -> None:
    """Find instalments whose day has come, or whose acceptance makes them owed; each is invoiced on its own.

    Those that were refused are left alone until what that rests on has changed, or a day has passed.
    """
    parts = owed_until(ctx, _ahead(ctx), UUID(after) if after is not None else None, BATCH)
    pins = _pins(ctx, [part for part in parts if part.refused_pin is not None])
    for part in parts:
        if part.id not in pins or not left_alone(ctx, part, pins[part.id], LASTING):
            enqueue(ctx, bill_instalment, instalment=part.id)
    if len(parts) == BATCH:
        enqueue(ctx, bill_plans, after=parts[-1].id)


def _pins(ctx: Context, parts: Sequence[ContractInstalment]) -> dict[UUID, str]:
    """What a refusal of each would rest on now."""
    contracts = contracts_of(ctx, parts)
    asked = asked_for(ctx, {it.order_id for it in contracts.values() if it.order_id is not None})
    found = {}
    for part in parts:
        contract = contracts[part.contract_id]
        taken = asked.get(contract.order_id, ZERO) if contract.order_id is not None else ZERO
        found[part.id] = refusal_pin(contract, part, taken)
    return found


def _ahead(ctx: Context) -> date:
    """Until which day instalments are invoiced."""
    return ctx.today + timedelta(days=int(ctx.setting("contracts.invoice_days_ahead")))


@job()
def bill_instalment(ctx: Context, instalment: str) -> None:
    """Invoice one instalment; a second run finds its invoice and makes no other."""
    _bill(ctx, UUID(instalment))


def _bill(ctx: Context, id: UUID) -> None:
    found = states(ctx, [id]).get(id)
    if found is not None and found[0] is InstalmentState.RECEIVED:
        return  # by the invoices of its order, or without any
    _locked(ctx, id)  # outside the savepoint, so that the locks outlive a refusal
    try:
        with ctx.savepoint():
            contract_instalment_invoice(ctx, id=id)
    except Refused as refused:
        reason = refused.refusals[0]
        if reason.code not in NOTHING_OWED:
            part = ctx.get(ContractInstalment, id)
            keep_refusal(ctx, part, reason, _pins(ctx, [part])[id])


@hookimpl
def kernel_invariants() -> list[Invariant]:
    """What invoices of instalments must keep."""
    return [
        Invariant(
            "contracts.invoices", "The invoice of an instalment bills that one, and its amount at most.", _invoices
        ),
        Invariant(
            "contracts.refusals", "Only an instalment without an invoice says why there is none.", stray_refusals
        ),
    ]


def _invoices(ctx: Context) -> Sequence[UUID]:
    """One that is not there is a draft that was discarded a moment ago."""
    parts = ctx.scalars(select(ContractInstalment).where(ContractInstalment.invoice_id.is_not(None)))
    planned = select(Contract.id, Contract.order_id).where(Contract.order_id.is_not(None))
    orders = {row.id: row.order_id for row in ctx.rows(planned)}
    broken = []
    for start in range(0, len(parts), BATCH):
        page = parts[start : start + BATCH]
        invoices = invoices_by_id(ctx, [part.invoice_id for part in page if part.invoice_id is not None])
        for part in page:
            invoice = invoices.get(part.invoice_id) if part.invoice_id is not None else None
            if invoice is None:
                continue
            other = invoice.source_id != orders.get(part.contract_id, part.id)
            other = other or invoice.currency != part.amount.currency
            if other or invoice.total > part.amount:
                broken.append(part.id)
    return broken


@output
@dataclass(frozen=True)
class ContractInvoiceRefusal:
    """Why an instalment that is owed has no invoice."""

    on: Annotated[date, "When it was refused last."]
    code: Annotated[str, "The code of the refusal."]
    message: Annotated[str, "The refusal in words."]


@extend(InstalmentType)
class InstalmentInvoice:
    """What invoicing adds to an instalment."""

    @batch(requires=["invoice_id"], permission="invoicing.read")
    def invoice(ctx: Context, instalments: Sequence[Any]) -> list[Ref[Invoice] | None]:
        """The invoice that it raised last."""
        ids = [it.invoice_id for it in instalments if it.invoice_id is not None]
        known = invoices_by_id(ctx, ids) if ids else {}
        return [Ref(it.invoice_id) if it.invoice_id in known else None for it in instalments]

    @batch(requires=["refused_on", "refused_code", "refused_because"])
    def invoice_refusal(ctx: Context, instalments: Sequence[Any]) -> list[ContractInvoiceRefusal | None]:
        """Why its invoice was refused when it was tried last by itself; null if it was not, or has one since."""
        return [
            ContractInvoiceRefusal(it.refused_on, it.refused_code, it.refused_because)
            if it.refused_on is not None
            else None
            for it in instalments
        ]
