"""Builders of payments and reminders for tests: ``shop.receivables.pay("100")``, ``shop.dunning.run()``."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huikuan.testing.shop import Answer, Shop

__all__ = ["DunningBuilder", "ReceivablesBuilder", "builders"]


class ReceivablesBuilder:
    """Makes payments through GraphQL."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._references = 0

    def record(
        self,
        amount: str,
        *,
        customer: str = "C",
        currency: str = "EUR",
        settle: list[Any] | None = None,
        select: str = "",
        **more: Any,
    ) -> Answer:
        """Ask for the record of a payment; ``settle``: invoices as built, or inputs of allocations."""
        if "reference" not in more:
            self._references += 1
            more["reference"] = f"bank-{self._references}"
        if settle is not None:
            more["allocations"] = [it if isinstance(it, dict) else {"invoice": {"id": it.id}} for it in settle]
        given = {"customer": {"code": customer}, "amount": {"amount": amount, "currency": currency}, **more}
        return self._shop.mutate("paymentRecord", input=given, select=select)

    def pay(self, amount: str, **more: Any) -> str:
        """A payment that came; arguments as of ``record``. Returns its id."""
        found: str = self.record(amount, **more)["payment"]["id"]
        return found

    def statement(self, *lines: tuple[str, str], source: str = "BANK", on: str = "2026-01-05") -> None:
        """A statement comes in: an amount and a text for each line. The account is made where there is none."""
        given = {"code": source, "name": "Main account", "currency": "EUR"}
        self._shop.mutate("bankSourceCreate", input=given)["bankSource"]
        self._references += 1
        rows = [f'{on},{amount},"{text}",S{self._references}-{place}' for place, (amount, text) in enumerate(lines)]
        content = "\n".join(["on,amount,text,reference", *rows, ""])
        self._shop.mutate(
            "bankFileImport",
            source={"code": source},
            name=f"statement-{self._references}.csv",
            content=base64.b64encode(content.encode()).decode(),
        )["created"]

    def matched(self) -> None:
        """A statement with a line that pays an invoice, and one that nobody knows; both were looked at."""
        invoice = self._shop.invoicing.posted(total="20")
        self.statement(("20.00", f"Payment of {invoice.number}"), ("3.00", "nobody knows"))
        assert self._shop.mutate("bankMatchRun", select="posted")["posted"] == 1

    def example(self) -> None:
        """Some of everything: an invoice paid in part, and a payment with more than it settles."""
        invoice = self._shop.invoicing.posted(total="100")
        self.pay("40", customer="INVOICING-USUAL", settle=[invoice])
        payment = self.pay("30", customer="INVOICING-USUAL", settle=[])
        self._shop.mutate("paymentRefund", id=payment, reason="not ours", amount="5")["refund"]
        self._shop.mutate("provisionRun")["provisionRun"]


class DunningBuilder:
    """Makes dunning policies and runs through GraphQL."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def policy(self, *days: int, code: str = "STD", **more: Any) -> str:
        """A policy for everybody, of levels so many days after the due day; ``more`` goes for the last one."""
        levels: list[dict[str, Any]] = [{"name": f"After {count} days", "days": count} for count in days]
        levels[-1].update(more)
        self._shop.mutate("dunningPolicyCreate", input={"code": code, "name": code, "levels": levels})["dunningPolicy"]
        self._shop.mutate("dunningAssign", policy={"code": code})["dunningAssignment"]
        return code

    def run(self) -> str:
        """Today's run, approved and issued; returns its id."""
        found: str = self._shop.mutate("dunningRunPreview")["dunningRun"]["id"]
        self._shop.mutate("dunningRunApprove", id=found)["dunningRun"]
        self._shop.work()
        return found

    def example(self) -> None:
        """A reminder, and a note of what was said."""
        self.policy(1)
        self._shop.invoicing.posted(total="80")
        self._shop.pass_time(days=2)
        self.run()
        self._shop.mutate(
            "collectionNote",
            customer={"code": "INVOICING-USUAL"},
            channel="PHONE",
            outcome="REACHED",
            text="They pay tomorrow.",
        )["contactNote"]


builders = {"receivables": ReceivablesBuilder, "dunning": DunningBuilder}
