"""`huikuan check` finds each kind of damage to customers, and names exactly that one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Shop

DAMAGE = {
    "customers.family": "UPDATE customers_customer SET parent_id = id WHERE code = 'CHILD'",
    "customers.terms": "DELETE FROM customers_payment_terms_line WHERE kind = 'BALANCE'",
}


@pytest.mark.parametrize("name", DAMAGE, ids=DAMAGE)
def test_damage_is_found(app_with: Callable[..., Shop], corrupt: Corrupt, name: str) -> None:
    shop = app_with("customers")
    shop.customers.create("PARENT")
    shop.customers.create("CHILD", parent={"code": "PARENT"})
    shop.customers.terms("HALVES", {"kind": "PERCENT", "percent": "50"}, {"kind": "BALANCE", "days": 30})
    assert not shop.check()
    corrupt(shop, DAMAGE[name])
    assert [found.name for found in shop.check()] == [name]
