"""Builders of customers for tests: ``shop.customers.create("C-17", paymentTerms={"code": "N30"})``."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huikuan.testing.shop import Shop

__all__ = ["BuiltCustomer", "CustomersBuilder", "builders"]


@dataclass(frozen=True)
class BuiltCustomer:
    """A customer as a client knows it."""

    id: str
    code: str


class CustomersBuilder:
    """Makes customers through GraphQL."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._numbers = count(1)

    def create(self, code: str | None = None, **more: Any) -> BuiltCustomer:
        """A customer; ``more`` are fields of the input, named as in GraphQL."""
        code = code or f"C-{next(self._numbers)}"
        more.setdefault("name", f"Customer {code}")
        found = self._shop.mutate("customerCreate", input={"code": code, **more})["customer"]
        return BuiltCustomer(found["id"], code)

    def net(self, days: int, code: str | None = None) -> str:
        """Payment terms: all of it after so many days; returns their code."""
        return self.terms(code or f"N{days}", {"kind": "BALANCE", "days": days})

    def terms(self, code: str, *lines: dict[str, Any]) -> str:
        """Payment terms of these lines; returns their code."""
        self._shop.mutate("paymentTermsCreate", code=code, name=code, lines=list(lines))["paymentTerms"]
        return code

    def group(self, code: str, **more: Any) -> str:
        """A customer group; returns its code."""
        self._shop.mutate("customerGroupCreate", code=code, name=code, **more)["customerGroup"]
        return code

    def example(self) -> BuiltCustomer:
        """A customer with everything that a customer can have."""
        return self.create(
            taxId="DE 123",
            tags=["example"],
            group={"code": self.group("EXAMPLE")},
            paymentTerms={"code": self.net(30)},
            contacts=[{"name": "Li Wei", "email": "li@example.org"}],
            addresses=[{"line1": "1 Harbour Road", "city": "Ningbo", "country": "CN"}],
            bankAccounts=[{"number": "DE89 3704 0044"}],
        )


builders = {"customers": CustomersBuilder}
