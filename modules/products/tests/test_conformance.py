"""Products keeps the rules of every module."""

from huikuan.testing.conformance import ModuleConformance
from huikuan.testing.shop import Shop


class TestProducts(ModuleConformance):
    module = "products"

    def fill(self, shop: Shop) -> None:
        shop.products.create(price="9.50", taxRate={"code": shop.products.tax_rate()})
