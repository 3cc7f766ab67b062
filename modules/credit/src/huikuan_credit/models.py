"""Tables of credit."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, String

from huikuan.db import (
    Json,
    Mapped,
    TenantModel,
    UtcDateTime,
    currency_code,
    index,
    mapped_column,
    state,
    tenant_fk,
    unique,
)
from huikuan.db import amount as sums  # columns are named amount and quantity
from huikuan.db import quantity as units
from huikuan_credit.snapshots import Checkpoint, Grade, LimitKind, Part, PositionState, RuleLevel

__all__ = [
    "CREDIT_RANK",
    "Account",
    "Balance",
    "Decision",
    "Entry",
    "Limit",
    "Position",
    "Rating",
    "RiskClass",
    "RuleSet",
]

CREDIT_RANK = 15
"""Accounts are locked after customers and before orders."""

ZERO = Decimal(0)


class RiskClass(TenantModel):
    """What customers of a rating get: a proposed limit, terms, payment in advance."""

    code: Mapped[str] = mapped_column(String(40), doc="Your own key of the class")
    name: Mapped[str] = mapped_column(String(200))
    grade: Mapped[Grade | None] = state(Grade, "Customers rated so are put into the class", nullable=True)
    limit_factor: Mapped[Decimal] = units("Proposed limit: so many times the sales of 90 days", default=ZERO)
    limit_cap: Mapped[Decimal | None] = sums("Proposed limits are no larger, in whatever currency", nullable=True)
    payment_terms: Mapped[str | None] = mapped_column(String(64), doc="Code of its payment terms")
    prepayment_percent: Mapped[Decimal] = units("Percent of an order to be paid in advance", default=ZERO)
    active: Mapped[bool] = mapped_column(default=False, doc="Whether its rules apply; simulate it before")
    __table_args__ = (unique("code"), unique("grade", where="grade IS NOT NULL AND active"))


class Account(TenantModel):
    """One pool of credit: a customer with all companies below it, or a group that shares one limit.

    Whoever decides about credit, or writes what is owed, holds its lock.
    """

    customer_id: Mapped[UUID | None] = tenant_fk("customers_customer", nullable=True, index=False)
    group_id: Mapped[UUID | None] = tenant_fk("customers_customer_group", nullable=True, index=False)
    in_use: Mapped[bool] = mapped_column(default=True, doc="Whether a group still shares one limit")
    class_id: Mapped[UUID | None] = tenant_fk("credit_risk_class", nullable=True)
    class_by_hand: Mapped[bool] = mapped_column(default=False, doc="Whether somebody chose the class")
    grade: Mapped[Grade | None] = state(Grade, nullable=True)
    grade_by_hand: Mapped[bool] = mapped_column(default=False, doc="Whether somebody set the grade")
    grade_until: Mapped[date | None] = mapped_column(doc="Last day of a grade set by hand")
    overdue_told: Mapped[bool] = mapped_column(default=False, doc="Whether it was told that something is overdue")
    habit_told: Mapped[bool] = mapped_column(default=False, doc="Whether it was told that the habit broke")
    __table_args__ = (
        unique("customer_id", where="customer_id IS NOT NULL"),
        unique("group_id", where="group_id IS NOT NULL"),
        CheckConstraint("(customer_id IS NULL) <> (group_id IS NULL)", name="owner"),
    )


class Balance(TenantModel):
    """What an account owes in one currency, part by part: the sums of its entries."""

    account_id: Mapped[UUID] = tenant_fk("credit_account", index=False)
    currency: Mapped[str] = currency_code()
    ordered: Mapped[Decimal] = sums(Part.ORDERED.value, default=ZERO)
    shipped: Mapped[Decimal] = sums(Part.SHIPPED.value, default=ZERO)
    invoiced: Mapped[Decimal] = sums(Part.INVOICED.value, default=ZERO)
    unapplied: Mapped[Decimal] = sums(Part.UNAPPLIED.value, default=ZERO)
    told_percent: Mapped[int] = mapped_column(default=0, doc="Highest share of the limit that was told: 0, 70, 90, 100")
    concentration_told: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (unique("account_id", "currency"),)


class Position(TenantModel):
    """What one order, instalment or payment contributes to its account now. It can be computed anew at any time."""

    account_id: Mapped[UUID] = tenant_fk("credit_account", index=False)
    bill_to_id: Mapped[UUID] = tenant_fk("customers_customer")
    source_type: Mapped[str] = mapped_column(String(40), doc="Order, or what another bridge writes")
    source_id: Mapped[UUID]
    currency: Mapped[str] = currency_code()
    state: Mapped[PositionState] = state(PositionState, default=PositionState.OPEN)
    ships_on: Mapped[date | None] = mapped_column(doc="The first day on which goods leave; null: at once")
    lines: Mapped[Any | None] = mapped_column(
        Json, doc="By line: gross, ordered, shipped, returned, invoiced, given up"
    )
    deposits: Mapped[Decimal] = sums("Invoiced beforehand and not deducted yet", default=ZERO)
    ordered: Mapped[Decimal] = sums(default=ZERO)
    shipped: Mapped[Decimal] = sums(default=ZERO)
    invoiced: Mapped[Decimal] = sums(default=ZERO)
    unapplied: Mapped[Decimal] = sums(default=ZERO)
    __table_args__ = (
        unique("source_type", "source_id"),
        index("account_id", "currency", "ships_on", where="ordered <> 0"),
    )


class Entry(TenantModel):
    """A line of the ledger: what an event added to one part of an account's exposure. Rows are only ever added."""

    account_id: Mapped[UUID] = tenant_fk("credit_account", index=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[str] = mapped_column(String(40), doc="What happened, such as confirm, ship or invoice")
    source_type: Mapped[str] = mapped_column(String(40))
    source_id: Mapped[UUID]
    part: Mapped[Part] = state(Part)
    currency: Mapped[str] = currency_code()
    amount: Mapped[Decimal] = sums("Negative for what is owed no longer")
    __table_args__ = (
        index("account_id", "at"),
        index("source_id"),
        {"info": {"append_only": True}},
    )

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class Limit(TenantModel):
    """How much a customer, a group or, where both are empty, every customer of the company may owe."""

    customer_id: Mapped[UUID | None] = tenant_fk("customers_customer", nullable=True)
    group_id: Mapped[UUID | None] = tenant_fk("customers_customer_group", nullable=True)
    kind: Mapped[LimitKind] = state(LimitKind, default=LimitKind.LIMIT)
    currency: Mapped[str] = currency_code()
    amount: Mapped[Decimal] = sums("0 is a limit too")
    valid_from: Mapped[date]
    valid_until: Mapped[date | None] = mapped_column(doc="Last day; null: until it is replaced or ended")
    reason: Mapped[str] = mapped_column(String(500))
    set_by: Mapped[UUID]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When it was replaced or taken back")
    ended_by: Mapped[UUID | None]
    __table_args__ = (
        index("currency", "id", where="customer_id IS NULL AND group_id IS NULL"),
        CheckConstraint("customer_id IS NULL OR group_id IS NULL", name="owner"),
        CheckConstraint("amount >= 0", name="amount"),
    )


class RuleSet(TenantModel):
    """What is checked at one checkpoint, for all customers or those of a class. A change makes a new version."""

    checkpoint: Mapped[Checkpoint] = state(Checkpoint)
    class_id: Mapped[UUID | None] = tenant_fk("credit_risk_class", nullable=True)
    version: Mapped[int] = mapped_column(doc="1, 2, … over all checkpoints and classes")
    items: Mapped[Any] = mapped_column(Json, doc="Kind, level and threshold of each rule")
    set_by: Mapped[UUID]
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When another version replaced it")
    __table_args__ = (unique("version"), index("checkpoint", where="retired_at IS NULL"))


class Decision(TenantModel):
    """What was decided about a document, with everything it rested on; it can be judged again with the same result."""

    account_id: Mapped[UUID | None] = tenant_fk("credit_account", nullable=True, doc="None: it owed nothing before")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    checkpoint: Mapped[Checkpoint] = state(Checkpoint)
    document_type: Mapped[str] = mapped_column(String(40))
    document_id: Mapped[UUID]
    passed: Mapped[bool] = mapped_column(doc="Whether the document went on")
    level: Mapped[RuleLevel] = state(RuleLevel, "The worst rule that it broke; OFF: none")
    approved: Mapped[bool] = mapped_column(default=False, doc="Whether somebody had approved what it broke")
    currency: Mapped[str] = currency_code()
    before: Mapped[Decimal] = sums("What was owed without it")
    after: Mapped[Decimal] = sums("What would be owed with it")
    bound: Mapped[Decimal | None] = sums("The limit with all that raised it", nullable=True)
    rule_version: Mapped[int]
    inputs: Mapped[Any] = mapped_column(Json)
    findings: Mapped[Any] = mapped_column(Json, doc="The rules that it broke")
    __table_args__ = (index("document_id"), index("at"), {"info": {"append_only": True}})

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class Rating(TenantModel):
    """A rating of an account, with its reasons. The newest one holds."""

    account_id: Mapped[UUID] = tenant_fk("credit_account", index=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    grade: Mapped[Grade] = state(Grade)
    score: Mapped[Decimal | None] = units("0 to 100; null if set by hand or nothing is known", nullable=True)
    by_hand: Mapped[bool] = mapped_column(default=False)
    until: Mapped[date | None] = mapped_column(doc="Last day of a rating by hand")
    reasons: Mapped[Any] = mapped_column(Json, doc="What it rests on: name, value, points, weight")
    missing: Mapped[Any] = mapped_column(Json, doc="What is not known, and why")
    __table_args__ = (index("account_id", "at"), {"info": {"append_only": True}})

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True
