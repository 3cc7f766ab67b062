"""What tests read of an order."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from huikuan.core.models import OutboxEvent
from huikuan.testing.shop import Shop

ORDER = """query($id: ID!) { order(id: $id) {
  number kind status reference version currency orderedOn validUntil paymentTerms notes holdReason closeReason
  customer { code } billTo { code } shipTo { code } payer { code } origin { number }
  net { amount } tax { amount } total { amount currency } originalTotal { amount }
  lines { position sku description quantity unitPrice listPrice discountPercent taxCode net { amount } tax { amount }
    gross { amount } originalQuantity originalGross { amount } }
  transitions { version action source target actorName reason }
  changes { sequence reason total { amount } lines { kind quantityBefore quantityAfter line { position } } }
  holds { code status } allowedTransitions } }"""
PREVIEW = """query($id: ID!) { orderConfirmPreview(id: $id) {
  passes order { number } refusals { code level message advice needed { amount currency } } warnings { code } } }"""


def read(shop: Shop, order: Any) -> dict[str, Any]:
    """An order with all that hangs on it."""
    found: dict[str, Any] = shop.query(ORDER, id=getattr(order, "id", order))["order"]
    return found


def preview(shop: Shop, order: Any) -> dict[str, Any]:
    """What a confirmation would answer."""
    found: dict[str, Any] = shop.query(PREVIEW, id=order.id)["orderConfirmPreview"]
    return found


def amounts(order: dict[str, Any]) -> tuple[str, str, str]:
    """Net, tax and total."""
    return order["net"]["amount"], order["tax"]["amount"], order["total"]["amount"]


def events(shop: Shop) -> list[str]:
    """The types of all events of orders, in order."""
    with shop.reading() as ctx:
        return list(
            ctx.scalars(select(OutboxEvent.type).where(OutboxEvent.aggregate == "order").order_by(OutboxEvent.id))
        )


def configure(shop: Shop, key: str, value: str) -> None:
    """Change a setting of the tenant."""
    assert shop.kernel.run(shop.scope, "setting_set", {"key": key, "value": value}, key=f"{key}={value}").done
