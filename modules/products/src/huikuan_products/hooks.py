"""What must always be true of products."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from huikuan import Context, Invariant, hookimpl
from huikuan_products.models import Price

__all__ = ["kernel_invariants"]


@hookimpl
def kernel_invariants(ctx: Context) -> Iterable[Invariant]:
    """Prices of the same product, currency and least quantity never hold at the same time."""
    return [Invariant("products.prices-disjoint", "No two list prices hold for the same thing.", _overlaps)]


def _overlaps(ctx: Context) -> Sequence[UUID]:
    other = aliased(Price)
    return ctx.scalars(
        select(Price.id)
        .join(
            other,
            (other.product_id == Price.product_id)
            & (other.tenant_id == Price.tenant_id)
            & (other.currency == Price.currency)
            & (other.min_quantity == Price.min_quantity)
            & (other.valid_from > Price.valid_from),
        )
        .where((Price.valid_to.is_(None)) | (Price.valid_to >= other.valid_from))
        .distinct()
    )
