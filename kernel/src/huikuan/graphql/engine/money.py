"""Money: an amount with its currency, in the shape that a selection asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from huikuan.graphql.engine.fields import assemble, shape_of
from huikuan.graphql.scalars import amount_text
from huikuan.money import Money

__all__ = ["MoneyShape"]


class MoneyShape:
    """Which parts of Money are asked for, under which keys."""

    def __init__(self, parts: Sequence[tuple[str, str]]) -> None:
        self.parts = [part for _, part in parts]
        self.shape = shape_of(tuple(key for key, _ in parts))

    def make(self, amounts: Sequence[str | None], currencies: Sequence[str | None]) -> list[Any]:
        """Objects from columns; null where there is no amount."""
        known = {"amount": amounts, "currency": currencies, "__typename": ["Money"] * len(amounts)}
        objects = assemble(self.shape, [known[part] for part in self.parts], len(amounts))
        if None in amounts:
            objects = [None if text is None else item for text, item in zip(amounts, objects, strict=True)]
        return objects

    def of(self, values: Sequence[Money | None]) -> list[Any]:
        """Objects from Python values."""
        amounts = [None if value is None else str(amount_text(value)) for value in values]
        return self.make(amounts, [None if value is None else value.currency for value in values])
