"""What products contributes to the kernel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from huikuan import Context, Invariant, Refusal, hookimpl
from huikuan.core.errors import SETTING_INVALID
from huikuan_products.models import Price, TaxRate

__all__ = ["kernel_before_setting", "kernel_invariants"]


@hookimpl
def kernel_before_setting(ctx: Context, key: str, value: str | int | bool) -> Refusal | None:
    """The default tax rate is one that there is, or none."""
    if key != "products.default_tax_rate" or not value or ctx.exists(TaxRate, code=value, active=True):
        return None
    return Refusal(
        SETTING_INVALID,
        f"There is no tax rate {value!r} in use.",
        field="value",
        advice="Create it first, or leave the value empty for no tax.",
    )


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
