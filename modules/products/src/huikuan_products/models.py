"""Tables of products."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from huikuan.db import Mapped, TenantModel, currency_code, index, mapped_column, quantity, state, tenant_fk, unique
from huikuan_products.snapshots import ProductKind

__all__ = ["Price", "Product", "TaxRate"]


class TaxRate(TenantModel):
    """A tax rate."""

    code: Mapped[str] = mapped_column(doc="Short name, unique in the tenant")
    name: Mapped[str] = mapped_column(doc="What the rate is called")
    percent: Mapped[Decimal] = quantity(doc="Percent of the net amount")
    included: Mapped[bool] = mapped_column(default=False, doc="Whether list prices contain this tax")
    active: Mapped[bool] = mapped_column(default=True, doc="Whether new products may use it")
    __table_args__ = (unique("code"),)


class Product(TenantModel):
    """Something that is sold."""

    sku: Mapped[str] = mapped_column(doc="Stock keeping unit, unique in the tenant")
    name: Mapped[str] = mapped_column(doc="What the product is called")
    unit: Mapped[str] = mapped_column(default="piece", doc="Unit that quantities count")
    kind: Mapped[ProductKind] = state(ProductKind, default=ProductKind.GOODS, doc="Whether it has a stock")
    active: Mapped[bool] = mapped_column(default=True, doc="Whether it may be sold")
    tax_rate_id: Mapped[UUID | None] = tenant_fk("products_tax_rate", nullable=True, doc="Its own tax rate")
    __table_args__ = (unique("sku"),)


class Price(TenantModel):
    """A list price, for a currency, a time and a least quantity."""

    product_id: Mapped[UUID] = tenant_fk("products_product", index=False, doc="The product")
    currency: Mapped[str] = currency_code(doc="ISO 4217 code")
    unit_price: Mapped[Decimal] = quantity(doc="Price of one unit, up to 6 digits")
    min_quantity: Mapped[Decimal] = quantity(doc="Holds from this quantity on")
    valid_from: Mapped[date] = mapped_column(doc="First day on which it holds")
    valid_to: Mapped[date | None] = mapped_column(doc="Last day on which it holds; null for no end")
    __table_args__ = (
        unique("product_id", "currency", "min_quantity", "valid_from"),
        index("product_id", "currency", "valid_from"),
    )
