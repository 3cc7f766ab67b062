"""After any sequence of commands: every invariant holds, and nothing passed above its limit without approval."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huikuan.catalog import ModuleCatalog
from huikuan.errors import HuikuanError
from huikuan.testing.shop import Shop, need

MODULES = ("credit", "orders", "inventory", "invoicing")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["draft", "confirm", "confirm", "amend", "cancel", "close", "reopen", "ship", "invoice",
                         "credit", "limit", "deposit", "return", "work"]),
        st.integers(0, 7),
        st.integers(1, 9),
    ),
    min_size=6,
    max_size=24,
)  # fmt: skip


class Actor:
    """Does whatever the sequence says, as far as the rules let it."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.orders: list[UUID] = []
        self.shipments: list[UUID] = []
        self.invoices: list[UUID] = []

    def run(self, command: str, **arguments: Any) -> Any:
        try:
            return self.shop.run(command, **arguments)
        except HuikuanError:
            return None

    def step(self, what: str, which: int, number: int) -> None:
        if what == "draft" or not self.orders:
            self.draft(number)
        else:
            getattr(self, what)(self.orders[which % len(self.orders)], number)

    def draft(self, number: int) -> None:
        lines = [{"sku": "A", "quantity": Decimal(number)}, {"description": "Work", "quantity": Decimal(1),
                 "unit_price": Decimal("33.33")}]  # fmt: skip
        result = self.run("order_create", input={"customer": {"code": "C-1"}, "currency": "EUR", "lines": lines})
        self.orders.append(UUID(result.values["order"]))

    def confirm(self, id: UUID, number: int) -> None:
        self.run("order_confirm", id=id)

    def amend(self, id: UUID, number: int) -> None:
        update = [{"position": 1, "quantity": Decimal(number)}]
        self.run("order_amend", id=id, input={"reason": "so", "update": update})

    def cancel(self, id: UUID, number: int) -> None:
        self.run("order_cancel", id=id, reason="so")

    def close(self, id: UUID, number: int) -> None:
        self.run("order_close", id=id, reason="so")

    def reopen(self, id: UUID, number: int) -> None:
        self.run("order_reopen", id=id)

    def ship(self, id: UUID, number: int) -> None:
        planned = self.run("shipment_create_for_order", order={"id": id})
        if planned is not None and planned.done:
            shipment = UUID(planned.values["shipment"])
            shipped = self.run("shipment_ship", id=shipment)
            if shipped is not None and shipped.done:
                self.shipments.append(shipment)

    def invoice(self, id: UUID, number: int) -> None:
        lines = [{"position": 1, "quantity": Decimal(number)}] if number % 2 else None
        drafted = self.run("invoice_from_order", order={"id": id}, lines=lines)
        if drafted is not None and drafted.done:
            invoice = UUID(drafted.values["invoice"])
            self.run("invoice_post", id=invoice)
            self.invoices.append(invoice)

    def credit(self, id: UUID, number: int) -> None:
        if self.invoices:
            aftermath = "IGNORE" if number % 2 else "REBILL"
            which = self.invoices[number % len(self.invoices)]
            self.run("invoice_credit", id=which, reason="so", aftermath=aftermath)

    def deposit(self, id: UUID, number: int) -> None:
        self.run("invoice_deposit", order={"id": id}, percent=Decimal(number))

    def limit(self, id: UUID, number: int) -> None:
        money = {"amount": Decimal(number * 40), "currency": "EUR"}
        self.run("credit_limit_set", customer={"code": "C-1"}, amount=money, reason="so")

    def work(self, id: UUID, number: int) -> None:
        self.shop.work()

    def __getattr__(self, name: str) -> Any:
        if name == "return":
            return self.bring_back
        raise AttributeError(name)

    def bring_back(self, id: UUID, number: int) -> None:
        if self.shipments:
            lines = [{"position": 1, "quantity": Decimal(number)}]
            which = self.shipments[number % len(self.shipments)]
            self.run("stock_return", shipment={"id": which}, reason="so", lines=lines)


def _try(base: Shop, steps: list[tuple[str, int, int]], number: int) -> None:
    shop = base.other_tenant(*MODULES, slug=f"sequence-{number}")
    shop.customers.create("C-1", currency="EUR")
    shop.inventory.receive("A", "60", price="10")
    shop.credit.limit("C-1", "300")
    actor = Actor(shop)
    for what, which, amount in steps:
        actor.step(what, which, amount)
    shop.work()
    assert shop.check() == [], steps


@pytest.mark.parametrize(
    "examples", [pytest.param(8, id="short"), pytest.param(400, id="long", marks=pytest.mark.soak)]
)
def test_any_sequence_of_commands_keeps_every_invariant(
    app_with: Callable[..., Shop], installed_modules: ModuleCatalog, examples: int
) -> None:
    need(installed_modules, *MODULES)
    numbers, base = count(1), app_with(*MODULES)

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        derandomize=True,
        database=None,
    )
    @given(STEPS)
    def sequence(steps: list[tuple[str, int, int]]) -> None:
        _try(base, steps, next(numbers))

    sequence()
