"""What tests read of credit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from huikuan.core.models import OutboxEvent
from huikuan.testing.shop import Shop
from huikuan_customers.api import customer_ids

CASES = """query { creditCases { code message permission amount { amount } before { amount } after { amount }
  limit { amount } hold { id status subject { id } } } }"""
DECISIONS = """query { creditDecisions(orderBy: [AT_ASC]) { nodes {
  checkpoint passed level approved before { amount } after { amount } bound { amount } ruleVersion replays
  documentType document { id } } } }"""


def line(sku: str | None = None, quantity: str = "1", **more: Any) -> dict[str, Any]:
    """An input line of an order; ``more`` by GraphQL names."""
    return {**({"sku": sku} if sku else {}), "quantity": quantity, **more}


def cases(shop: Shop) -> list[dict[str, Any]]:
    """What credit holds."""
    return list(shop.query(CASES)["creditCases"])


def decisions(shop: Shop) -> list[dict[str, Any]]:
    """All decisions, the oldest first."""
    return list(shop.query(DECISIONS)["creditDecisions"]["nodes"])


def events(shop: Shop) -> list[str]:
    """The types of all events of credit, in order."""
    with shop.reading() as ctx:
        return list(
            ctx.scalars(select(OutboxEvent.type).where(OutboxEvent.module == "credit").order_by(OutboxEvent.id))
        )


def customer_id(shop: Shop, code: str = "C-1") -> UUID:
    """The id behind a code."""
    with shop.reading() as ctx:
        return customer_ids(ctx, [code])[code]
