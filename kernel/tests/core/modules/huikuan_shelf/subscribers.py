"""What shelf does after commit. ``OUTSIDE`` is the world that a ``@deliver`` subscriber calls."""

from __future__ import annotations

from collections.abc import Callable

from huikuan import Context, deliver, subscribe
from huikuan.kernel import Outside
from huikuan_shelf.events import ItemAdded, ItemMoved
from huikuan_shelf.hookspecs import shelf_send
from huikuan_shelf.models import Effect

__all__ = ["OUTSIDE", "note_added", "note_moved", "send_added"]

OUTSIDE: list[Callable[[Outside, ItemAdded], None]] = []


def _note(ctx: Context, consumer: str, event: ItemAdded | ItemMoved) -> None:
    assert ctx.envelope is not None
    ctx.add(
        Effect(
            consumer=consumer,
            subject_id=event.item_id,
            sequence=ctx.envelope.sequence,
            event_id=ctx.envelope.event_id,
        )
    )


@subscribe(ItemAdded)
def note_added(ctx: Context, event: ItemAdded) -> None:
    """Note that an item came; items called ``bad…`` cannot be noted."""
    if event.code.startswith("bad"):
        raise ValueError(f"{event.code} cannot be noted")
    _note(ctx, "added", event)


@subscribe(ItemMoved)
def note_moved(ctx: Context, event: ItemMoved) -> None:
    """Note that an item moved; 13 cannot be noted."""
    if event.quantity == 13:
        raise ValueError("13 is no quantity")
    _note(ctx, "moved", event)


@deliver(ItemAdded)
def send_added(outside: Outside, event: ItemAdded) -> None:
    """Tell the world; how is a matter of a provider."""
    outside.provide(shelf_send, address=event.code)
    for call in OUTSIDE:
        call(outside, event)
