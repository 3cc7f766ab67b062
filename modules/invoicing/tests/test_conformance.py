"""Invoicing keeps the rules of every module."""

from huikuan.testing.conformance import ModuleConformance
from huikuan.testing.shop import Shop


class TestInvoicing(ModuleConformance):
    module = "invoicing"

    def fill(self, shop: Shop) -> None:
        shop.invoicing.example()
