"""Reading products without entities: one statement for any number of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from huikuan import Context
from huikuan_products.models import Price, Product, TaxRate
from huikuan_products.snapshots import PriceSnapshot, ProductSnapshot, TaxRateSnapshot

__all__ = ["default_tax_rate", "overlapping", "price_of", "products_after", "products_by_id", "products_by_sku"]

_COLUMNS = (Product.id, Product.sku, Product.name, Product.unit, Product.kind, Product.active, Product.tax_rate_id)
_RATE = (TaxRate.id, TaxRate.code, TaxRate.percent, TaxRate.included)
_TAX = (TaxRate.code.label("tax_code"), TaxRate.percent.label("tax_percent"), TaxRate.included.label("tax_included"))
_WITH_RATES = select(*_COLUMNS, *_TAX).outerjoin(
    TaxRate, (TaxRate.tenant_id == Product.tenant_id) & (TaxRate.id == Product.tax_rate_id)
)
_CHUNK = 500


def products_by_sku(ctx: Context, skus: Collection[str]) -> dict[str, ProductSnapshot]:
    """The products with these SKUs; unknown ones are missing."""
    return {found.sku: found for found in _products(ctx, Product.sku, skus)}


def products_by_id(ctx: Context, ids: Collection[UUID]) -> dict[UUID, ProductSnapshot]:
    """The products with these ids; unknown ones are missing."""
    wanted = frozenset(ids)
    found = ctx.once(
        ("products.by_id", wanted), lambda: {it.id: it for it in _products(ctx, Product.id, wanted)}, Product, TaxRate
    )
    return dict(found)


def products_after(ctx: Context, after: UUID | None) -> list[ProductSnapshot]:
    """The products that were added after this one, or all of them, in the order in which they were added."""
    later = (Product.id > after,) if after is not None else ()
    return _products(ctx, Product.id, ctx.scalars(select(Product.id).where(*later).order_by(Product.id)))


def price_of(ctx: Context, quantities: Mapping[UUID, Decimal], currency: str, on: date) -> dict[UUID, PriceSnapshot]:
    """The list price of each product for its quantity on a day; products without one are missing.

    Of several prices the one with the highest least quantity wins, then the newest.
    """
    best: dict[UUID, PriceSnapshot] = {}
    ids = list(quantities)
    for start in range(0, len(ids), _CHUNK):
        rows = ctx.rows(
            select(
                Price.product_id, Price.currency, Price.unit_price, Price.min_quantity, Price.valid_from, Price.valid_to
            )
            .where(
                Price.product_id.in_(ids[start : start + _CHUNK]),
                Price.currency == currency,
                Price.valid_from <= on,
                or_(Price.valid_to.is_(None), Price.valid_to >= on),
            )
            .order_by(Price.product_id, Price.min_quantity, Price.valid_from)
        )
        for row in rows:
            if row.min_quantity <= abs(quantities[row.product_id]):
                best[row.product_id] = PriceSnapshot(**row._mapping)
    return best


def overlapping(product_id: UUID, currency: str, min_quantity: Decimal, start: date, end: date | None) -> Select[Price]:
    """Prices of the same product, currency and least quantity that hold on a day of the span."""
    statement = select(Price).where(
        Price.product_id == product_id,
        Price.currency == currency,
        Price.min_quantity == min_quantity,
        or_(Price.valid_to.is_(None), Price.valid_to >= start),
    )
    return statement if end is None else statement.where(Price.valid_from <= end)


def default_tax_rate(ctx: Context) -> TaxRateSnapshot | None:
    """The rate of products that name none."""
    code = ctx.setting("products.default_tax_rate")
    if not code:
        return None
    rows = ctx.rows(select(*_RATE).where(TaxRate.code == code))
    return TaxRateSnapshot(**rows[0]._mapping) if rows else None


def _products(ctx: Context, column: Any, values: Collection[Any]) -> list[ProductSnapshot]:
    wanted = list(dict.fromkeys(values))
    rows = [
        row
        for start in range(0, len(wanted), _CHUNK)
        for row in ctx.rows(_WITH_RATES.where(column.in_(wanted[start : start + _CHUNK])))
    ]
    default = default_tax_rate(ctx) if any(row.tax_rate_id is None for row in rows) else None
    return [
        ProductSnapshot(
            id=row.id,
            sku=row.sku,
            name=row.name,
            unit=row.unit,
            kind=row.kind,
            active=row.active,
            tax=_rate(row) or default,
        )
        for row in rows
    ]


def _rate(row: Any) -> TaxRateSnapshot | None:
    if row.tax_rate_id is None:
        return None
    return TaxRateSnapshot(id=row.tax_rate_id, code=row.tax_code, percent=row.tax_percent, included=row.tax_included)
