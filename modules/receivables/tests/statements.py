"""A bank for tests: its statements, and what became of their lines."""

from __future__ import annotations

import base64
from itertools import count
from typing import Any

from huikuan.testing.shop import Answer, Shop
from modules.receivables.tests.reading import payment_of

__all__ = ["Bank", "only_match", "open_of", "paid", "status_of"]

HEADER = "on,amount,currency,text,reference,remittance,payer_name,payer_account,rate"
MATCHES = """id kind status rule score reason automatic rest undoReason customer { code }
             refund { id amount { amount } } bounce { kind on }
             payment { id number status unapplied { amount } } dispute { state amount { amount } }
             parts { amount { amount currency } item { id invoice { number } sequence } }"""


class Bank:
    """An account of the company."""

    def __init__(self, shop: Shop, code: str = "MAIN", mapping: str | None = None) -> None:
        self.shop = shop
        self.code = code
        self._files = count(1)
        given = {"code": code, "name": "Main account", "currency": "EUR", "mapping": mapping}
        self.id = shop.mutate("bankSourceCreate", input=given)["bankSource"]["id"]

    def send(self, content: str | bytes, name: str | None = None) -> Answer:
        """Send a file."""
        data = content.encode() if isinstance(content, str) else content
        return self.shop.mutate(
            "bankFileImport",
            source={"code": self.code},
            name=name or f"statement-{next(self._files)}.csv",
            content=base64.b64encode(data).decode(),
            select="file { id sha256 name } read created unchanged problems { row column code message }",
        )

    def comes(self, amount: str, text: str = "", *, on: str = "2026-01-05", currency: str = "EUR", **more: str) -> str:
        """A line comes in; returns its id."""
        cells = {"on": on, "amount": amount, "currency": currency, "text": f'"{text}"', **more}
        row = ",".join(cells.get(name, "") for name in HEADER.split(","))
        before = {line["id"] for line in self.lines()}
        assert self.send(f"{HEADER}\n{row}\n")["created"] == 1
        [new] = [line["id"] for line in self.lines() if line["id"] not in before]
        return str(new)

    def lines(self, where: str = "") -> list[dict[str, Any]]:
        """All lines, the oldest first."""
        found = self.shop.query(
            f"{{ bankLines(first: 500{where}) {{ nodes {{ id on text status note raw: row amount {{ amount currency }} "
            f"matches {{ {MATCHES} }} }} }} }}"
        )
        nodes: list[dict[str, Any]] = found["bankLines"]["nodes"]
        return nodes

    def line(self, id: str) -> dict[str, Any]:
        """A line with its matches."""
        [found] = [line for line in self.lines() if line["id"] == id]
        return found

    def run(self, **arguments: Any) -> dict[str, int]:
        """Run the matching; how many lines were tried, posted, proposed, not matched and changed meanwhile."""
        counts = "tried posted proposed unmatched changed"
        answer = self.shop.mutate("bankMatchRun", select=counts, **arguments)
        return {name: answer[name] for name in counts.split()}

    def undo(self, match: dict[str, Any], reason: str = "wrong customer") -> Answer:
        """Take a match back."""
        return self.shop.mutate("bankMatchUndo", id=match["id"], reason=reason, select=f"bankMatch {{ {MATCHES} }}")

    def reject(self, match: dict[str, Any]) -> Answer:
        """Say that a proposal is wrong."""
        return self.shop.mutate("bankMatchReject", id=match["id"], select=f"bankMatch {{ {MATCHES} }}")

    def choose(self, line: str, **what: Any) -> Answer:
        """Post a line as somebody chooses."""
        return self.shop.mutate("bankMatchPost", line=line, select=f"bankMatch {{ {MATCHES} }}", **what)

    def ignore(self, line: str, ignored: bool = True, note: str | None = None) -> Answer:
        """Ignore a line, or no longer."""
        return self.shop.mutate(
            "bankLineIgnore", id=line, ignored=ignored, note=note, select="bankLine { status note }"
        )

    def confirm(self, match: dict[str, Any], **more: Any) -> Answer:
        """Post a proposal."""
        return self.shop.mutate("bankMatchConfirm", id=match["id"], select=f"bankMatch {{ {MATCHES} }}", **more)


def open_of(shop: Shop, number: str | None) -> str:
    """What is open of an invoice."""
    found = shop.query(f'{{ invoice(number: "{number}") {{ open {{ amount }} }} }}')
    return str(found["invoice"]["open"]["amount"])


def only_match(bank: Bank, line: str) -> dict[str, Any]:
    """The only match of a line."""
    [match] = bank.line(line)["matches"]
    return dict(match)


def paid(shop: Shop, amount: str = "100") -> tuple[str, str]:
    """An invoice that was paid: its number, and the payment's id."""
    invoice = shop.invoicing.posted(total=amount, customer="C")
    return str(invoice.number), shop.receivables.pay(amount, settle=[invoice])


def status_of(shop: Shop, payment: str) -> str:
    """How far a payment has come."""
    return str(payment_of(shop, payment)["status"])
