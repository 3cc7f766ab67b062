"""Builders of products for tests: ``shop.products.create(sku="A1", price="9.50")``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huikuan.testing.shop import Shop

__all__ = ["BuiltProduct", "ProductsBuilder", "builders"]


@dataclass(frozen=True)
class BuiltProduct:
    """A product as a client knows it."""

    id: str
    sku: str


class ProductsBuilder:
    """Makes products through GraphQL."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._numbers = count(1)

    def create(
        self, sku: str | None = None, *, price: str | None = None, currency: str = "EUR", **more: Any
    ) -> BuiltProduct:
        """A product, with a list price if one is given."""
        sku = sku or f"SKU-{next(self._numbers)}"
        more.setdefault("name", f"Product {sku}")
        found = self._shop.mutate("productCreate", sku=sku, **more)["product"]
        if price is not None:
            self._shop.mutate("priceSet", product={"sku": sku}, currency=currency, unitPrice=Decimal(price))
        return BuiltProduct(found["id"], sku)

    def tax_rate(self, code: str = "STD", percent: str = "20", *, included: bool = False) -> str:
        """A tax rate; returns its code."""
        self._shop.mutate("taxRateCreate", code=code, name=code, percent=Decimal(percent), included=included)
        return code


builders = {"products": ProductsBuilder}
