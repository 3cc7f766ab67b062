"""Builders of contracts for tests: ``shop.contracts.signed(amount="1000")``."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huikuan.testing.shop import Answer, Shop

__all__ = ["BuiltContract", "ContractsBuilder", "builders", "part"]


@dataclass(frozen=True)
class BuiltContract:
    """A contract as a client knows it."""

    id: str
    number: str
    customer: str


def part(name: str = "All", planned_on: str | None = "2026-02-01", **more: Any) -> dict[str, Any]:
    """An input instalment; ``more`` by GraphQL names: ``amount``, ``percent``, ``trigger``, ``days``."""
    return {"name": name, **({"plannedOn": planned_on} if planned_on else {}), **more}


class ContractsBuilder:
    """Makes contracts through GraphQL, with a customer where none is named."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._numbers = count(1)
        self._usual: set[str] = set()

    def write(
        self,
        *,
        amount: str | None = "1000",
        instalments: list[dict[str, Any]] | None = None,
        customer: str | None = None,
        currency: str = "EUR",
        **more: Any,
    ) -> Answer:
        """Ask for an unsigned contract: of this amount, with this plan."""
        more.setdefault("reference", f"PAPER-{next(self._numbers)}")
        more.setdefault("title", "Something")
        given = {"customer": {"code": customer or self._customer()}, "currency": currency, **more}
        if amount is not None:
            given["amount"] = {"amount": amount, "currency": currency}
        return self._shop.mutate("contractCreate", input={**given, "instalments": instalments or []})

    def written(self, **more: Any) -> BuiltContract:
        """An unsigned contract; arguments as of ``write``."""
        found = self.write(**more)["contract"]
        return BuiltContract(found["id"], found["number"], more.get("customer") or self._customer())

    def sign(self, contract: BuiltContract, **more: Any) -> Answer:
        """Ask for its signature."""
        more = {"signedBy": "Li Wei", "signedForUs": "Ann Lee", **more}
        return self._shop.mutate("contractSign", id=contract.id, **more)

    def signed(self, **more: Any) -> BuiltContract:
        """A signed contract; arguments as of ``write``."""
        contract = self.written(**more)
        self.sign(contract)["contract"]
        return contract

    def plan(self, order: Any, *instalments: dict[str, Any], **more: Any) -> Answer:
        """Ask for the collection plan of an order that belongs to no contract; ``more``: ``advance``, a term's code."""
        if isinstance(more.get("advance"), str):
            more["advance"] = {"code": more["advance"]}
        return self._shop.mutate("contractOrderPlan", order={"id": order.id}, instalments=list(instalments), **more)

    def advance_term(self, *lines: dict[str, Any], code: str = "HALF") -> str:
        """An advance-payment term of these lines, or of a deposit of half that shipping waits for."""
        usual = {"name": "Deposit", "percent": "50", "blocksShipping": True}
        given = {"code": code, "name": code, "lines": list(lines) or [usual]}
        self._shop.mutate("contractAdvanceTermSet", input=given)["contractAdvanceTerm"]
        return code

    def frame(self, amount: str | None = "1000", **caps: str) -> BuiltContract:
        """A signed framework; ``caps`` by sku."""
        items = [{"sku": sku, "cap": cap} for sku, cap in caps.items()]
        return self.signed(amount=amount, kind="FRAMEWORK", billedBy="ORDERS", items=items)

    def amend(self, contract: BuiltContract, **more: Any) -> Answer:
        """Ask for an amendment."""
        given = {"reason": "agreed anew", "signedBy": "Li Wei", **more}
        return self._shop.mutate("contractAmend", id=contract.id, input=given)

    def example(self) -> BuiltContract:
        """A signed contract with everything that a contract can have, and an amendment."""
        contract = self.written(
            instalments=[
                part("Deposit", percent="30", kind="DEPOSIT", blocksShipping=True),
                part("Delivered", None, percent="60", trigger="MILESTONE", days=10),
                part("Retention", None, kind="RETENTION", days=365),
            ],
            parties=[{"name": "Harbour Bank", "role": "GUARANTOR"}],
            tasks=["Drawings approved", "Site ready"],
            fulfilBy="2026-06-30",
        )
        self._shop.mutate(
            "contractDocumentAdd",
            contract={"id": contract.id},
            name="contract.txt",
            mediaType="text/plain",
            content="d2hhdCB3YXMgYWdyZWVk",
        )["contractDocument"]
        self.sign(contract)["contract"]
        self._shop.mutate("contractTaskDone", contract={"id": contract.id}, position=1)["contract"]
        self.amend(contract, update=[{"sequence": 1, "plannedOn": "2026-02-15"}])["contract"]
        self.advance_term(code="EXAMPLE")
        return contract

    def _customer(self) -> str:
        code = "CONTRACTS-USUAL"
        if code not in self._usual:
            self._shop.mutate("customerCreate", input={"code": code, "name": "Usual"})
            self._usual.add(code)
        return code


builders = {"contracts": ContractsBuilder}
