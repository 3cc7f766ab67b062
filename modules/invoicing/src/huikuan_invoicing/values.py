"""A line of an invoice in memory: stored, or about to be."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from huikuan.ids import new_id

__all__ = ["LINE_FIELDS", "LineValues"]

ZERO = Decimal(0)


@dataclass(slots=True, kw_only=True)
class LineValues:
    """A line with its amounts, before it is stored."""

    position: int
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal = ZERO
    sku: str | None = None
    tax_code: str | None = None
    tax_percent: Decimal = ZERO
    tax_included: bool = False
    source_type: str | None = None
    source_id: UUID | None = None
    document_id: UUID | None = None
    origin_line_id: UUID | None = None
    net: Decimal = ZERO
    tax: Decimal = ZERO
    gross: Decimal = ZERO
    id: UUID

    @classmethod
    def new(cls, **values: Any) -> LineValues:
        """A line with an id of its own."""
        return cls(id=new_id(), **values)

    @classmethod
    def of(cls, row: Any) -> LineValues:
        """A copy of a stored line that may be changed."""
        return cls(**{name: getattr(row, name) for name in LINE_FIELDS})


LINE_FIELDS = tuple(field.name for field in fields(LineValues))
