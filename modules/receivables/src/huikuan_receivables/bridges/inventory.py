"""Goods wait while a dunning level stops shipments."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.errors import Refusal
from huikuan.hooks import hookimpl
from huikuan_customers.api import customer_lock
from huikuan_inventory.api import departures
from huikuan_inventory.snapshots import ShipmentSnapshot
from huikuan_invoicing.hookspecs import invoicing_source
from huikuan_invoicing.snapshots import SourceDocument
from huikuan_receivables.hookspecs import receivables_timeline_subjects
from huikuan_receivables.snapshots import BlockKind, TimelineEntry, TimelineKind, TimelineMark
from huikuan_receivables.stopping import stopped
from huikuan_receivables.timeline import day_of

__all__ = ["inventory_before_ship", "inventory_ship_locks", "receivables_timeline_parts"]

SOURCES = {"Order": "orders.order"}
"""What inventory calls the documents that goods are shipped for, and what invoicing calls them."""


def _source(ctx: Context, subject_type: str, subject_id: UUID) -> SourceDocument | None:
    name = SOURCES.get(subject_type)
    found = ctx.provide(invoicing_source, source_type=name, source_id=subject_id) if name is not None else None
    return found if isinstance(found, SourceDocument) else None


@hookimpl
def inventory_ship_locks(ctx: Context, subject_type: str, subject_ids: Sequence[UUID]) -> list[LockKey]:
    """Who owes the money: nobody reminds or pays while it is decided."""
    sources = [_source(ctx, subject_type, id) for id in subject_ids]
    return [customer_lock(source.bill_to_id) for source in sources if source is not None]


@hookimpl
def inventory_before_ship(ctx: Context, shipment: ShipmentSnapshot) -> Refusal | None:
    """Whether an open item of whoever gets the invoice stops shipments."""
    source = _source(ctx, shipment.subject_type, shipment.subject_id)
    return None if source is None else stopped(ctx, source.bill_to_id, BlockKind.SHIPPING)


@hookimpl
def receivables_timeline_parts(
    ctx: Context, customer_id: UUID, kinds: frozenset[TimelineKind], before: TimelineMark | None, limit: int
) -> list[TimelineEntry]:
    """Goods that left for the customer's documents."""
    if TimelineKind.DELIVERY not in kinds or not ctx.actor.may("inventory.read"):
        return []
    by_type: dict[str, list[UUID]] = {}
    for type_name, id in ctx.collect(receivables_timeline_subjects, customer_id=customer_id):
        by_type.setdefault(type_name, []).append(id)
    place = (before.at, before.id) if before is not None else None
    return [
        TimelineEntry(
            id=found.id,
            kind=TimelineKind.DELIVERY,
            on=day_of(ctx, found.shipped_at),
            at=found.shipped_at,
            title=f"Delivery {found.number}",
            type_name="Shipment",
            subject_id=found.id,
            text=found.tracking,
        )
        for type_name, ids in by_type.items()
        for found in departures(ctx, type_name, ids, before=place, limit=limit)
    ]
