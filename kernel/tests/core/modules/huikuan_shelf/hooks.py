"""What shelf itself answers."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from huikuan import Context, Invariant, hookimpl
from huikuan_shelf.models import Item
from huikuan_shelf.snapshots import ItemView

__all__ = ["kernel_invariants", "shelf_name", "shelf_parts"]


@hookimpl
def shelf_parts(item: ItemView) -> list[str]:
    return [f"shelf:{item.code}"]


@hookimpl(trylast=True)
def shelf_name(item: ItemView) -> str:
    return item.code


@hookimpl
def kernel_invariants(ctx: Context) -> Iterable[Invariant]:
    yield Invariant(
        "shelf.quantity",
        "No quantity is below zero.",
        lambda ctx: ctx.scalars(select(Item.id).where(Item.quantity < 0)),
    )
