"""GraphQL types of dunning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from huikuan.context import Context
from huikuan.graphql import batch, column, node, to_many, to_one
from huikuan.money import Money
from huikuan.values import Ref
from huikuan_customers.types import Customer, CustomerGroup
from huikuan_invoicing.types import Invoice
from huikuan_receivables import models
from huikuan_receivables.snapshots import (
    DunningScope,
    LetterState,
    LevelTest,
    LineState,
    RunState,
    SkipReason,
    StepKind,
)
from huikuan_receivables.types.ledger import ReceivableItem

__all__ = [
    "DunningAssignment",
    "DunningLetter",
    "DunningLevel",
    "DunningLine",
    "DunningPolicy",
    "DunningRun",
    "DunningStep",
    "DunningTolerance",
]


@node(models.DunningPolicy, keys=("code",), permission="receivables.read", plural="dunningPolicies")
class DunningPolicy:
    """How and when somebody is reminded."""

    code: str
    name: str
    follows: bool = column("Whether anybody reminds at all.")
    gap_days: int
    created_at: datetime = column("When it was written.")
    levels: list[DunningLevel] = to_many("policy_id", "Its levels, in order.", order_by="position")
    tolerances: list[DunningTolerance] = to_many("policy_id", "Its tolerances by currency.", order_by="currency")


@node(models.DunningLevel, permission="receivables.read", root=False)
class DunningLevel:
    """One level of a policy: when it is due, and what it brings."""

    policy: DunningPolicy = to_one("policy_id", "Its policy.")
    position: int
    name: str
    test: LevelTest
    days: int = column("How many days; negative: before the due day.")
    text: str
    blocks_orders: bool
    blocks_shipping: bool
    fee: Money | None = column("A late fee, for invoices in its currency.")
    fee_percent: Decimal | None


@node(models.DunningTolerance, permission="receivables.read", root=False)
class DunningTolerance:
    """What is so little in a currency that a policy does not remind of it."""

    currency: str = column("The currency.")
    amount: Money = column("Up to this, nobody reminds.")


@node(models.DunningAssignment, permission="receivables.read")
class DunningAssignment:
    """Which policy is meant for whom."""

    scope: DunningScope = column("How wide it is; the narrowest one holds.")
    rating: str | None
    policy: DunningPolicy = to_one("policy_id", "The policy.")

    @batch(requires=["scope", "subject_id"])
    def invoice(ctx: Context, rows: Sequence[Any]) -> list[Ref[Invoice] | None]:
        """The invoice that it is for."""
        return [Ref(row.subject_id) if row.scope is DunningScope.INVOICE else None for row in rows]

    @batch(requires=["scope", "subject_id"])
    def customer(ctx: Context, rows: Sequence[Any]) -> list[Ref[Customer] | None]:
        """The customer that it is for."""
        return [Ref(row.subject_id) if row.scope is DunningScope.CUSTOMER else None for row in rows]

    @batch(requires=["scope", "subject_id"])
    def group(ctx: Context, rows: Sequence[Any]) -> list[Ref[CustomerGroup] | None]:
        """The group that it is for."""
        return [Ref(row.subject_id) if row.scope is DunningScope.GROUP else None for row in rows]


@node(models.DunningRun, permission="receivables.read")
class DunningRun:
    """A day's reminders: shown first, approved, then issued letter by letter."""

    on: date
    state: RunState = column("Where it stands.")
    approved_at: datetime | None = column("When it was approved.")
    finished_at: datetime | None = column("When its last letter was issued or skipped.")
    created_at: datetime = column("When it was made.")
    letters: list[DunningLetter] = to_many("run_id", "Its letters; page through dunningLetters for more than 1,000.")
    lines: list[DunningLine] = to_many(
        "run_id", "What it did with each item; page through dunningLines for more than 1,000."
    )


@node(models.DunningLetter, permission="receivables.read")
class DunningLetter:
    """One reminder for a customer and a currency, of all items that are overdue."""

    run: DunningRun = to_one("run_id", "Its run.")
    customer: Customer = to_one("customer_id", "Who is reminded.")
    state: LetterState = column("Where it stands.")
    on: date
    level: int
    dunning_level: DunningLevel = to_one("level_id", "That level, with what the letter says.")
    currency: str = column("The currency of all its items.")
    open: Money = column("What is open of its items.")
    credit: Money = column("Unapplied payments and credits set against them.")
    issued_at: datetime | None = column("When it was issued.")
    lines: list[DunningLine] = to_many("letter_id", "The items on it.")


@node(models.DunningLine, permission="receivables.read")
class DunningLine:
    """What a run did with one item, and why."""

    run: DunningRun = to_one("run_id", "The run.")
    letter: DunningLetter | None = to_one("letter_id", "The letter that it stands on.")
    item: ReceivableItem = to_one("item_id", "The item.")
    customer: Customer = to_one("customer_id", "Whose account it is on.")
    state: LineState = column("What was done with it.")
    reason: SkipReason | None
    level: int
    due_on: date
    currency: str = column("The item's currency.")
    open: Money = column("What was open of it.")
    fee_invoice: Invoice | None = to_one("fee_invoice_id", "The late fee.", permission="invoicing.read")
    fee_refused: str | None


@node(models.DunningStep, permission="receivables.read")
class DunningStep:
    """How an item came to its level; the last one tells where it stands."""

    item: ReceivableItem = to_one("item_id", "The item.")
    sequence: int
    customer: Customer = to_one("customer_id", "Whose account it is on.")
    kind: StepKind = column("Who put it there.")
    policy: DunningPolicy = to_one("policy_id", "The policy of the level.")
    level: int
    on: date
    reason: str | None
    at: datetime = column("When it happened.")
