"""Tables of dunning: policies, runs, letters, and how far each item was reminded."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, String

from huikuan.db import (
    Mapped,
    TenantModel,
    UtcDateTime,
    currency_code,
    index,
    mapped_column,
    money,
    tenant_fk,
    unique,
)
from huikuan.db import amount as sums  # a column is named amount
from huikuan.db import quantity as units
from huikuan.db import state as one_of  # a column is named state
from huikuan.money import Money
from huikuan_receivables.snapshots import (
    DunningScope,
    LetterState,
    LevelTest,
    LineState,
    RunState,
    SkipReason,
    StepKind,
)

__all__ = [
    "RUN_RANK",
    "DunningAssignment",
    "DunningLetter",
    "DunningLevel",
    "DunningLine",
    "DunningPolicy",
    "DunningRun",
    "DunningStep",
    "DunningTolerance",
]

RUN_RANK = 15
"""Runs are locked after customers and before orders."""

CODE = String(64)
NAME = String(200)
ZERO = Decimal(0)


class DunningPolicy(TenantModel):
    """How and when somebody is reminded. Its levels do not change once they were used."""

    code: Mapped[str] = mapped_column(CODE, doc="Your own key of the policy")
    name: Mapped[str] = mapped_column(NAME, doc="Name of the policy")
    input_hash: Mapped[str] = mapped_column(String(64))
    follows: Mapped[bool] = mapped_column(default=True, doc="False: nobody reminds")
    gap_days: Mapped[int] = mapped_column(default=1, doc="Days that lie at least between two levels of an item")
    __table_args__ = (unique("code"), CheckConstraint("gap_days >= 1", name="gap_days"))


class DunningLevel(TenantModel):
    """One level of a policy: when it is due, and what it brings."""

    policy_id: Mapped[UUID] = tenant_fk("receivables_dunning_policy", index=False)
    position: Mapped[int] = mapped_column(doc="1, 2, … within the policy")
    name: Mapped[str] = mapped_column(NAME, doc="Name of the level")
    test: Mapped[LevelTest] = one_of(LevelTest, doc="What its days count from")
    days: Mapped[int]
    text: Mapped[str] = mapped_column(default="", doc="What the letter says")
    blocks_orders: Mapped[bool] = mapped_column(default=False, doc="Whether it stops new orders")
    blocks_shipping: Mapped[bool] = mapped_column(default=False, doc="Whether it stops shipments")
    fee: Mapped[Money | None] = money("A late fee, for invoices in its currency")
    fee_percent: Mapped[Decimal | None] = units("A late fee as a percentage of what is overdue of the invoice")
    if TYPE_CHECKING:  # the columns that money() makes
        fee_amount: Mapped[Decimal | None]
    __table_args__ = (unique("policy_id", "position"),)


class DunningTolerance(TenantModel):
    """What is so little in a currency that a policy does not remind of it."""

    policy_id: Mapped[UUID] = tenant_fk("receivables_dunning_policy", index=False)
    currency: Mapped[str] = currency_code()
    amount: Mapped[Decimal] = sums("Up to this, nobody reminds")
    __table_args__ = (unique("policy_id", "currency"), CheckConstraint("amount >= 0", name="amount"))


class DunningAssignment(TenantModel):
    """Which policy is meant for whom; within a scope, one for the payer's rating goes first."""

    key: Mapped[str] = mapped_column(String(200), doc="Scope, subject and rating: at most one policy for each")
    scope: Mapped[DunningScope] = one_of(DunningScope)
    subject_id: Mapped[UUID | None] = mapped_column(doc="The invoice, customer or group; none: the company")
    rating: Mapped[str | None] = mapped_column(String(20), doc="Only while the customer is rated so; none: always")
    policy_id: Mapped[UUID] = tenant_fk("receivables_dunning_policy")
    __table_args__ = (unique("key"), index("scope", "subject_id"))


