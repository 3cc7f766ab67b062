"""Receivables keeps the rules of every module."""

from huikuan.testing.conformance import ModuleConformance
from huikuan.testing.shop import Shop


class TestReceivables(ModuleConformance):
    module = "receivables"

    def fill(self, shop: Shop) -> None:
        shop.receivables.example()
        shop.receivables.matched()
