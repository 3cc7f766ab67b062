"""One customer's business, as far as the enabled modules go: what any set of modules must be able to do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from huikuan.testing.shop import Shop

__all__ = ["trade"]

QUANTITY, PRICE = "4", "25"


def trade(shop: Shop, number: int) -> list[str]:
    """Agree, order, ship, invoice and collect; every command is accepted. Returns what was done."""
    code = f"T-{number}"
    done: list[str] = []
    for module, step in STEPS.items():
        if shop.scope.composition.names >= {module}:
            step(shop, code)
            done.append(module)
    return done


def _meet(shop: Shop, code: str) -> None:
    shop.customers.create(code, currency="EUR")


def _trust(shop: Shop, code: str) -> None:
    shop.credit.limit(code, "1000")


def _offer(shop: Shop, code: str) -> None:
    shop.products.create(code, price=PRICE)


def _stock(shop: Shop, code: str) -> None:
    shop.inventory.receive(code, QUANTITY, price=PRICE)


def _agree(shop: Shop, code: str) -> None:
    shop.contracts.signed(customer=code)


def _sell(shop: Shop, code: str) -> None:
    """An order through all that follows it."""
    names = shop.scope.composition.names
    line = {"sku": code, "quantity": QUANTITY, "unitPrice": Decimal(PRICE)}
    order = shop.orders.draft(customer=code, lines=[line])
    shop.orders.confirm(order)["order"]
    if "inventory" in names:
        planned = shop.mutate("shipmentCreateForOrder", order={"id": order.id})["shipment"]
        shop.mutate("shipmentShip", id=planned["id"])["shipment"]
        assert shop.orders.status(order) == "DONE"
    if "invoicing" in names:
        draft = shop.mutate("invoiceFromOrder", order={"id": order.id})["invoice"]
        shop.mutate("invoicePost", id=draft["id"])["invoice"]


def _bill(shop: Shop, code: str) -> None:
    shop.invoicing.posted(customer=code, total="10")


def _collect(shop: Shop, code: str) -> None:
    """All that was invoiced is paid, and more."""
    shop.receivables.pay("500", customer=code)


STEPS: dict[str, Callable[[Shop, str], None]] = {
    "customers": _meet,
    "credit": _trust,
    "products": _offer,
    "inventory": _stock,
    "contracts": _agree,
    "orders": _sell,
    "invoicing": _bill,
    "receivables": _collect,
}