class DunningRun(TenantModel):
    """A day's reminders: shown first, approved, then issued letter by letter."""

    on: Mapped[date] = mapped_column(doc="The day that levels are counted at")
    state: Mapped[RunState] = one_of(RunState, default=RunState.PREVIEW)
    open: Mapped[bool] = mapped_column(default=True, doc="Whether it is neither done nor cancelled; one at most is")
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[UUID | None] = mapped_column(doc="Who approved it")
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (unique("open", where="open"), index("on", "id"), index("state", "id"))


class DunningLetter(TenantModel):
    """One reminder for a customer and a currency, of all items that are overdue."""

    run_id: Mapped[UUID] = tenant_fk("receivables_dunning_run", index=False)
    customer_id: Mapped[UUID] = tenant_fk("customers_customer")
    state: Mapped[LetterState] = one_of(LetterState, default=LetterState.PROPOSED)
    on: Mapped[date] = mapped_column(doc="The day of its run")
    level: Mapped[int] = mapped_column(doc="The highest level of its items")
    level_id: Mapped[UUID] = tenant_fk("receivables_dunning_level", index=False, doc="That level")
    currency: Mapped[str] = currency_code()
    open: Mapped[Decimal] = sums("What is open of its items")
    credit: Mapped[Decimal] = sums("Unapplied payments and credits set against them")
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (unique("run_id", "customer_id", "currency"), index("run_id", "state", "id"))

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return bool(instance.state is not LetterState.PROPOSED)


class DunningLine(TenantModel):
    """What a run did with one item, and why."""

    run_id: Mapped[UUID] = tenant_fk("receivables_dunning_run", index=False)
    letter_id: Mapped[UUID | None] = tenant_fk("receivables_dunning_letter", nullable=True)
    item_id: Mapped[UUID] = tenant_fk("receivables_item")
    customer_id: Mapped[UUID] = tenant_fk("customers_customer", index=False)
    state: Mapped[LineState] = one_of(LineState)
    reason: Mapped[SkipReason | None] = one_of(SkipReason, nullable=True, doc="Why it was left out")
    level: Mapped[int] = mapped_column(default=0, doc="The level that it is reminded at, or has")
    level_id: Mapped[UUID | None] = tenant_fk("receivables_dunning_level", nullable=True, index=False)
    due_on: Mapped[date] = mapped_column(doc="The day that reminders count from")
    currency: Mapped[str] = currency_code()
    open: Mapped[Decimal] = sums("What is open of it")
    fee_invoice_id: Mapped[UUID | None] = tenant_fk("invoicing_invoice", nullable=True, doc="The late fee")
    fee_refused: Mapped[str | None] = mapped_column(doc="Why there is no late fee although the level has one")
    __table_args__ = (unique("run_id", "item_id"), index("run_id", "state", "id"))


class DunningStep(TenantModel):
    """How an item came to its level: rows are only ever added, the last one tells where it stands."""

    item_id: Mapped[UUID] = tenant_fk("receivables_item", index=False)
    sequence: Mapped[int] = mapped_column(doc="1, 2, … within the item")
    customer_id: Mapped[UUID] = tenant_fk("customers_customer")
    kind: Mapped[StepKind] = one_of(StepKind)
    policy_id: Mapped[UUID] = tenant_fk("receivables_dunning_policy", index=False)
    level_id: Mapped[UUID | None] = tenant_fk("receivables_dunning_level", nullable=True, index=False)
    level: Mapped[int] = mapped_column(doc="Its level from now on; 0: as if it had never been reminded")
    on: Mapped[date] = mapped_column(doc="The day of the run, or of the decision")
    line_id: Mapped[UUID | None] = tenant_fk("receivables_dunning_line", nullable=True, doc="The run's line")
    reason: Mapped[str | None] = mapped_column(String(500), doc="Why a person put it there")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[UUID]
    __table_args__ = (unique("item_id", "sequence"), {"info": {"append_only": True}})

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True
