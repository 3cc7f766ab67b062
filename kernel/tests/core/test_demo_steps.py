"""The demo's frame without any module: nothing to show, and it says so."""

from __future__ import annotations

from collections.abc import Callable

from huikuan.core.hookspecs import kernel_demo_steps
from huikuan.testing.shop import Shop


def test_kernel_demo_steps(app_with: Callable[..., Shop]) -> None:
    with app_with().reading() as ctx:
        assert ctx.collect(kernel_demo_steps) == []
