"""All modules at once and a partner's that fails, in random order as days pass: every invariant after each step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st

from huikuan import Level, Refusal
from huikuan.actor import Actor, ActorKind
from huikuan.catalog import ModuleCatalog
from huikuan.core.models import Hold, HoldStatus
from huikuan.errors import BadInput, HookError
from huikuan.ids import new_id
from huikuan.runner import CommandResult
from huikuan.testing.sequences import initialize, rule
from huikuan.testing.shop import Shop
from huikuan_contracts.models import Contract, ContractInstalment
from huikuan_invoicing.models import Invoice
from huikuan_invoicing.snapshots import InvoiceStatus
from huikuan_orders.models import Order
from huikuan_receivables.models import Allocation, Dispute, Payment, PaymentPromise, ReceivableItem
from huikuan_receivables.snapshots import DisputeState, PaymentStatus
from modules.inventory.tests.test_sequences import PRODUCTS, amounts, picks, run
from tests.test_goods_invoiced import InvoicedGoods
from tests.test_subsets import OURS

PARTNER = "acme_fault"
FAULTS = ("orders_confirm_locks", "orders_before_confirm", "orders_after_confirm")
CUSTOMER = {"code": "C"}
FIRST = date(2026, 1, 5)
REFUSED = CommandResult("REFUSED", {})
cents = st.integers(1, 6_000).map(lambda cents: Decimal(cents) / 100)
decisions = st.sampled_from(["hold_release", "hold_reject", "hold_recheck"])


def euros(amount: Decimal) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


class WholeShop(InvoicedGoods):
    """Goods and invoices as before; and limits, approvals, contracts, payments, reminders and a partner who fails."""

    modules = (*sorted(OURS), PARTNER)
    behaviour: dict[str, Callable[..., Any]]

    def __init__(self) -> None:
        super().__init__()
        other = Actor(ActorKind.USER, new_id(), "chief", all_permissions=True)
        self.chief = Shop(self.tenant.kernel, self.tenant.tenant, self.tenant.clock, other)
        self.papers = count(1)

    @initialize(limit=st.sampled_from([None, 20, 60]), apply=st.sampled_from(["OLDEST", "NONE"]))
    def trust(self, limit: int | None, apply: str) -> None:
        self.tenant.set("receivables.apply", apply)
        self.do("customer_create", input={**CUSTOMER, "name": "Buyer", "currency": "EUR"})
        if limit is not None:
            self.do("credit_limit_set", customer=CUSTOMER, amount=euros(Decimal(limit)), reason="new")
        levels = [{"name": f"L{days}", "days": days, "blocks_orders": days > 1} for days in (1, 5)]
        self.do("dunning_policy_create", input={"code": "P", "name": "P", "levels": levels})
        self.do("dunning_assign", policy={"code": "P"})

    @initialize()
    def stock_up(self) -> None:
        for sku in PRODUCTS:
            self.receive(sku, 12)

    def do(self, command: str, **arguments: Any) -> CommandResult:
        """What cannot be meant and what the partner breaks leaves nothing behind; the fault is over afterwards."""
        try:
            return super().do(command, **arguments)
        except (BadInput, HookError):
            return REFUSED
        finally:
            self.behaviour.clear()

    # --- the partner ---------------------------------------------------------------------------

    @rule(weight=2, pick=picks, hook=st.sampled_from(FAULTS))
    def partner_fails(self, pick: int, hook: str) -> None:
        def crash(*_: Any) -> None:
            raise OSError("in the middle")

        self.behaviour[hook] = crash
        self.confirm_again(pick)

    @rule(pick=picks)
    def partner_says_no(self, pick: int) -> None:
        no = self.tenant.scope.composition.codes["ACME_FAULT_NO"][0]
        self.behaviour["orders_before_confirm"] = lambda *_: Refusal(no, "Not now.", level=Level.APPROVE)
        self.confirm_again(pick)

    def confirm_again(self, pick: int) -> None:
        id = self.one(Order, pick)
        if id is not None:
            self.do("order_confirm", id=id)

    # --- trust ---------------------------------------------------------------------------------

    @rule(amount=st.sampled_from([0, 30, 90]))
    def limit(self, amount: int) -> None:
        self.do("credit_limit_set", customer=CUSTOMER, amount=euros(Decimal(amount)), reason="reviewed")

    @rule(weight=2, pick=picks, how=decisions)
    def decide_hold(self, pick: int, how: str) -> None:
        id = self.one(Hold, pick, Hold.status == HoldStatus.OPEN)
        if id is not None:
            more = {} if how == "hold_recheck" else {"reason": "so be it"}
            self.chief.run(how, id=id, **more)

    @rule(by_orders=st.booleans(), cap=amounts)
    def agree_contract(self, by_orders: bool, cap: int) -> None:
        parts = [
            {"name": "a", "percent": Decimal(40), "kind": "DEPOSIT", "planned_on": FIRST},
            {"name": "b", "trigger": "MILESTONE", "days": 3},
        ]
        given: dict[str, Any] = {
            "reference": f"P-{next(self.papers)}",
            "title": "Agreed",
            "customer": CUSTOMER,
            "kind": "FRAMEWORK" if by_orders else "PROJECT",
            "billed_by": "ORDERS" if by_orders else "PLAN",
            "amount": euros(Decimal(50)),
            "instalments": parts,
        }
        if by_orders:
            given["items"] = [{"sku": "A", "cap": Decimal(cap), "unit_price": Decimal(3)}]
        made = self.do("contract_create", input=given)
        if made.done:
            self.do("contract_sign", id=UUID(made.values["contract"]), signed_by="L", signed_for_us="A")

    @rule(weight=2, pick=picks, quantity=amounts)
    def call_off(self, pick: int, quantity: int) -> None:
        id = self.one(Contract, pick)
        if id is not None:
            lines = [{"sku": "A", "quantity": Decimal(quantity)}]
            self.do("contract_call_off", id=id, input={"reference": f"R-{next(self.papers)}", "lines": lines})

    @rule(pick=picks, how=st.sampled_from(["contract_milestone_reach", "contract_instalment_invoice"]))
    def collect_instalment(self, pick: int, how: str) -> None:
        id = self.one(ContractInstalment, pick)
        if id is not None:
            self.do(how, id=id)

    # --- money ---------------------------------------------------------------------------------

    @rule(weight=4, amount=cents, pick=st.none() | picks)
    def pay(self, amount: Decimal, pick: int | None) -> None:
        given: dict[str, Any] = {"customer": CUSTOMER, "amount": euros(amount), "reference": f"B-{next(self.papers)}"}
        named = None if pick is None else self.one(Invoice, pick, Invoice.status == InvoiceStatus.POSTED)
        if named is not None:
            given["allocations"] = [{"invoice": {"id": named}}]
        self.do("payment_record", input=given)

    @rule(weight=2, pick=picks, how=st.sampled_from(["payment_bounce", "payment_auto_apply"]))
    def think_again(self, pick: int, how: str) -> None:
        id = self.one(Payment, pick, Payment.status == PaymentStatus.SUCCEEDED)
        if id is not None:
            more = {"reason": "no funds"} if how == "payment_bounce" else {}
            self.do(how, id=id, **more)

    @rule(weight=2, pick=picks)
    def undo(self, pick: int) -> None:
        id = self.one(Allocation, pick, Allocation.reverses_id.is_(None))
        if id is not None:
            self.do("allocation_undo", id=id, reason="a mistake")

    @rule(pick=picks)
    def dispute(self, pick: int) -> None:
        id = self.one(ReceivableItem, pick)
        if id is not None:
            self.do("dispute_open", item=id, reason="PRICE")

    @rule(pick=picks, outcome=st.sampled_from(["JUSTIFIED", "REJECTED"]))
    def settle(self, pick: int, outcome: str) -> None:
        id = self.one(Dispute, pick, Dispute.state == DisputeState.OPEN)
        if id is not None:
            self.do("dispute_settle", id=id, outcome=outcome, reason="so it is")

    @rule(pick=picks, days=st.integers(0, 4))
    def promise(self, pick: int, days: int) -> None:
        id = self.one(ReceivableItem, pick)
        if id is not None:
            with self.tenant.reading() as ctx:
                until = ctx.today + timedelta(days=days)
            self.do("promise_make", item=id, promised_on=until)

    @rule(pick=picks)
    def withdraw(self, pick: int) -> None:
        id = self.one(PaymentPromise, pick)
        if id is not None:
            self.do("promise_withdraw", id=id, reason="so they say")

    @rule(weight=2, days=st.integers(1, 8))
    def time_passes(self, days: int) -> None:
        self.tenant.pass_time(days=days)
        self.tenant.work()

    @rule()
    def remind(self) -> None:
        run = self.do("dunning_run_preview")
        if run.done:
            self.do("dunning_run_approve", id=UUID(run.values["dunning_run"]))
            self.tenant.work()


@pytest.fixture
def street(
    app_with: Callable[..., Shop], with_partner: ModuleCatalog, behaviour: dict[str, Callable[..., Any]]
) -> tuple[Shop, type[WholeShop]]:
    """A shop on whose database each sequence has a tenant of its own, and the machine with the partner's hands."""
    return app_with(catalog=with_partner), type("WholeShopOfThis", (WholeShop,), {"behaviour": behaviour})


def test_any_sequence_of_commands_keeps_every_invariant(street: tuple[Shop, type[WholeShop]]) -> None:
    shop, machine = street
    run(shop, 5, 20, machine)


@pytest.mark.soak
def test_5000_sequences_of_commands_keep_every_invariant(street: tuple[Shop, type[WholeShop]]) -> None:
    """On each of the two databases: 10,000."""
    shop, machine = street
    run(shop, 5_000, 8, machine)
