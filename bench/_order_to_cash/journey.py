"""One order from its creation to the money, each step a command of its own with its own transaction."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from bench._order_to_cash.site import LINES
from huikuan.kernel import Kernel

__all__ = ["STEPS", "Clerk"]

STEPS = ("create", "confirm", "ship", "invoice", "pay")
T = TypeVar("T")
Values = dict[str, object]


@dataclass(slots=True)
class Clerk:
    """Who does everything, admitted anew for each command as a request is; ``mark`` makes keys that nobody else has."""

    kernel: Kernel
    authorization: str
    mark: str
    tell: Callable[[str], None] = lambda command: None
    """Called with the name of each command that is about to run."""
    taken: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    count: int = 0

    def sell(self, customer: str) -> None:
        """An order of ten lines: created, confirmed, planned and shipped, drafted and posted, paid and allocated."""
        order = self._step("create", lambda: self.create(customer))
        self._step("confirm", lambda: self.run("order_confirm", id=order))
        self._step("ship", lambda: self._ship(order))
        invoice = self._step("invoice", lambda: self._invoice(order))
        self._step("pay", lambda: self._pay(customer, invoice))

    def create(self, customer: str) -> object:
        """A draft; the prices are the list's."""
        lines = [{"sku": f"P-{place}", "quantity": Decimal(2)} for place in range(LINES)]
        return self.run("order_create", input={"customer": {"code": customer}, "lines": lines})["order"]

    def run(self, command: str, /, **arguments: object) -> Values:
        """A command that must pass."""
        self.count += 1
        self.tell(command)
        scope = self.kernel.admit(self.authorization, request_id="bench")
        result = self.kernel.run(scope, command, arguments, key=f"{self.mark}-{self.count}")
        assert result.done, (command, result.refusals)
        return dict(result.values)

    def _ship(self, order: object) -> None:
        shipment = self.run("shipment_create_for_order", order={"id": order})["shipment"]
        self.run("shipment_ship", id=shipment)

    def _invoice(self, order: object) -> object:
        invoice = self.run("invoice_from_order", order={"id": order})["invoice"]
        self.run("invoice_post", id=invoice)
        return invoice

    def _pay(self, customer: str, invoice: object) -> None:
        given = {
            "customer": {"code": customer},
            "amount": {"amount": "300.00", "currency": "EUR"},
            "reference": f"{self.mark}-{self.count}",
            "allocations": [{"invoice": {"id": invoice}}],
        }
        self.run("payment_record", input=given)

    def _step(self, name: str, step: Callable[[], T]) -> T:
        started = time.perf_counter()
        result = step()
        self.taken[name].append(time.perf_counter() - started)
        return result
