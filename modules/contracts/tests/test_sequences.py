"""Whatever happens in whatever order: after each step every invariant holds, and nothing is over a cap."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from sqlalchemy import select

from huikuan.catalog import ModuleCatalog
from huikuan.errors import BadInput
from huikuan.runner import CommandResult
from huikuan.testing.sequences import Machine, invariant, rule, run_sequences
from huikuan.testing.shop import Shop, need
from huikuan_contracts.models import CallOff, Contract, ContractInstalment, ContractItem
from huikuan_contracts.snapshots import CallOffState

picks = st.integers(0, 1_000)
amounts = st.integers(1, 400).map(Decimal)
quantities = st.integers(1, 12).map(Decimal)
days = st.integers(0, 40)
_tenants = count(1)
FIRST = date(2026, 1, 5)


class Agreements(Machine):
    """One tenant's contracts. What commands refuse is no fault; what they leave behind may not be one."""

    shop: Shop

    def __init__(self) -> None:
        self.tenant = self.shop.other_tenant("contracts", "invoicing", "orders", slug=f"agreed-{next(_tenants)}")
        self.references = count(1)
        self.billed: dict[UUID, Decimal] = {}
        self.original: dict[UUID, date | None] = {}
        self.do("customer_create", input={"code": "C", "name": "Buyer", "currency": "EUR"})
        self.do("product_create", sku="A", name="A")
        self.write("ORDERS", Decimal(300), Decimal(20))
        self.write("PLAN", Decimal(500), None)

    def teardown(self) -> None:
        self.tenant.suspend()

    def do(self, command: str, **arguments: Any) -> CommandResult:
        return self.tenant.run(command, **arguments)

    def amended(self, pick: int, **given: Any) -> None:
        """Amend one, which may not have the parts or the items named: that is bad input, and changes nothing."""
        with suppress(BadInput):
            self.do("contract_amend", id=self.one(Contract, pick), input={"reason": "so", **given})

    def one(self, model: Any, pick: int, *where: Any) -> UUID | None:
        """One of the rows that there are."""
        with self.tenant.reading() as ctx:
            ids = ctx.scalars(select(model.id).where(*where).order_by(model.id))
        return ids[pick % len(ids)] if ids else None

    def write(self, billed_by: str, amount: Decimal, cap: Decimal | None) -> None:
        parts = [
            {"name": "a", "percent": Decimal("33.34"), "planned_on": FIRST},
            {"name": "b", "trigger": "MILESTONE", "days": 5},
            {"name": "c", "kind": "RETENTION", "days": 9},
        ]
        given = {
            "reference": f"P-{next(self.references)}",
            "title": "Agreed",
            "customer": {"code": "C"},
            "kind": "FRAMEWORK" if cap else "PROJECT",
            "billed_by": billed_by,
            "amount": {"amount": str(amount), "currency": "EUR"},
            "instalments": parts,
            "items": [{"sku": "A", "cap": cap, "unit_price": Decimal(10)}] if cap else [],
            "tasks": ["one", "two"],
        }
        assert self.do("contract_create", input=given).done

    @rule(billed_by=st.sampled_from(["PLAN", "ORDERS"]), amount=amounts, cap=st.none() | quantities)
    def agree(self, billed_by: str, amount: Decimal, cap: Decimal | None) -> None:
        self.write(billed_by, amount, cap)

    @rule(weight=3, pick=picks)
    def sign(self, pick: int) -> None:
        id = self.one(Contract, pick)
        self.do("contract_sign", id=id, signed_by="L", signed_for_us="A")

    @rule(pick=picks, amount=st.none() | amounts, cap=st.none() | quantities, later=days, part=st.integers(1, 4))
    def amend(self, pick: int, amount: Decimal | None, cap: Decimal | None, later: int, part: int) -> None:
        more: dict[str, Any] = {"amount": amount} if amount else {}
        if cap:
            more["items"] = [{"sku": "A", "cap": cap, "unit_price": Decimal(10)}]
        change = {"sequence": part, "planned_on": FIRST + timedelta(days=later)}
        self.amended(pick, signed_by="L", update=[change], **more)

    @rule(pick=picks, part=st.integers(1, 5), share=st.booleans())
    def replan(self, pick: int, part: int, share: bool) -> None:
        new = {"name": "new", "planned_on": FIRST, **({} if share else {"percent": Decimal(10)})}
        self.amended(pick, signed_by="L", drop=[part], add=[new])

    @rule(pick=picks)
    def reach(self, pick: int) -> None:
        id = self.one(ContractInstalment, pick)
        self.do("contract_milestone_reach", id=id)

    @rule(pick=picks, what=st.sampled_from(["contract_accept", "contract_cancel"]))
    def progress(self, pick: int, what: str) -> None:
        more = {"reason": "so it goes"} if what == "contract_cancel" else {}
        self.do(what, id=self.one(Contract, pick), **more)

    @rule(weight=2, pick=picks)
    def invoice(self, pick: int) -> None:
        id = self.one(ContractInstalment, pick)
        result = self.do("contract_instalment_invoice", id=id)
        if result.done and id is not None:
            with self.tenant.reading() as ctx:
                self.billed.setdefault(id, ctx.get(ContractInstalment, id).amount.amount)

    @rule(weight=4, pick=picks, quantity=quantities)
    def call_off(self, pick: int, quantity: Decimal) -> None:
        line = {"sku": "A", "quantity": quantity}
        given = {"reference": f"R-{next(self.references)}", "lines": [line]}
        self.do("contract_call_off", id=self.one(Contract, pick), input=given)

    @rule(weight=3, pick=picks, what=st.sampled_from(["confirm", "cancel", "close", "reopen"]))
    def order(self, pick: int, what: str) -> None:
        order = self.source(pick)
        if order is not None:
            more = {} if what == "confirm" else {"reason": "so it goes"}
            self.do(f"order_{what}", id=order, **more)

    @rule(pick=picks, quantity=quantities, binding=st.booleans())
    def change(self, pick: int, quantity: Decimal, binding: bool) -> None:
        order = self.source(pick)
        if order is not None:
            given: dict[str, Any] = {"update": [{"position": 1, "quantity": quantity}]}
            if binding:
                self.do("order_amend", id=order, input={"reason": "other", **given})
            else:
                self.do("order_change", id=order, input=given)

    @rule(quantity=quantities, percent=st.sampled_from([Decimal(10), Decimal("33.34"), Decimal(80)]), fixed=amounts)
    def plan_an_order(self, quantity: Decimal, percent: Decimal, fixed: Decimal) -> None:
        line = {"sku": "A", "quantity": quantity, "unit_price": Decimal(10)}
        order = self.do("order_create", input={"customer": {"code": "C"}, "lines": [line]}).values["order"]
        parts: list[dict[str, Any]] = [
            {"name": "a", "kind": "DEPOSIT", "percent": percent, "days": 3, "blocks_supply": True},
            {"name": "b", "kind": "DEPOSIT", "amount": fixed},
            {"name": "c", "trigger": "MILESTONE"},
        ]
        self.do("contract_order_plan", order={"id": order}, instalments=parts)

    @rule(pick=picks)
    def bill_an_order(self, pick: int) -> None:
        order = self.source(pick)
        drafted = self.do("invoice_from_order", order={"id": order}) if order is not None else None
        if drafted is not None and drafted.done:
            self.do("invoice_post", id=drafted.values["invoice"])

    def source(self, pick: int) -> UUID | None:
        """The order of one of the call-offs."""
        id = self.one(CallOff, pick)
        if id is None:
            return None
        with self.tenant.reading() as ctx:
            return ctx.get(CallOff, id).source_id

    @rule(by=st.integers(1, 20))
    def time_passes(self, by: int) -> None:
        self.tenant.pass_time(days=by)
        self.tenant.work()

    @invariant()
    def everything_holds(self) -> None:
        assert not self.tenant.check()
        with self.tenant.reading() as ctx:
            parts = {part.id: part for part in ctx.scalars(select(ContractInstalment))}
            used = ctx.scalars(select(CallOff).where(CallOff.status == CallOffState.OPEN))
            contracts = {it.id: it for it in ctx.scalars(select(Contract))}
            items = ctx.scalars(select(ContractItem))
        assert all(parts[id].amount.amount == amount for id, amount in self.billed.items()), "billed, then changed"
        for part in parts.values():
            first = self.original.setdefault(part.id, part.original_on)
            assert first in (None, part.original_on), "the day planned first is kept"
            self.original[part.id] = part.original_on
        for contract in contracts.values():
            mine = sum((it.amount.amount for it in used if it.contract_id == contract.id), Decimal(0))
            assert contract.amount is None or mine <= contract.amount.amount
        assert all(it.cap is None or it.consumed <= it.cap for it in items)


def run(shop: Shop, sequences: int, steps: int) -> None:
    machine = type("AgreementsOfThisShop", (Agreements,), {"shop": shop})
    run_sequences(machine, sequences, steps)


@pytest.fixture
def neighbours(app_with: Callable[..., Shop], installed_modules: ModuleCatalog) -> Shop:
    """A shop on whose database each sequence has a tenant of its own."""
    need(installed_modules, "invoicing", "orders")
    return app_with()


def test_any_sequence_of_commands_keeps_the_books_true(neighbours: Shop) -> None:
    run(neighbours, 6, 15)


@pytest.mark.soak
def test_1000_sequences_of_commands_keep_the_books_true(neighbours: Shop) -> None:
    run(neighbours, 1_000, 15)
