"""One tenant has credit, another does without: each gets what it enabled, beside the other, in one process."""

from __future__ import annotations

from collections.abc import Callable

from huikuan.catalog import ModuleCatalog
from huikuan.testing.shop import Shop, need


def test_one_tenant_blocks_by_credit_while_another_confirms(
    app_with: Callable[..., Shop], installed_modules: ModuleCatalog
) -> None:
    need(installed_modules, "credit", "orders")
    ours = app_with("credit", "orders")
    theirs = ours.other_tenant("credit", "orders")
    for shop in (ours, theirs):
        shop.customers.create("C-1", currency="EUR")
        shop.credit.limit("C-1", "100")
    theirs.disable("credit")

    assert ours.orders.confirm(ours.orders.draft(customer="C-1", total="101")).refused("CREDIT_OVER_LIMIT")
    order = theirs.orders.draft(customer="C-1", total="101")
    assert theirs.orders.confirm(order)["order"]["status"] == "CONFIRMED"

    sdl = {shop: shop.scope.composition.schema.sdl for shop in (ours, theirs)}
    for word in ("type CreditAccount", "CREDIT_OVER_LIMIT", "creditLimitSet", "exposure: CreditPreview"):
        assert word in sdl[ours] and word not in sdl[theirs]
    assert "type Credit" not in sdl[theirs]
    assert ours.check() == [] and theirs.check() == []
