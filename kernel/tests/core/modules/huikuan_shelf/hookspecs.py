"""Extension points of shelf, one of each kind."""

from __future__ import annotations

from collections.abc import Iterable

from huikuan import Context, Refusal, change, contribution, provider, reaction, veto
from huikuan.db import LockKey
from huikuan_shelf.snapshots import ItemView

__all__ = [
    "shelf_after_move",
    "shelf_before_move",
    "shelf_move_locks",
    "shelf_name",
    "shelf_parts",
    "shelf_plan_move",
    "shelf_send",
]


@contribution
def shelf_move_locks(ctx: Context, item: ItemView) -> Iterable[LockKey]:  # type: ignore[empty-body]
    """Rows to lock before an item moves."""


@veto
def shelf_before_move(ctx: Context, item: ItemView, quantity: int) -> Refusal | Iterable[Refusal] | None:
    """Whether an item may move; asked before anything is written."""


@change
def shelf_plan_move(ctx: Context, draft: ItemView) -> ItemView | None:
    """May amend where an item moves to."""


@reaction
def shelf_after_move(ctx: Context, item: ItemView) -> None:
    """An item has moved, in this transaction."""


@contribution
def shelf_parts(ctx: Context, item: ItemView) -> Iterable[str]:  # type: ignore[empty-body]
    """Parts of an item."""


@provider
def shelf_name(ctx: Context, item: ItemView) -> str | None:
    """What to call an item."""


@provider(where="worker")
def shelf_send(ctx: Context, address: str) -> str | None:
    """Sends something; called by the worker, outside a transaction."""
