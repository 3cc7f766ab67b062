"""`huikuan check` finds each kind of damage to orders, and names exactly that one."""

from __future__ import annotations

import pytest

from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Shop
from huikuan_orders.invariants import INVARIANTS
from huikuan_orders.testing import line

ORDER = "UPDATE orders_order SET"
LINE = "UPDATE orders_order_line SET"

DAMAGE = {
    "orders.total-of-lines": [f"{LINE} net = net + 1, tax = tax - 1 WHERE position = 2"],
    "orders.net-plus-tax": [
        f"{ORDER} total_amount = total_amount + 1 WHERE status = 'DRAFT'",
        f"{LINE} gross = gross + 1 WHERE order_id IN (SELECT id FROM orders_order WHERE status = 'DRAFT')",
    ],
    "orders.original-plus-changes": [
        f"{ORDER} original_total_amount = original_total_amount + 1 WHERE status = 'CONFIRMED'"
    ],
    "orders.transitions": ["UPDATE orders_order_transition SET source = 'CANCELLED' WHERE action = 'CONFIRM'"],
    "orders.status": [f"{ORDER} status = 'CANCELLED' WHERE status = 'CONFIRMED'"],
}


@pytest.mark.parametrize("name", DAMAGE, ids=DAMAGE)
def test_damage_is_found(shop: Shop, corrupt: Corrupt, name: str) -> None:
    shop.products.create("A1", price="10")
    shop.orders.confirmed(lines=[line("A1", "2"), line("A1", "3")])
    shop.orders.draft(lines=[line("A1", "1")])
    assert not shop.check()
    corrupt(shop, *DAMAGE[name])
    [found] = shop.check()
    assert (found.name, found.violations) == (name, 1)


def test_every_invariant_has_its_damage() -> None:
    assert {found.name for found in INVARIANTS} == set(DAMAGE)
