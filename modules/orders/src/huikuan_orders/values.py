"""A line of an order in memory: stored, or about to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

__all__ = ["LineLike", "LineValues"]


class LineLike(Protocol):
    """What a stored line and a line about to be stored have in common."""

    @property
    def id(self) -> UUID: ...
    @property
    def position(self) -> int: ...
    @property
    def product_id(self) -> UUID | None: ...
    @property
    def sku(self) -> str | None: ...
    @property
    def description(self) -> str: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def list_price(self) -> Decimal | None: ...
    @property
    def discount_percent(self) -> Decimal: ...
    @property
    def tax_code(self) -> str | None: ...
    @property
    def tax_percent(self) -> Decimal: ...
    @property
    def tax_included(self) -> bool: ...
    @property
    def net(self) -> Decimal: ...
    @property
    def tax(self) -> Decimal: ...
    @property
    def gross(self) -> Decimal: ...
    @property
    def promised_on(self) -> date | None: ...


@dataclass(slots=True, kw_only=True)
class LineValues:
    """A line with its amounts, before it is stored."""

    id: UUID
    position: int
    product_id: UUID | None
    sku: str | None
    description: str
    quantity: Decimal
    unit_price: Decimal
    list_price: Decimal | None
    discount_percent: Decimal
    tax_code: str | None
    tax_percent: Decimal
    tax_included: bool
    net: Decimal
    tax: Decimal
    gross: Decimal
    promised_on: date | None

    @classmethod
    def of(cls, line: LineLike) -> LineValues:
        """A copy that may be changed."""
        return cls(**{name: getattr(line, name) for name in cls.__slots__})
