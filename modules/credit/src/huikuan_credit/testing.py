"""Builders of credit for tests: ``shop.credit.limit("C-17", "10000")``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huikuan.testing.shop import Shop

__all__ = ["CreditBuilder", "builders"]

CREDIT = """query($code: String!, $currency: CurrencyCode) { customer(code: $code) { credit(currency: $currency) {
  limit { amount } limitLevel headroom { amount } usedPercent expiredOn shared
  exposure { amount { amount } parts { name amount { amount } } missing }
  covers { kind amount { amount } until } } } }"""


class CreditBuilder:
    """Sets limits and reads how customers stand, through GraphQL."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def limit(self, customer: str | None, amount: str, *, currency: str = "EUR", **more: Any) -> str:
        """A limit of a customer, or of the company; returns its id."""
        owner = {} if customer is None else {"customer": {"code": customer}}
        given = {"amount": {"amount": amount, "currency": currency}, "reason": "agreed", **owner, **more}
        found: str = self._shop.mutate("creditLimitSet", **given)["creditLimit"]["id"]
        return found

    def standing(self, customer: str, currency: str | None = None) -> dict[str, Any]:
        """Everything that credit tells of a customer."""
        found: dict[str, Any] = self._shop.query(CREDIT, code=customer, currency=currency)["customer"]["credit"]
        return found

    def owed(self, customer: str, currency: str | None = None) -> str:
        """What is owed."""
        found: str = self.standing(customer, currency)["exposure"]["amount"]["amount"]
        return found

    def parts(self, customer: str, currency: str | None = None) -> dict[str, str]:
        """What is owed, by part; parts of nothing are left out."""
        parts = self.standing(customer, currency)["exposure"]["parts"]
        return {part["name"]: part["amount"]["amount"] for part in parts if float(part["amount"]["amount"])}

    def example(self) -> None:
        """Some of everything."""
        code = self._shop.customers.create("CREDIT-EXAMPLE", currency="EUR").code
        self.limit(code, "10000")
        self.limit(code, "500", kind="COLLATERAL")


builders = {"credit": CreditBuilder}
