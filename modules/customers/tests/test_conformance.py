"""Customers keeps the rules of every module."""

from huikuan.testing.conformance import ModuleConformance
from huikuan.testing.shop import Shop


class TestCustomers(ModuleConformance):
    module = "customers"

    def fill(self, shop: Shop) -> None:
        shop.customers.create()
