"""The deposits keep the rules of every module."""

from huikuan.testing.conformance import ModuleConformance
from huikuan.testing.shop import Shop


class TestAcmeDeposit(ModuleConformance):
    module = "acme_deposit"

    def fill(self, shop: Shop) -> None:
        order = shop.orders.draft(total="100")
        shop.mutate("acmeDepositRecord", order={"id": order.id}, amount={"amount": "30", "currency": "EUR"})
