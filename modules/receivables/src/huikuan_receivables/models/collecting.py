"""Tables of collections: disputes, promises, deferrals, notes, who looks after whom, and the worklist's rules."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, String

from huikuan.db import (
    Mapped,
    TenantModel,
    UtcDateTime,
    currency_code,
    index,
    mapped_column,
    pii,
    tenant_fk,
    unique,
)
from huikuan.db import amount as sums  # a column is named amount
from huikuan.db import quantity as units
from huikuan.db import state as one_of  # a column is named state
from huikuan_receivables.snapshots import (
    ContactChannel,
    ContactOutcome,
    DisputeReason,
    DisputeState,
    Measure,
    PromiseState,
)

__all__ = ["CollectionAccount", "CollectionRule", "ContactNote", "Deferral", "Dispute", "PaymentPromise"]

TEXT = String(500)


class Dispute(TenantModel):
    """The customer says that an item is not owed, or not all of it; it stays in the books meanwhile."""

    item_id: Mapped[UUID] = tenant_fk("receivables_item", index=False)
    customer_id: Mapped[UUID] = tenant_fk("customers_customer")
    state: Mapped[DisputeState] = one_of(DisputeState, default=DisputeState.OPEN)
    reason: Mapped[DisputeReason] = one_of(DisputeReason)
    currency: Mapped[str] = currency_code()
    amount: Mapped[Decimal] = sums("What is disputed")
    note: Mapped[str | None] = mapped_column(TEXT, doc="What the customer says")
    root_cause: Mapped[str | None] = mapped_column(TEXT, doc="What went wrong, as found out")
    owner_id: Mapped[UUID | None] = tenant_fk("kernel_user", nullable=True, doc="Who looks into it")
    opened_on: Mapped[date]
    due_on: Mapped[date] = mapped_column(doc="When it should be decided")
    settled_on: Mapped[date | None]
    outcome: Mapped[str | None] = mapped_column(TEXT, doc="How it was decided, and why")
    __table_args__ = (
        unique("item_id", where="state = 'OPEN'"),
        index("item_id", "id"),
        index("state", "due_on"),
        CheckConstraint("amount > 0", name="amount"),
    )


class PaymentPromise(TenantModel):
    """The customer says when how much of an item will be paid."""

    item_id: Mapped[UUID] = tenant_fk("receivables_item", index=False)
    sequence: Mapped[int] = mapped_column(doc="1, 2, … within the item")
    customer_id: Mapped[UUID] = tenant_fk("customers_customer")
    state: Mapped[PromiseState] = one_of(PromiseState, default=PromiseState.OPEN)
    standing: Mapped[bool] = mapped_column(default=True, doc="Whether it is the item's last one and not withdrawn")
    currency: Mapped[str] = currency_code()
    amount: Mapped[Decimal] = sums("What was promised")
    made_on: Mapped[date]
    promised_on: Mapped[date] = mapped_column(doc="When it will be paid")
    tolerance_days: Mapped[int] = mapped_column(default=0, doc="Days that it may be late")
    until: Mapped[date] = mapped_column(doc="The last day that counts")
    level: Mapped[int] = mapped_column(default=1, doc="Grows with each promise that was not kept before")
    paid: Mapped[Decimal] = sums("What came by the last day", default=Decimal(0))
    note: Mapped[str | None] = mapped_column(TEXT, doc="Anything worth knowing")
    withdrawn_on: Mapped[date | None]
    __table_args__ = (
        unique("item_id", "sequence"),
        unique("item_id", where="standing"),
        index("standing", "state", "until"),
        CheckConstraint("amount > 0 AND tolerance_days >= 0", name="promise"),
    )


class Deferral(TenantModel):
    """Another day from which an item is reminded of; the day when it was due stays. Rows are only ever added."""

    item_id: Mapped[UUID] = tenant_fk("receivables_item", index=False)
    sequence: Mapped[int] = mapped_column(doc="1, 2, … within the item")
    before: Mapped[date] = mapped_column(doc="The day until then")
    until: Mapped[date] = mapped_column(doc="The new day")
    reason: Mapped[str] = mapped_column(TEXT)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[UUID]
    __table_args__ = (unique("item_id", "sequence"), {"info": {"append_only": True}})

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class ContactNote(TenantModel):
    """What was said. Rows are only ever added."""

    customer_id: Mapped[UUID] = tenant_fk("customers_customer", index=False)
    item_id: Mapped[UUID | None] = tenant_fk("receivables_item", nullable=True, doc="What it was about")
    channel: Mapped[ContactChannel] = one_of(ContactChannel)
    outcome: Mapped[ContactOutcome] = one_of(ContactOutcome)
    text: Mapped[str] = pii(mapped_column(String(4000), doc="What was said"))
    on: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[UUID]
    __table_args__ = (index("customer_id", "id"), {"info": {"append_only": True}})

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class CollectionAccount(TenantModel):
    """Who looks after a customer's debts, and when again; customers without one are looked after by nobody yet."""

    customer_id: Mapped[UUID] = tenant_fk("customers_customer", index=False)
    owner_id: Mapped[UUID | None] = tenant_fk("kernel_user", nullable=True, doc="Who looks after it")
    look_again_on: Mapped[date | None] = mapped_column(doc="When to look again; until then it rests")
    frozen_reason: Mapped[str | None] = mapped_column(TEXT, doc="Why nobody reminds; none: reminders go on")
    __table_args__ = (unique("customer_id"), index("owner_id", "look_again_on"))


class CollectionRule(TenantModel):
    """Points of the worklist; a tenant without rules has those of the house."""

    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    measure: Mapped[Measure] = one_of(Measure)
    at_least: Mapped[Decimal] = units()
    points: Mapped[int]
    __table_args__ = (unique("position"),)
