"""Builders of invoices for tests: ``shop.invoicing.posted(total="120")``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huikuan.testing.shop import Answer, Shop

__all__ = ["BuiltInvoice", "InvoicingBuilder", "builders", "line"]


@dataclass(frozen=True)
class BuiltInvoice:
    """An invoice as a client knows it."""

    id: str
    number: str | None


def line(price: str, quantity: str = "1", **more: Any) -> dict[str, Any]:
    """An input line; ``more`` by GraphQL names: ``taxCode``, ``taxPercent``, ``discountPercent``."""
    return {"description": "Something", "unitPrice": price, "quantity": quantity, **more}


class InvoicingBuilder:
    """Makes invoices through GraphQL, with a customer where none is named."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._usual: set[str] = set()

    def draft(
        self,
        *,
        total: str | None = None,
        lines: list[dict[str, Any]] | None = None,
        customer: str | None = None,
        currency: str = "EUR",
        **more: Any,
    ) -> BuiltInvoice:
        """A draft: of these lines, or of one untaxed line that comes to ``total`` (100 if nothing is said)."""
        code = customer or self._customer()
        lines = lines if lines is not None else [line(total or "100")]
        given = {"customer": {"code": code}, "currency": currency, "lines": lines, **more}
        return _built(self._shop.mutate("invoiceDraft", input=given)["invoice"])

    def post(self, invoice: BuiltInvoice) -> Answer:
        """Ask for the posting of a draft."""
        return self._shop.mutate("invoicePost", id=invoice.id)

    def posted(self, **more: Any) -> BuiltInvoice:
        """A posted invoice; arguments as of ``draft``."""
        return _built(self.post(self.draft(**more))["invoice"])

    def credit(self, invoice: BuiltInvoice, **more: Any) -> BuiltInvoice:
        """A credit note of an invoice: of all that is left unless ``lines`` are given."""
        more.setdefault("reason", "agreed")
        return _built(self._shop.mutate("invoiceCredit", id=invoice.id, **more)["invoice"])

    def example(self) -> BuiltInvoice:
        """A posted invoice with taxes and instalments, one line of which is credited, and a billing plan."""
        taxed = [line("100", taxCode="STD", taxPercent=Decimal(20)), line("50")]
        invoice = self.posted(lines=taxed)
        self.credit(invoice, lines=[{"position": 2}])
        self.draft()
        self._shop.mutate(
            "billingPlanCreate",
            input={
                "reference": "EXAMPLE",
                "customer": {"code": self._customer()},
                "amount": {"amount": "100", "currency": "EUR"},
                "milestones": [{"name": "Signed", "percent": "40"}, {"name": "Delivered"}],
            },
        )
        return invoice

    def _customer(self) -> str:
        code = "INVOICING-USUAL"
        if code not in self._usual:
            self._shop.mutate("customerCreate", input={"code": code, "name": "Usual"})
            self._usual.add(code)
        return code


def _built(found: Any) -> BuiltInvoice:
    return BuiltInvoice(found["id"], found["number"])


builders = {"invoicing": InvoicingBuilder}
