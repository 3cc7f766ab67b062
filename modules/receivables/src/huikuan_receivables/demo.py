"""What receivables shows in ``huikuan demo``: statements come from the bank, and who is late hears of it."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from huikuan.demo_step import DemoRun, DemoStep
from huikuan_customers.api import customers
from huikuan_receivables.demo_figures import finish, queries
from huikuan_receivables.demo_payers import (
    DISPUTES_AFTER,
    PROMISED_FOR,
    PROMISES_AFTER,
    Payer,
    amount_of,
    payer_of,
    pays_on,
)
from huikuan_receivables.models import BankLine, BankMatch, Dispute, DunningRun, PaymentPromise
from huikuan_receivables.queries import items_by_id, open_items
from huikuan_receivables.snapshots import BankLineStatus, DisputeReason, DisputeState, MatchStatus, OpenItem

__all__ = ["STEPS"]

SOURCE = {"code": "BANK"}
DECIDE_AFTER = timedelta(days=7)
WRITE_OFF_LIMIT = "200"
LEVELS = ({"name": "Reminder", "days": 7}, {"name": "Second reminder", "days": 21})
MONDAY = 0


@dataclass(frozen=True, slots=True)
class _Owed:
    """An open item, and how its customer pays."""

    item: OpenItem
    name: str
    payer: Payer

    @property
    def number(self) -> str:
        return self.item.number or ""

    @property
    def reference(self) -> str:
        """What the bank calls the payment."""
        return f"BT-{self.number}-{self.item.sequence}"


def _prepare(demo: DemoRun) -> dict[str, Any]:
    """An account at the bank, and a policy of two reminders."""
    currency = demo.scope.tenant.currency
    demo.settings({"receivables.write_off_limit": WRITE_OFF_LIMIT})
    demo.command("bank_source_create", input={**SOURCE, "name": "Main account", "currency": currency})
    demo.command("dunning_policy_create", input={"code": "HOUSE", "name": "House policy", "levels": list(LEVELS)})
    demo.command("dunning_assign", policy={"code": "HOUSE"})
    return {}


def _owed(demo: DemoRun) -> list[_Owed]:
    with demo.kernel.reading(demo.scope) as ctx:
        items = [item for item in open_items(ctx) if item.open > 0]
        known = customers(ctx, {item.payer_id for item in items})
    return [_Owed(it, known[it.payer_id].name, payer_of(known[it.payer_id].code)) for it in items]


def _talk(demo: DemoRun, day: date) -> dict[str, Any]:
    """Some customers complain, some promise."""
    with demo.kernel.reading(demo.scope) as ctx:
        disputed = set(ctx.scalars(select(Dispute.item_id)))
        promised = set(ctx.scalars(select(PaymentPromise.item_id)))
    disputes = promises = 0
    for owed in _owed(demo):
        item = owed.item
        if owed.payer is Payer.DISPUTING and item.item_id not in disputed and day >= item.due_on + DISPUTES_AFTER:
            disputes += demo.command("dispute_open", item=item.item_id, reason=DisputeReason.QUALITY).done
        if owed.payer is Payer.PROMISING and item.item_id not in promised and day >= item.due_on + PROMISES_AFTER:
            until = item.due_on + PROMISES_AFTER + PROMISED_FOR
            promises += demo.command("promise_make", item=item.item_id, promised_on=max(day, until)).done
    return {"disputes": disputes, "promises": promises}


def _pay(demo: DemoRun, day: date) -> dict[str, Any]:
    """The day's statement comes in, is matched, and somebody decides what is not sure enough."""
    with demo.kernel.reading(demo.scope) as ctx:
        known = set(ctx.scalars(select(BankLine.reference)))
    paying = []
    for owed in _owed(demo):
        when = pays_on(owed.payer, owed.number, owed.item.due_on)
        if when is not None and when <= day and owed.reference not in known:
            paying.append(owed)
    if not paying:
        return {"bank_lines": 0}
    demo.command("bank_file_import", source=SOURCE, name=f"statement-{day}.csv", content=_statement(day, paying))
    demo.command("bank_match_run")
    return {"bank_lines": len(paying), "matched_by_hand": _choose(demo)}


def _statement(day: date, paying: Sequence[_Owed]) -> str:
    """A CSV file as banks give it, as base64."""
    rows = [
        f'{day},{amount_of(owed.payer, owed.item.open)},"Invoice {owed.number}",{owed.reference},"{owed.name}"'
        for owed in paying
    ]
    return base64.b64encode("\n".join(["on,amount,text,reference,payer_name", *rows, ""]).encode()).decode()


def _choose(demo: DemoRun) -> int:
    """Confirm the surest proposal of each line that has some."""
    with demo.kernel.reading(demo.scope) as ctx:
        rows = ctx.rows(
            select(BankMatch.id, BankMatch.line_id)
            .join(BankLine, (BankLine.id == BankMatch.line_id) & (BankLine.tenant_id == BankMatch.tenant_id))
            .where(BankLine.status == BankLineStatus.PROPOSED, BankMatch.status == MatchStatus.PROPOSED)
            .order_by(BankMatch.line_id, BankMatch.score.desc(), BankMatch.id)
        )
    first = {row.line_id: row.id for row in reversed(rows)}
    return sum(demo.command("bank_match_confirm", id=id).done for id in first.values())


def _decide(demo: DemoRun, day: date) -> dict[str, Any]:
    """After a week disputes are decided: who kept something back was right, who complained was not."""
    with demo.kernel.reading(demo.scope) as ctx:
        found = ctx.rows(
            select(Dispute.id, Dispute.item_id, Dispute.reason).where(
                Dispute.state == DisputeState.OPEN, Dispute.opened_on <= day - DECIDE_AFTER
            )
        )
        items = items_by_id(ctx, [row.item_id for row in found])
    settled: Counter[str] = Counter()
    for row in found:
        right = row.reason is DisputeReason.SHORT_PAYMENT
        outcome = DisputeState.JUSTIFIED if right else DisputeState.REJECTED
        settled[outcome.name] += demo.command("dispute_settle", id=row.id, outcome=outcome, reason="Looked into.").done
        if right and items[row.item_id].open > 0:
            demo.command("receivable_write_off", id=row.item_id, cause="DISPUTE", reason="The customer was right.")
    return {"disputes_settled": sum(settled.values())}


def _remind(demo: DemoRun, day: date) -> dict[str, Any]:
    """On Mondays whoever is late is reminded."""
    if day.weekday() != MONDAY:
        return {}
    demo.command("dunning_run_preview")
    with demo.kernel.reading(demo.scope) as ctx:
        run = ctx.find(DunningRun, open=True)
    if run is not None:
        demo.command("dunning_run_approve", id=run.id)
    return {}


STEPS = (
    DemoStep(8, "opening an account at the bank", _prepare),
    DemoStep(12, "customers talk", each_day=_talk),
    DemoStep(14, "customers pay", each_day=_pay),
    DemoStep(16, "disputes are decided", each_day=_decide),
    DemoStep(18, "customers are reminded", each_day=_remind, finish=finish, queries=queries),
)
