"""The statement that changes balances: it asks and writes at once, for one balance or for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, case, update
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

CHANGED = ("on_hand", "reserved", "moves")


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
    values: dict[str, Any] = {}
    for place, it in enumerate([*some, *[some[-1]] * (size - len(some))]):
        values |= {f"{name}_{place}": getattr(it, name) for name in CHANGED}
        values[f"id_{place}"] = it.item.id
    return ctx.execute(_statement(size), values)


@lru_cache(maxsize=len(SIZES))
def _statement(size: int) -> Update:
    """The statement for so many balances; building it costs more than sending it."""
    on_hand, reserved, moves = (getattr(StockItem, name) + _by_item(name, size) for name in CHANGED)
    return (
        update(StockItem)
        .where(StockItem.id.in_([_id(place) for place in range(size)]), on_hand >= reserved, reserved >= 0)
        .values(on_hand=on_hand, reserved=reserved, moves=moves)
        .execution_options(synchronize_session=False)
    )


def _by_item(name: str, size: int) -> Any:
    """The change of a column, by the balance's id where there are several."""
    kind = getattr(StockItem, name).type
    first, *others = (bindparam(f"{name}_{place}", type_=kind) for place in range(size))
    if not others:
        return first
    return case(*((StockItem.id == _id(place), change) for place, change in enumerate((first, *others))))


def _id(place: int) -> Any:
    return bindparam(f"id_{place}", type_=StockItem.id.type)
