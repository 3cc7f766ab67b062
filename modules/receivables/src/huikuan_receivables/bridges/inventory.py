"""Goods wait while a dunning level stops shipments."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.errors import Refusal
from huikuan.hooks import hookimpl
from huikuan_customers.api import customer_lock
from huikuan_inventory.snapshots import ShipmentSnapshot
from huikuan_invoicing.hookspecs import invoicing_source
from huikuan_invoicing.snapshots import SourceDocument
from huikuan_receivables.snapshots import BlockKind
from huikuan_receivables.stopping import stopped

__all__ = ["inventory_before_ship", "inventory_ship_locks"]

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
