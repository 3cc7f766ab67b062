"""Frozen values of products, as hooks, events and other modules see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from uuid import UUID

__all__ = ["PriceSnapshot", "ProductKind", "ProductSnapshot", "TaxRateSnapshot"]


class ProductKind(Enum):
    """What is sold."""

    GOODS = "has a stock and is shipped"
    SERVICE = "has no stock: work, freight, fees"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRateSnapshot:
    """A tax rate; ``percent`` of the net; ``included`` if list prices contain it."""

    id: UUID
    code: str
    percent: Decimal
    included: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSnapshot:
    """A product; ``tax`` is its own rate or the tenant's default one."""

    id: UUID
    sku: str
    name: str
    unit: str
    kind: ProductKind
    active: bool
    tax: TaxRateSnapshot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSnapshot:
    """A list price per unit, up to 6 digits; from ``min_quantity`` on."""

    product_id: UUID
    currency: str
    unit_price: Decimal
    min_quantity: Decimal
    valid_from: date
    valid_to: date | None
