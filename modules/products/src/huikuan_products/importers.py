"""CSV import of products, through the commands that users call."""

from __future__ import annotations

from sqlalchemy import select

from huikuan import Context, Ref
from huikuan.importing import Column, Importer, Outcome, Status, Unit
from huikuan_products.commands import price_set, product_create
from huikuan_products.models import Product, TaxRate
from huikuan_products.snapshots import ProductKind

__all__ = ["products"]


def _write(ctx: Context, unit: Unit) -> Outcome:
    row = unit.first
    known = ctx.exists(Product, sku=row["sku"].strip())
    code = row.get("tax_rate")
    rate_id = ctx.scalar(select(TaxRate.id).where(TaxRate.code == code)) if code else None
    if code and rate_id is None:
        raise row.error("UNKNOWN_TAX_RATE", f"There is no tax rate {code!r}; add it first.", column="tax_rate")
    product = product_create(
        ctx,
        sku=row["sku"],
        name=row["name"],
        unit=row.get("unit") or "piece",
        kind=ProductKind[row.get("kind") or "GOODS"],
        tax_rate=Ref(rate_id) if rate_id else None,
    )
    if row.get("unit_price") is not None:
        price_set(
            ctx,
            product=Ref(product.id),
            currency=row.get("currency") or ctx.tenant.currency,
            unit_price=row["unit_price"],
            valid_from=row.get("valid_from"),
        )
    return Outcome(status=Status.UNCHANGED if known else Status.CREATED, subject_id=product.id)


products = Importer(
    name="products",
    title="Products",
    description="Products and, if given, their list prices. A product that is there already stays as it is.",
    columns=(
        Column("sku", required=True, max_length=64, description="Stock keeping unit", aliases=("code", "item")),
        Column("name", required=True, max_length=500, description="Name", aliases=("description",)),
        Column("unit", max_length=32, description="Unit that quantities count; piece if empty"),
        Column("kind", type="enum", choices=tuple(kind.name for kind in ProductKind), description="GOODS if empty"),
        Column("tax_rate", description="Code of a tax rate that exists"),
        Column("unit_price", type="decimal", places=6, description="List price of one unit", aliases=("price",)),
        Column("currency", description="ISO 4217 code; the tenant's currency if empty"),
        Column("valid_from", type="date", description="First day of the price; today if empty"),
    ),
    write=_write,
    permission="products.manage",
)
