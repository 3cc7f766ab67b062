"""Whatever happens in whatever order: after each step every invariant holds, and dunning is what the ledger says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from huikuan.runner import CommandResult
from huikuan.testing.shop import Shop
from huikuan_customers.api import customer_ids
from huikuan_invoicing.models import Invoice
from huikuan_receivables.api import blocks
from huikuan_receivables.commands import judge_overdue
from huikuan_receivables.models import (
    Allocation,
    Dispute,
    DunningStep,
    ItemBalance,
    Payment,
    PaymentPromise,
    Posting,
    ReceivableItem,
)
from huikuan_receivables.planning import next_reminders
from huikuan_receivables.snapshots import Account, BlockKind, DisputeState, PaymentStatus, PromiseState
from huikuan_receivables.worklist import next_actions

CUSTOMERS = ("A", "B")
LEVELS = ((1, False), (4, True), (8, True))
"""Days after the due day, and whether the level stops orders."""

customers = st.sampled_from(CUSTOMERS)
amounts = st.sampled_from([Decimal(10), Decimal("33.33"), Decimal(60)])
picks = st.integers(0, 1_000)
ZERO = Decimal(0)
_tenants = count(1)


@dataclass
class Shadow:
    """What this test knows of an item without asking dunning."""

    level: int = 0
    on: date | None = None


class Collections(RuleBasedStateMachine):
    """One tenant. What commands refuse is no fault; what they leave behind may not be one."""

    shop: Shop

    def __init__(self) -> None:
        super().__init__()
        self.tenant = self.shop.other_tenant("receivables", slug=f"collections-{next(_tenants)}")
        self.references = count(1)
        self.items: dict[UUID, Shadow] = {}

    @initialize(apply=st.sampled_from(["OLDEST", "NONE"]))
    def open(self, apply: str) -> None:
        for code in CUSTOMERS:
            self.do("customer_create", input={"code": code, "name": code, "currency": "EUR"})
        levels = [{"name": f"L{days}", "days": days, "blocks_orders": stops} for days, stops in LEVELS]
        self.do("dunning_policy_create", input={"code": "P", "name": "P", "levels": levels})
        self.do("dunning_assign", policy={"code": "P"})
        self.tenant.set("receivables.apply", apply)
        with self.tenant.reading() as ctx:
            self.ids = customer_ids(ctx, CUSTOMERS)

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

    @rule(code=customers, amount=amounts, sign=st.sampled_from([1, 1, 1, -1]))
    def invoice(self, code: str, amount: Decimal, sign: int) -> None:
        line = {"description": "x", "unit_price": amount, "quantity": Decimal(sign)}
        draft = self.do("invoice_draft", input={"customer": {"code": code}, "currency": "EUR", "lines": [line]})
        assert self.do("invoice_post", id=UUID(draft.values["invoice"])).done

    @rule(code=customers, amount=amounts)
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

    @rule(days=st.integers(1, 6))
    def pass_days(self, days: int) -> None:
        self.tenant.pass_time(days=days)
        with self.tenant.writing() as ctx:
            judge_overdue(ctx, 200)

    @rule(issues=st.integers(1, 3))
    def run_dunning(self, issues: int) -> None:
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

    def open_by_ledger(self) -> dict[UUID, Decimal]:
        with self.tenant.reading() as ctx:
            rows = ctx.rows(
                select(Posting.item_id, func.sum(Posting.amount).label("open"))
                .where(Posting.account == Account.RECEIVABLE)
                .group_by(Posting.item_id)
            )
        return {row.item_id: row.open for row in rows if row.open}

    def unapplied_by_ledger(self) -> dict[UUID, Decimal]:
        with self.tenant.reading() as ctx:
            rows = ctx.rows(
                select(Posting.customer_id, func.sum(Posting.amount).label("sum"))
                .where(Posting.account == Account.UNAPPLIED)
                .group_by(Posting.customer_id)
            )
        return {row.customer_id: -row.sum for row in rows}

    def disputed(self) -> set[UUID]:
        with self.tenant.reading() as ctx:
            return set(ctx.scalars(select(Dispute.item_id).where(Dispute.state == DisputeState.OPEN)))

    def due(self) -> set[UUID]:
        """What a run of today has to remind of, worked out by hand from postings, promises, disputes and deferrals."""
        open_, money, disputed = self.open_by_ledger(), self.unapplied_by_ledger(), self.disputed()
        with self.tenant.reading() as ctx:
            items = ctx.scalars(select(ReceivableItem))
            chase = {row.item_id: row.chase_on for row in ctx.rows(select(ItemBalance.item_id, ItemBalance.chase_on))}
            standing = ctx.scalars(select(PaymentPromise).where(PaymentPromise.standing))
        promises = {row.item_id: row for row in standing}
        for item in items:
            if open_.get(item.id, ZERO) < 0:
                money[item.customer_id] = money.get(item.customer_id, ZERO) - open_[item.id]
        found = set()
        for item in sorted(items, key=lambda it: (chase[it.id], it.due_on, it.id)):
            left = open_.get(item.id, ZERO)
            if left > 0 and item.id not in disputed:
                used = min(left, money.get(item.customer_id, ZERO))
                money[item.customer_id] = money.get(item.customer_id, ZERO) - used
                if left > used and self.due_by_day(item.id, chase[item.id], promises.get(item.id)):
                    found.add(item.id)
        return found

    def due_by_day(self, id: UUID, chase_on: date, promise: PaymentPromise | None) -> bool:
        """Whether the next level's day has come and no promise stands before it."""
        known, today = self.items.get(id, Shadow()), self.today
        if known.level == len(LEVELS) or known.on == today:
            return False
        day = chase_on + timedelta(days=LEVELS[known.level][0])
        if promise is None:
            return day <= today
        waits = promise.state in (PromiseState.OPEN, PromiseState.PARTLY_KEPT) and today <= promise.until
        broken = promise.state is PromiseState.BROKEN and (known.on is None or known.on <= promise.until)
        return not waits and (day <= today or (broken and promise.until < today))

    @invariant()
    def levels_and_blocks_are_what_the_ledger_says(self) -> None:
        assert not self.tenant.check()
        open_, disputed = self.open_by_ledger(), self.disputed()
        stopping = {id for id, known in self.items.items() if known.level and LEVELS[known.level - 1][1]}
        expected = {id for id in stopping if open_.get(id, 0) > 0 and id not in disputed}
        with self.tenant.reading() as ctx:
            found = blocks(ctx, list(self.ids.values()))
        assert {block.item_id for rows in found.values() for block in rows} == expected
        assert all(block.kind is BlockKind.ORDERS for rows in found.values() for block in rows)

    @invariant()
    def next_action_is_what_the_ledger_says(self) -> None:
        if not hasattr(self, "ids"):
            return
        open_ = self.open_by_ledger()
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
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_sequence_of_commands_keeps_dunning_true(app_with: Callable[..., Shop]) -> None:
    run(app_with(), 6, 15)


@pytest.mark.soak
def test_2000_sequences_of_commands_keep_dunning_true(app_with: Callable[..., Shop]) -> None:
    run(app_with(), 2_000, 25)
