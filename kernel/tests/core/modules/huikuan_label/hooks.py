"""Answers of label to the hooks of shelf and of the kernel."""

from __future__ import annotations

from typing import Any

from huikuan import Context, hookimpl
from huikuan_label.behaviour import act
from huikuan_shelf.snapshots import ItemView

__all__ = [
    "kernel_before_setting",
    "kernel_module_enabled",
    "shelf_after_move",
    "shelf_before_move",
    "shelf_move_locks",
    "shelf_name",
    "shelf_parts",
    "shelf_plan_move",
    "shelf_send",
]


@hookimpl
def shelf_move_locks(ctx: Context, item: ItemView) -> Any:
    return act("shelf_move_locks", ctx, item)


@hookimpl
def shelf_before_move(ctx: Context, item: ItemView, quantity: int) -> Any:
    return act("shelf_before_move", ctx, item, quantity)


@hookimpl
def shelf_plan_move(ctx: Context, draft: ItemView) -> Any:
    return act("shelf_plan_move", ctx, draft)


@hookimpl
def shelf_after_move(ctx: Context, item: ItemView) -> Any:
    return act("shelf_after_move", ctx, item)


@hookimpl(tryfirst=True)
def shelf_parts(ctx: Context, item: ItemView) -> Any:
    return act("shelf_parts", ctx, item)


@hookimpl
def shelf_name(ctx: Context, item: ItemView) -> Any:
    return act("shelf_name", ctx, item)


@hookimpl
def shelf_send(ctx: Any, address: str) -> Any:
    return act("shelf_send", ctx, address)


@hookimpl
def kernel_before_setting(ctx: Context, key: str, value: Any) -> Any:
    return act("kernel_before_setting", ctx, key, value)


@hookimpl
def kernel_module_enabled(ctx: Context, module: str) -> None:
    act("kernel_module_enabled", ctx, module)
