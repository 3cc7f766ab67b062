"""GraphQL types of products."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from huikuan import Context
from huikuan.graphql import batch, node, to_many, to_one
from huikuan_products import models
from huikuan_products.queries import price_of
from huikuan_products.snapshots import ProductKind

__all__ = ["Price", "Product", "TaxRate"]


@node(models.TaxRate, keys=("code",), permission="products.read")
class TaxRate:
    """A tax rate."""

    code: str
    name: str
    percent: Decimal
    included: bool
    active: bool


@node(models.Price, permission="products.read")
class Price:
    """A list price, for a currency, a time and a least quantity."""

    product: Product = to_one("product_id", "The product it is the price of.")
    currency: str
    unit_price: Decimal
    min_quantity: Decimal
    valid_from: date
    valid_to: date | None


@node(models.Product, keys=("sku",), permission="products.read")
class Product:
    """Something that is sold."""

    sku: str
    name: str
    unit: str
    kind: ProductKind
    active: bool
    tax_rate: TaxRate | None = to_one("tax_rate_id", "Its own tax rate; null for the tenant's default.")
    prices: list[Price] = to_many("product_id", "Its list prices.", order_by=("currency", "min_quantity", "valid_from"))

    @batch(requires=["id"])
    def list_price(
        ctx: Context, products: Any, currency: str, quantity: Decimal = Decimal(1), on: date | None = None
    ) -> list[Decimal | None]:
        """What one unit costs in a currency, for a quantity, on a day (today if none is given)."""
        found = price_of(ctx, {product.id: quantity for product in products}, currency, on or ctx.today)
        return [price.unit_price if (price := found.get(product.id)) else None for product in products]
