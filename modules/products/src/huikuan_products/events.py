"""Facts about products."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from huikuan import Event

__all__ = ["PriceSet", "ProductActivated", "ProductChanged", "ProductCreated", "ProductDeactivated"]


class ProductCreated(Event, aggregate="product"):
    """A product was added."""

    product_id: UUID


class ProductChanged(Event, aggregate="product"):
    """Something about a product changed."""

    product_id: UUID


class ProductActivated(Event, aggregate="product"):
    """A product may be sold again."""

    product_id: UUID


class ProductDeactivated(Event, aggregate="product"):
    """A product may not be sold any more."""

    product_id: UUID


class PriceSet(Event, aggregate="product"):
    """A product has a new list price."""

    product_id: UUID
    currency: str
    unit_price: Decimal
    valid_from: date
