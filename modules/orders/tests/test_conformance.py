"""Orders keeps the rules of every module."""

from huikuan.testing.conformance import ModuleConformance
from huikuan.testing.shop import Shop


class TestOrders(ModuleConformance):
    module = "orders"

    def fill(self, shop: Shop) -> None:
        shop.orders.draft()
        shop.orders.confirmed()
