"""Builders of stock for tests: ``shop.inventory.receive("A1", "10")``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huikuan.testing.shop import Answer, Shop

__all__ = ["InventoryBuilder", "builders"]

STOCK = """query($sku: String!) {
  product(sku: $sku) { stock { nodes { onHand reserved available incoming outgoing forecast } } } }"""


class InventoryBuilder:
    """Makes warehouses and goods through GraphQL; the warehouse ``MAIN`` where none is named."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._known: set[str] = set()

    def warehouse(self, code: str = "MAIN", **more: Any) -> str:
        """A warehouse; returns its code."""
        if code not in self._known:
            self._shop.mutate("warehouseCreate", code=code, name=code, **more)["warehouse"]
            self._known.add(code)
        return code

    def receive(self, sku: str, quantity: str, *, warehouse: str = "MAIN", price: str = "10") -> None:
        """Goods come in; product and warehouse are made if they are missing."""
        self.warehouse(warehouse)
        if self._shop.query("query($sku: String!) { product(sku: $sku) { id } }", sku=sku)["product"] is None:
            self._shop.products.create(sku, price=price)
        self._shop.mutate("stockReceive", warehouse={"code": warehouse}, product={"sku": sku}, quantity=quantity)[
            "stockItem"
        ]

    def stock(self, sku: str) -> dict[str, str]:
        """The balance of a product that lies in one warehouse."""
        [found] = self._shop.query(STOCK, sku=sku)["product"]["stock"]["nodes"]
        balance: dict[str, str] = found
        return balance

    def reserve(self, reference: str, sku: str, quantity: str, **more: Any) -> Answer:
        """Reserve by hand."""
        return self._shop.mutate(
            "stockReserve",
            reference=reference,
            warehouse={"code": "MAIN"},
            product={"sku": sku},
            quantity=quantity,
            **more,
        )

    def example(self) -> None:
        """Some of everything."""
        self.receive("EXAMPLE", "10")
        self.reserve("example", "EXAMPLE", "4")["reservation"]


builders = {"inventory": InventoryBuilder}
