"""Whatever happens in whatever order: after each step every invariant holds, and dunning is what the ledger says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from sqlalchemy import select

from huikuan.runner import CommandResult
from huikuan.testing.sequences import Machine, initialize, invariant, rule, run_sequences
from huikuan.testing.shop import Shop
from huikuan_customers.api import customer_ids
from huikuan_invoicing.models import Invoice
from huikuan_receivables.api import blocks
from huikuan_receivables.commands import judge_overdue
from huikuan_receivables.models import (
    Allocation,
    Dispute,
    DunningStep,
    Payment,
    PaymentPromise,
    ReceivableItem,
)
from huikuan_receivables.planning import next_reminders
from huikuan_receivables.snapshots import BlockKind, DisputeState, PaymentStatus
from huikuan_receivables.worklist import next_actions
from modules.receivables.tests.ledger_says import Shadow, disputed, due, open_by_ledger

CUSTOMERS = ("A", "B")
LEVELS = {1: False, 4: True, 8: True}
"""Days after the due day, and whether the level stops orders."""

customers = st.sampled_from(CUSTOMERS)
amounts = st.sampled_from([Decimal(10), Decimal("33.33"), Decimal(60)])
picks = st.integers(0, 1_000)
ZERO = Decimal(0)
_tenants = count(1)


class Collections(Machine):
    """One tenant. What commands refuse is no fault; what they leave behind may not be one."""

    shop: Shop

    def __init__(self) -> None:
        self.tenant = self.shop.other_tenant("receivables", slug=f"collections-{next(_tenants)}")
        self.references = count(1)
        self.items: dict[UUID, Shadow] = {}

    @initialize(apply=st.sampled_from(["OLDEST", "NONE"]))
    def open(self, apply: str) -> None:
        for code in CUSTOMERS:
            self.do("customer_create", input={"code": code, "name": code, "currency": "EUR"})
        levels = [{"name": f"L{days}", "days": days, "blocks_orders": stops} for days, stops in LEVELS.items()]
        self.do("dunning_policy_create", input={"code": "P", "name": "P", "levels": levels})
        self.do("dunning_assign", policy={"code": "P"})
        self.tenant.set("receivables.apply", apply)
        with self.tenant.reading() as ctx:
            self.ids = customer_ids(ctx, CUSTOMERS)
        for code in CUSTOMERS:
            self.owe(code, Decimal(50))

    def teardown(self) -> None:
        """Each sequence ends with runs that remind of all that is left."""
        if hasattr(self, "ids"):
            for days in (2, 3, 4):
                self.dun(days, 1)
                self.levels_and_blocks_are_what_the_ledger_says()
        self.tenant.suspend()

    def owe(self, code: str, amount: Decimal, sign: int = 1) -> None:
        line = {"description": "x", "unit_price": amount, "quantity": Decimal(sign)}
        draft = self.do("invoice_draft", input={"customer": {"code": code}, "currency": "EUR", "lines": [line]})
        assert self.do("invoice_post", id=UUID(draft.values["invoice"])).done

    def do(self, command: str, **arguments: Any) -> CommandResult:
        return self.tenant.run(command, **arguments)

    def one(self, model: Any, pick: int, *where: Any) -> UUID | None:
        """One of the rows that there are."""
        with self.tenant.reading() as ctx:
            ids = ctx.scalars(select(model.id).where(*where).order_by(model.id))
        return ids[pick % len(ids)] if ids else None

    @property
    def today(self) -> date:
        with self.tenant.reading() as ctx:
            return ctx.today

    # --- what happens --------------------------------------------------------------------------

    @rule(weight=2, code=customers, amount=amounts, sign=st.sampled_from([1, 1, 1, -1]))
    def invoice(self, code: str, amount: Decimal, sign: int) -> None:
        self.owe(code, amount, sign)

    @rule(weight=2, code=customers, amount=amounts)
    def pay(self, code: str, amount: Decimal) -> None:
        money = {"amount": amount, "currency": "EUR"}
        given = {"customer": {"code": code}, "amount": money, "reference": f"R{next(self.references)}"}
        assert self.do("payment_record", input=given).done

    @rule(pick=picks)
    def un_apply(self, pick: int) -> None:
        id = self.one(Allocation, pick, Allocation.reverses_id.is_(None))
        if id is not None:
            self.do("allocation_undo", id=id, reason="a mistake")

    @rule(pick=picks)
    def bounce(self, pick: int) -> None:
        id = self.one(Payment, pick, Payment.status == PaymentStatus.SUCCEEDED)
        if id is not None:
            self.do("payment_bounce", id=id, reason="no funds")

    @rule(pick=picks)
    def credit(self, pick: int) -> None:
        id = self.one(Invoice, pick, Invoice.total_amount > 0)
        if id is not None:
            self.do("invoice_credit", id=id, reason="agreed")

    @rule(pick=picks, part=st.sampled_from([None, Decimal(5)]))
    def dispute(self, pick: int, part: Decimal | None) -> None:
        id = self.one(ReceivableItem, pick)
        if id is not None:
            amount = None if part is None else {"amount": part, "currency": "EUR"}
            self.do("dispute_open", item=id, reason="PRICE", amount=amount)

    @rule(pick=picks, outcome=st.sampled_from(["JUSTIFIED", "REJECTED", "WITHDRAWN"]))
    def settle_dispute(self, pick: int, outcome: str) -> None:
        id = self.one(Dispute, pick, Dispute.state == DisputeState.OPEN)
        if id is not None:
            assert self.do("dispute_settle", id=id, outcome=outcome, reason="so it is").done

    @rule(pick=picks, days=st.integers(0, 5), part=st.sampled_from([None, Decimal(5)]))
    def promise(self, pick: int, days: int, part: Decimal | None) -> None:
        id = self.one(ReceivableItem, pick)
        if id is not None:
            amount = None if part is None else {"amount": part, "currency": "EUR"}
            until = self.today + timedelta(days=days)
            self.do("promise_make", item=id, promised_on=until, amount=amount, tolerance_days=days % 2)

    @rule(pick=picks)
    def withdraw(self, pick: int) -> None:
        id = self.one(PaymentPromise, pick)
        if id is not None:
            assert self.do("promise_withdraw", id=id, reason="so they say").done

    @rule(pick=picks, days=st.integers(0, 6))
    def defer(self, pick: int, days: int) -> None:
        id = self.one(ReceivableItem, pick)
        if id is not None:
            with self.tenant.reading() as ctx:
                due = ctx.get(ReceivableItem, id).due_on
            self.do("deferral_make", item=id, until=due + timedelta(days=days), reason="asked for")

    @rule(weight=2, days=st.integers(1, 6))
    def wait(self, days: int) -> None:
        self.pass_days(days)

    def pass_days(self, days: int) -> None:
        self.tenant.pass_time(days=days)
        with self.tenant.writing() as ctx:
            judge_overdue(ctx, 200)

    @rule(weight=2, days=st.integers(0, 4), issues=st.integers(1, 3))
    def run_dunning(self, days: int, issues: int) -> None:
        self.dun(days, issues)

    def dun(self, days: int, issues: int) -> None:
        """So many days later, what is due is reminded of, once, and nothing else."""
        if days:
            self.pass_days(days)
        expected = self.due()
        run = self.do("dunning_run_preview")
        assert run.done
        id = UUID(run.values["dunning_run"])
        assert self.do("dunning_run_approve", id=id).done
        for _ in range(issues):
            assert self.do("dunning_run_issue", id=id).done
        with self.tenant.reading() as ctx:
            today = ctx.today
            steps = ctx.scalars(select(DunningStep).order_by(DunningStep.item_id, DunningStep.sequence))
        latest = {row.item_id: row for row in steps}
        reminded = {row.item_id for row in steps if row.on == today} - {
            id for id, known in self.items.items() if known.on == today
        }
        assert reminded == expected, "each that is due, and no other"
        for item in reminded:
            known = self.items.setdefault(item, Shadow())
            assert latest[item].level == known.level + 1
            known.level, known.on = known.level + 1, today

    # --- what the ledger says ------------------------------------------------------------------

    def due(self) -> set[UUID]:
        return due(self.tenant, self.items, tuple(LEVELS))

    @invariant()
    def levels_and_blocks_are_what_the_ledger_says(self) -> None:
        assert not self.tenant.check()
        open_, objected = open_by_ledger(self.tenant), disputed(self.tenant)
        stopping = {id for id, known in self.items.items() if known.level and tuple(LEVELS.values())[known.level - 1]}
        expected = {id for id in stopping if open_.get(id, 0) > 0 and id not in objected}
        with self.tenant.reading() as ctx:
            found = blocks(ctx, list(self.ids.values()))
        assert {block.item_id for rows in found.values() for block in rows} == expected
        assert all(block.kind is BlockKind.ORDERS for rows in found.values() for block in rows)

    @invariant()
    def next_action_is_what_the_ledger_says(self) -> None:
        if not hasattr(self, "ids"):
            return
        open_ = open_by_ledger(self.tenant)
        with self.tenant.reading() as ctx:
            rows = ctx.rows(select(ReceivableItem.id, ReceivableItem.customer_id))
            actions, reminders = (
                next_actions(ctx, list(self.ids.values())),
                next_reminders(ctx, list(self.ids.values())),
            )
            today = ctx.today
        owners = {row.id: row.customer_id for row in rows}
        owing = {owners[id] for id, amount in open_.items() if amount > 0}
        due = {owners[id] for id in self.due()}
        for id in self.ids.values():
            assert (id in reminders) <= (id in owing)
            assert (id in due) == (id in reminders and reminders[id][0] <= today)
            if id not in owing:
                assert actions[id].kind.name in ("NOTHING", "CALL")


def run(shop: Shop, sequences: int, steps: int) -> None:
    machine = type("CollectionsOfThisShop", (Collections,), {"shop": shop})
    run_sequences(machine, sequences, steps)


def test_any_sequence_of_commands_keeps_dunning_true(app_with: Callable[..., Shop]) -> None:
    run(app_with(), 6, 15)


@pytest.mark.soak
def test_2000_sequences_of_commands_keep_dunning_true(app_with: Callable[..., Shop]) -> None:
    run(app_with(), 2_000, 15)
