"""Commands of shelf."""

from __future__ import annotations

from sqlalchemy import select, update

from huikuan import UNSET, BadInput, Context, Id, Level, Ref, Refusal, Unset, command
from huikuan.db import LockKey
from huikuan_shelf.errors import ITEM_BLOCKED, ITEM_HEAVY, ITEM_LATE, ITEM_TAKEN
from huikuan_shelf.events import ItemAdded, ItemMoved, ItemPosted
from huikuan_shelf.hookspecs import (
    shelf_after_move,
    shelf_before_move,
    shelf_move_locks,
    shelf_plan_move,
)
from huikuan_shelf.models import Effect, Item, ItemState
from huikuan_shelf.snapshots import ItemView

__all__ = [
    "item_add",
    "item_move",
    "item_move_two",
    "item_name",
    "item_post",
    "item_refuse_late",
    "item_rename",
    "item_swap",
    "shelf_forget",
    "view",
]

RANK = 10


def view(item: Item) -> ItemView:
    """What hooks see."""
    return ItemView(item.id, item.code, item.quantity)


@command(permission="shelf.edit", idempotency="natural")
def item_add(ctx: Context, code: str, keeper: str | None = None, quantity: int = 0) -> Item:
    """Add an item."""
    if ctx.exists(Item, code=code):
        ctx.refuse(Refusal(ITEM_TAKEN, f"There is an item {code!r} already.", field="code"))
    item = ctx.add(Item(code=code, keeper=keeper, quantity=quantity))
    ctx.emit(ItemAdded(item_id=item.id, code=code))
    return item


@command(permission="shelf.edit")
def item_move(ctx: Context, id: Id[Item], quantity: int) -> Item:
    """Change an item's quantity: locks, vetoes, change, write, reactions."""
    item = ctx.get(Item, id)
    ctx.lock([LockKey(RANK, Item, item.id), *ctx.collect(shelf_move_locks, item=view(item))])
    refusals = ctx.vetoes(shelf_before_move, item=view(item), quantity=quantity)
    if quantity > ctx.setting("shelf.limit"):
        refusals.append(
            Refusal(ITEM_HEAVY, f"{quantity} needs approval.", level=Level.APPROVE, advice="Ask.", quantity=quantity)
        )
    if quantity < 0:
        refusals.append(Refusal(ITEM_BLOCKED, "There is nothing less than nothing.", field="quantity"))
    ctx.guard(refusals, subject=item, pin=(item.code, quantity))
    draft = ctx.change(shelf_plan_move, ItemView(item.id, item.code, quantity))
    if draft.id != item.id or draft.quantity < 0:
        raise BadInput("The plan is for another item.")
    item.quantity = draft.quantity
    ctx.emit(ItemMoved(item_id=item.id, quantity=item.quantity))
    ctx.react(shelf_after_move, item=view(item))
    return item


@command(permission="shelf.edit")
def item_move_two(ctx: Context, first: Ref[Item], second: Ref[Item], quantity: int) -> list[Item]:
    """Move two items by two nested commands; the locks of both are taken first."""
    ctx.lock([LockKey(RANK, Item, first.id), LockKey(RANK, Item, second.id)])
    return [item_move(ctx, first.id, quantity), item_move(ctx, id=second.id, quantity=quantity)]


@command(permission="shelf.edit")
def item_swap(ctx: Context, first: Id[Item], second: Id[Item]) -> Item:
    """Write two items one after the other without locking them: two at once, crosswise, deadlock."""
    for id in (first, second):
        item = ctx.get(Item, id)
        item.quantity += 1
        ctx.flush()
        ctx.react(shelf_after_move, item=view(item))
    return item


@command(permission="shelf.edit")
def item_refuse_late(ctx: Context, code: str, how: str) -> Item:
    """Write in one of many ways, then refuse: nothing of it may stay."""
    item = ctx.add(Item(code=code))
    ctx.emit(ItemAdded(item_id=item.id, code=code))
    ctx.warn(Refusal(ITEM_LATE, "It is late.", level=Level.WARN))
    if how != "pending":
        ctx.flush()
    if how == "statement":
        ctx.execute(update(Effect).values(consumer="touched"))
    ctx.refuse(Refusal(ITEM_BLOCKED, "Too late."))
    return item


@command(permission="shelf.edit", idempotency="natural")
def item_rename(ctx: Context, id: Id[Item], code: str | Unset = UNSET, note: str | Unset | None = UNSET) -> Item:
    """Change what is given: left out stays, null clears."""
    item = ctx.get(Item, id)
    if not isinstance(code, Unset):
        item.code = code
    if not isinstance(note, Unset):
        item.note = note
    return item


@command(permission="shelf.edit", idempotency="natural")
def item_post(ctx: Context, id: Id[Item], fail: bool = False) -> Item:
    """Post an item: it gets the next number and does not change any more."""
    item = ctx.get(Item, id)
    ctx.number("item", item, format=lambda number: f"I-{number:05d}", also={"state": ItemState.POSTED})
    ctx.emit(ItemPosted(item_id=item.id))
    if fail:
        ctx.flush()
        raise BadInput("It was to fail.")
    return item


@command(permission="shelf.edit", payload="count")
def shelf_forget(ctx: Context) -> int:
    """Forget whom effects were about, in one statement."""
    return ctx.execute(update(Effect).values(subject_id=None))


@command(permission="shelf.read", idempotency="natural", payload="name")
def item_name(ctx: Context, item: Ref[Item]) -> str:
    """The code of an item, found by its id or its code."""
    found = ctx.scalar(select(Item.code).where(Item.id == item.id))
    return found or ""
