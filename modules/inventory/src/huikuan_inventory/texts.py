"""Numbers as people write them."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["plain"]


def plain(value: Decimal) -> str:
    """80, not 80.000000."""
    return format(value.normalize(), "f")
