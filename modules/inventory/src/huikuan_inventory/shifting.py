"""The statement that changes balances: it asks and writes at once, for one balance or for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import case, literal, update
from sqlalchemy.orm.attributes import set_committed_value

from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan_inventory.errors import SHORT
from huikuan_inventory.models import StockItem
from huikuan_inventory.texts import plain

__all__ = ["Shift", "shift"]

ZERO = Decimal(0)
SIZES = (1, 4, 16, 64)
"""How many balances a statement changes. It is filled up to one of these, so that few are ever compiled."""


@dataclass(frozen=True, slots=True)
class Shift:
    """By how much a balance changes."""

    item: StockItem
    on_hand: Decimal = ZERO
    reserved: Decimal = ZERO
    moves: int = 0

    @property
    def left(self) -> Decimal:
        """What would be available afterwards."""
        return self.item.on_hand + self.on_hand - self.item.reserved - self.reserved


def shift(ctx: Context, shifts: Sequence[Shift]) -> None:
    """Change balances, each named once. Without any lock it could not oversell either.

    Refuses with SHORT if less would be left of one than is reserved.
    """
    if not shifts:
        return
    ctx.flush()
    for start in range(0, len(shifts), SIZES[-1]):
        some = shifts[start : start + SIZES[-1]]
        if _write(ctx, some) != len(some):
            item = min(some, key=lambda it: it.left).item
            free = item.on_hand - item.reserved
            ctx.refuse(
                Refusal(SHORT, f"Only {plain(free)} are available.", available=free, product=item.product_id),
            )
        for it in some:
            set_committed_value(it.item, "on_hand", it.item.on_hand + it.on_hand)
            set_committed_value(it.item, "reserved", it.item.reserved + it.reserved)
            set_committed_value(it.item, "moves", it.item.moves + it.moves)


def _write(ctx: Context, some: Sequence[Shift]) -> int:
    """How many rows there were and had enough."""
    size = next(size for size in SIZES if size >= len(some))
    filled = [*some, *[some[-1]] * (size - len(some))]
    on_hand = StockItem.on_hand + _by_item(filled, "on_hand")
    reserved = StockItem.reserved + _by_item(filled, "reserved")
    return ctx.execute(
        update(StockItem)
        .where(StockItem.id.in_([it.item.id for it in filled]), on_hand >= reserved, reserved >= 0)
        .values(on_hand=on_hand, reserved=reserved, moves=StockItem.moves + _by_item(filled, "moves"))
        .execution_options(synchronize_session=False)
    )


def _by_item(shifts: Sequence[Shift], name: str) -> Any:
    """The change of a column, by the balance's id where there are several."""
    kind = getattr(StockItem, name).type
    first, *others = ((it.item.id, literal(getattr(it, name), kind)) for it in shifts)
    if not others:
        return first[1]
    whens = [(StockItem.id == id, change) for id, change in (first, *others)]
    return case(*whens)
