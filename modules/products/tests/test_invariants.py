"""`huikuan check` finds damaged prices."""

from __future__ import annotations

from collections.abc import Callable

from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Shop


def test_two_prices_for_the_same_day_are_found(app_with: Callable[..., Shop], corrupt: Corrupt) -> None:
    shop = app_with("products")
    shop.products.create("A1", price="10")
    price = {"currency": "EUR", "unitPrice": "11", "validFrom": "2027-01-01"}
    shop.mutate("priceSet", product={"sku": "A1"}, **price)["price"]
    assert not shop.check()
    corrupt(shop, "UPDATE products_price SET valid_to = NULL WHERE valid_to IS NOT NULL")
    assert [(found.name, found.violations) for found in shop.check()] == [("products.prices-disjoint", 1)]
