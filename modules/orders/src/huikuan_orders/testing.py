"""Builders of orders for tests: ``shop.orders.draft(total="12000")``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huikuan.testing.shop import Answer, Shop

__all__ = ["BuiltOrder", "OrdersBuilder", "builders", "line"]


@dataclass(frozen=True)
class BuiltOrder:
    """An order as a client knows it."""

    id: str
    number: str
    customer: str


def line(sku: str | None = None, quantity: str = "1", **more: Any) -> dict[str, Any]:
    """An input line; ``more`` by GraphQL names: ``unitPrice``, ``discountPercent``, ``description``."""
    return {**({"sku": sku} if sku else {}), "quantity": quantity, **more}


class OrdersBuilder:
    """Makes orders through GraphQL, with a customer and a product where none is named."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._customer: str | None = None
        self._sku: str | None = None

    def draft(
        self,
        *,
        total: str | None = None,
        lines: list[dict[str, Any]] | None = None,
        customer: str | None = None,
        currency: str = "EUR",
        **more: Any,
    ) -> BuiltOrder:
        """A draft: of these lines, or of one line that comes to ``total`` (100 if nothing is said)."""
        code = customer or self._usual_customer(currency)
        if lines is None:
            lines = [line(self._usual_sku(), "1", unitPrice=Decimal(total or "100"))]
        given = {"customer": {"code": code}, "currency": currency, "lines": lines, **more}
        found = self._shop.mutate("orderCreate", input=given)["order"]
        return BuiltOrder(found["id"], found["number"], code)

    def confirmed(self, **more: Any) -> BuiltOrder:
        """A confirmed order; arguments as of ``draft``."""
        order = self.draft(**more)
        self.confirm(order)["order"]
        return order

    def confirm(self, order: BuiltOrder) -> Answer:
        """Ask for the confirmation of an order."""
        return self._shop.mutate("orderConfirm", id=order.id)

    def status(self, order: BuiltOrder) -> str:
        """Where an order stands."""
        found: str = self._shop.query("query($id: ID!) { order(id: $id) { status } }", id=order.id)["order"]["status"]
        return found

    def _usual_customer(self, currency: str) -> str:
        if self._customer is None:
            self._customer = "ORDERS-USUAL"
            self._shop.mutate("customerCreate", input={"code": self._customer, "name": "Usual", "currency": currency})
        return self._customer

    def _usual_sku(self) -> str:
        if self._sku is None:
            self._sku = "ORDERS-USUAL"
            self._shop.mutate("productCreate", sku=self._sku, name="Usual goods")
        return self._sku


builders = {"orders": OrdersBuilder}
