"""Shops of the same modules are copies of one: none sees what is done in another."""

from __future__ import annotations

from collections.abc import Callable

from huikuan.testing.shop import Shop

ZONE = "kernel.timezone"


def zone_of(shop: Shop) -> str:
    with shop.reading() as ctx:
        found: str = ctx.setting(ZONE)
        return found


def test_what_is_done_in_one_shop_is_in_no_other(app_with: Callable[..., Shop]) -> None:
    first, second = app_with(), app_with()
    usual = zone_of(second)
    assert first.set(ZONE, "Asia/Shanghai").done
    third = app_with()
    assert zone_of(first) == "Asia/Shanghai" != usual
    assert zone_of(second) == zone_of(third) == usual


def test_each_may_be_checked_and_worked_in(app_with: Callable[..., Shop]) -> None:
    for shop in (app_with(), app_with()):
        shop.work()
        assert shop.check() == []
        assert shop.other_tenant().scope.tenant.id != shop.scope.tenant.id
