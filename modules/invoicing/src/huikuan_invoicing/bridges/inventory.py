"""Goods wait for payment or are invoiced when they leave, as agreed; those that come back make a draft credit note."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from huikuan import Context, Level, Money, Refusal, hookimpl
from huikuan.db import LockKey
from huikuan_customers.api import customer_lock
from huikuan_inventory.api import shipped_units
from huikuan_inventory.snapshots import ReturnSnapshot, ShipmentSnapshot
from huikuan_invoicing.billing import automatically, bill, left_of, lines_type
from huikuan_invoicing.crediting import draft_credit, left_to_credit
from huikuan_invoicing.errors import NOT_PAID
from huikuan_invoicing.hookspecs import invoicing_source
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.queries import (
    Billed,
    billed,
    invoice_numbers,
    method_of,
    posted_of,
    ships_when_paid,
)
from huikuan_invoicing.settling import settlements
from huikuan_invoicing.snapshots import BillingMethod, InvoiceStatus, SourceDocument
from huikuan_invoicing.views import lines_of

SOURCES = {"Order": "orders.order"}
"""What inventory calls the documents that goods are shipped for, and what invoicing calls them."""

ZERO = Decimal(0)
NOTHING = Billed()


def _source(ctx: Context, subject_type: str, subject_id: UUID) -> SourceDocument | None:
    name = SOURCES.get(subject_type)
    found = ctx.provide(invoicing_source, source_type=name, source_id=subject_id) if name is not None else None
    return found if isinstance(found, SourceDocument) else None


def _key(shipment: ShipmentSnapshot) -> str:
    return f"shipment:{shipment.id}"


@hookimpl
def inventory_ship_locks(ctx: Context, subject_type: str, subject_ids: Sequence[UUID]) -> list[LockKey]:
    """Who gets the invoice: credit notes of one invoice wait for each other there."""
    sources = [_source(ctx, subject_type, id) for id in subject_ids]
    return [customer_lock(source.bill_to_id) for source in sources if source is not None]


@hookimpl
def inventory_before_ship(ctx: Context, shipment: ShipmentSnapshot) -> Refusal | None:
    """Where it was agreed, goods leave only when they are invoiced and what is invoiced of their order is paid."""
    source = _source(ctx, shipment.subject_type, shipment.subject_id)
    if source is None or not ships_when_paid(ctx, source.type, source.id):
        return None
    level = Level.APPROVE if ctx.setting("invoicing.shipping_approvable") else Level.BLOCK
    owed = [found for found in settlements(ctx, posted_of(ctx, source.id)).values() if found.open.amount > ZERO]
    if not owed:
        return _not_invoiced(ctx, source, shipment, level)
    numbers = invoice_numbers(ctx, [found.invoice_id for found in owed])
    what = ", ".join(sorted(f"{found.open} of {numbers[found.invoice_id]}" for found in owed))
    return Refusal(
        NOT_PAID,
        f"Goods of order {source.number} wait for payment: {what}.",
        level=level,
        advice=f"Collect {what}; then they leave.",
        invoices=[found.invoice_id for found in owed],
        open=sum((found.open for found in owed), Money.zero(source.currency)),
    )


def _not_invoiced(ctx: Context, source: SourceDocument, shipment: ShipmentSnapshot, level: Level) -> Refusal | None:
    """Whether more would have left than is on posted invoices, by line."""
    known = billed(ctx, lines_type(source.type), [line.id for line in source.lines])
    gone = shipped_units(ctx, shipment.subject_type, shipment.subject_id)
    for part in shipment.lines:
        gone[part.line_id] = gone.get(part.line_id, ZERO) + part.quantity
    leaving = {part.line_id for part in shipment.lines}
    missing = []
    for line in source.lines:
        found = known.get(line.id, NOTHING)
        if line.id in leaving and gone[line.id] > found.posted + found.given_up:
            missing.append(line.description)
    if not missing:
        return None
    advice = "Invoice the order by invoiceFromOrder, post the invoice, and collect it."
    if method_of(ctx, source.type, source.id) is BillingMethod.SHIPMENT:
        advice = "Their own shipment would make the invoice: agree another method by billingPolicySet."
    return Refusal(
        NOT_PAID,
        f"Goods of order {source.number} wait for payment and are not invoiced yet: {', '.join(missing)}.",
        level=level,
        advice=advice,
    )


@hookimpl
def inventory_after_ship(ctx: Context, shipment: ShipmentSnapshot) -> None:
    """Invoice what has left, as far as it is not invoiced yet: one invoice for each shipment."""
    source = _source(ctx, shipment.subject_type, shipment.subject_id)
    if source is None or method_of(ctx, source.type, source.id) is not BillingMethod.SHIPMENT:
        return
    left = left_of(ctx, source)
    shipped: dict[UUID, Decimal] = {}
    for line in shipment.lines:
        shipped[line.line_id] = shipped.get(line.line_id, ZERO) + line.quantity
    quantities = {id: min(quantity, left[id]) for id, quantity in shipped.items() if id in left}
    if quantities:
        bill(ctx, [source], quantities, key=_key(shipment), post_now=automatically(ctx, source.currency))


@hookimpl
def inventory_after_return(ctx: Context, returned: ReturnSnapshot) -> None:
    """Draft the credit note of what came back, as far as the shipment's own invoice has it."""
    origin = ctx.find(Invoice, billing_key=_key(returned.shipment))
    if origin is None or origin.status is not InvoiceStatus.POSTED:
        return
    back: dict[UUID, Decimal] = {}
    for line in returned.shipment.lines:
        back[line.line_id] = back.get(line.line_id, ZERO) + returned.returned.get(line.id, ZERO)
    left = left_to_credit(ctx, origin)
    wanted: dict[int, Decimal | None] = {}
    for item in lines_of(ctx, origin.id):
        quantity = min(back.get(item.source_id, ZERO), left[item.position]) if item.source_id is not None else ZERO
        if quantity > 0:
            wanted[item.position] = quantity
    if wanted:
        draft_credit(ctx, origin, wanted, returned.reason)
