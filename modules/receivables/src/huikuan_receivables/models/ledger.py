"""Tables of the ledger, of payments and of what they settle."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, String

from huikuan.db import Mapped, TenantModel, currency_code, index, mapped_column, money, state, tenant_fk, unique
from huikuan.db import amount as sums  # columns are named amount
from huikuan.db import quantity as units
from huikuan.money import Money
from huikuan_invoicing.snapshots import InvoiceKind
from huikuan_receivables.snapshots import (
    Account,
    AllocationKind,
    EntryKind,
    PaymentMethod,
    PaymentStatus,
    RefundKind,
    WriteOffCause,
)

__all__ = [
    "Allocation",
    "Entry",
    "ItemBalance",
    "Payment",
    "Posting",
    "ProvisionRun",
    "ReceivableItem",
    "Refund",
]

ZERO = Decimal(0)
APPEND_ONLY = {"info": {"append_only": True}}


class Entry(TenantModel):
    """An entry of the ledger: rows are only ever added, a mistake is corrected by another entry."""

    kind: Mapped[EntryKind] = state(EntryKind)
    on: Mapped[date] = mapped_column(doc="The day it counts from")
    source_type: Mapped[str] = mapped_column(String(60), doc="What it tells of")
    source_id: Mapped[UUID]
    reverses_id: Mapped[UUID | None] = tenant_fk("receivables_entry", nullable=True, index=False)
    reason: Mapped[str | None] = mapped_column(String(500))
    __table_args__ = (index("source_type", "source_id"), index("on", "id"), unique("reverses_id"), APPEND_ONLY)

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class Posting(TenantModel):
    """One side of an entry. Per entry, the amounts of each currency and the base amounts come to 0."""

    entry_id: Mapped[UUID] = tenant_fk("receivables_entry")
    account: Mapped[Account] = state(Account)
    customer_id: Mapped[UUID] = tenant_fk("customers_customer", index=False)
    item_id: Mapped[UUID | None] = tenant_fk("receivables_item", nullable=True)
    payment_id: Mapped[UUID | None] = tenant_fk("receivables_payment", nullable=True)
    on: Mapped[date] = mapped_column(doc="The entry's day")
    due_on: Mapped[date | None] = mapped_column(doc="The item's day")
    currency: Mapped[str] = currency_code()
    amount: Mapped[Decimal] = sums("More than 0 is a debit")
    base_amount: Mapped[Decimal] = sums("In the company's currency")
    __table_args__ = (
        index("account", "customer_id", "on"),
        index("account", "on", "customer_id", "currency", "due_on", "amount"),  # aging reads nothing else
        index("account", "due_on", "item_id"),
        APPEND_ONLY,
    )

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class _ItemFacts(TenantModel):
    """What stands on an item for good; its balance has a copy, so that open items are read from one table."""

    __abstract__ = True

    invoice_id: Mapped[UUID] = tenant_fk("invoicing_invoice")
    sequence: Mapped[int] = mapped_column(doc="1, 2, … within the document")
    kind: Mapped[InvoiceKind] = state(InvoiceKind)
    customer_id: Mapped[UUID] = tenant_fk("customers_customer", index=False, doc="Whose account it is on: the bill-to")
    payer_id: Mapped[UUID] = tenant_fk("customers_customer", index=False, doc="Who is to pay it")
    currency: Mapped[str] = currency_code()
    amount: Mapped[Decimal] = sums("Negative for a credit note")
    issued_on: Mapped[date]
    due_on: Mapped[date] = mapped_column(doc="As agreed with the document; deferrals do not change it")
    discount_until: Mapped[date | None]
    discount_amount: Mapped[Decimal | None] = sums("What may be kept back")
    origin_id: Mapped[UUID | None] = tenant_fk(
        "invoicing_invoice", nullable=True, index=False, doc="What a credit note takes back"
    )
    document_id: Mapped[UUID | None] = mapped_column(doc="The order, if all of it is for one")


class ReceivableItem(_ItemFacts):
    """What one instalment of a posted document asks for. Written once."""

    __tablename__ = "receivables_item"

    instalment_id: Mapped[UUID] = tenant_fk("invoicing_invoice_instalment", index=False)
    base_amount: Mapped[Decimal] = sums("At the document's rate; 0 where that is not known")
    rated: Mapped[bool] = mapped_column(default=True, doc="Whether the document's rate is known")
    __table_args__ = (unique("instalment_id"), APPEND_ONLY)

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class ItemBalance(_ItemFacts):
    """What is open of an item; its id is the item's. Kept along with the ledger, from which it can be built anew."""

    item_id: Mapped[UUID] = tenant_fk("receivables_item", index=False)
    open: Mapped[Decimal] = sums("In the item's currency, with its sign")
    base_open: Mapped[Decimal] = sums("In the company's currency, as the ledger has it")
    fx: Mapped[Decimal] = sums("The difference of exchange rates that was posted when it closed", default=ZERO)
    closed_on: Mapped[date | None] = mapped_column(doc="When nothing was open any more")
    chase_on: Mapped[date] = mapped_column(doc="The day that dunning counts from")
    __table_args__ = (
        unique("item_id"),
        index("customer_id", "due_on", "currency", "open", where="open <> 0"),
        index("payer_id", "due_on", where="open <> 0"),
        index("due_on", "id", where="open <> 0"),
        index("customer_id", "id"),
        index("document_id"),
        CheckConstraint("(open = 0) = (closed_on IS NOT NULL)", name="closed"),
    )


class Payment(TenantModel):
    """Money that came from a customer, or is to come."""

    number: Mapped[str | None] = mapped_column(String(40), doc="Given just before it is written")
    customer_id: Mapped[UUID] = tenant_fk("customers_customer", index=False, doc="Who paid")
    status: Mapped[PaymentStatus] = state(PaymentStatus)
    method: Mapped[PaymentMethod] = state(PaymentMethod, default=PaymentMethod.BANK_TRANSFER)
    amount: Mapped[Money] = money("How much")
    rate: Mapped[Decimal] = units("What rate_units of its currency are worth in the company's currency")
    rate_units: Mapped[int] = mapped_column(default=1)
    rate_on: Mapped[date] = mapped_column(doc="The day of the rate")
    base_amount: Mapped[Decimal] = sums("In the company's currency, at the rate")
    received_on: Mapped[date] = mapped_column(doc="When the money came, or is to come")
    reference: Mapped[str | None] = mapped_column(String(200), doc="The bank's or the caller's own unique key")
    input_hash: Mapped[str | None] = mapped_column(String(64), doc="Of the input it was recorded with")
    source_type: Mapped[str | None] = mapped_column(String(60), doc="What it was paid for beforehand: an order")
    source_id: Mapped[UUID | None]
    bank_line_id: Mapped[UUID | None] = mapped_column(doc="The line of a bank statement that tells of it")
    unapplied: Mapped[Decimal] = sums("What of it settles nothing yet", default=ZERO)
    base_unapplied: Mapped[Decimal] = sums("The same in the company's currency, as the ledger has it", default=ZERO)
    failure_reason: Mapped[str | None] = mapped_column(String(500), doc="Why it failed or bounced")
    ended_on: Mapped[date | None] = mapped_column(doc="When it failed or bounced")
    if TYPE_CHECKING:  # the columns that money() makes
        amount_amount: Mapped[Decimal]
        amount_currency: Mapped[str]
    __table_args__ = (
        unique("number"),
        unique("reference"),
        index("customer_id", "received_on"),
        index("customer_id", "id", where="unapplied <> 0"),
        index("status", "id"),
        index("source_type", "source_id"),
        index("bank_line_id"),
        index("amount_amount", "received_on"),  # money that went out is looked for by its amount
        CheckConstraint("amount_amount > 0", name="amount"),
        CheckConstraint("unapplied >= 0 AND unapplied <= amount_amount", name="unapplied"),
    )


class Allocation(TenantModel):
    """What settles how much of an item, from when. One that is taken back has a row that reverses it."""

    payment_id: Mapped[UUID | None] = tenant_fk("receivables_payment", nullable=True)
    credit_item_id: Mapped[UUID | None] = tenant_fk("receivables_item", nullable=True, doc="The part of a credit note")
    item_id: Mapped[UUID] = tenant_fk("receivables_item")
    invoice_id: Mapped[UUID] = tenant_fk("invoicing_invoice", doc="The item's document")
    customer_id: Mapped[UUID] = tenant_fk("customers_customer", index=False, doc="The item's account")
    kind: Mapped[AllocationKind] = state(AllocationKind)
    on: Mapped[date] = mapped_column(doc="The day it counts from")
    currency: Mapped[str] = currency_code("The item's")
    amount: Mapped[Decimal] = sums("Of the item; negative if it reverses another one")
    source_currency: Mapped[str] = currency_code("The payment's")
    source_amount: Mapped[Decimal] = sums("Of the payment; the same but for payments in other currencies")
    base_amount: Mapped[Decimal] = sums("In the company's currency, as it was posted")
    cause: Mapped[WriteOffCause | None] = state(WriteOffCause, nullable=True)
    rule: Mapped[str] = mapped_column(String(60), doc="What found it: by hand, oldest first, a rule of matching")
    score: Mapped[int | None] = mapped_column(doc="How sure the rule was, of 100")
    reason: Mapped[str | None] = mapped_column(String(500))
    entry_id: Mapped[UUID] = tenant_fk("receivables_entry")
    reverses_id: Mapped[UUID | None] = tenant_fk("receivables_allocation", nullable=True, index=False)
    __table_args__ = (
        unique("reverses_id"),
        index("customer_id", "on"),
        CheckConstraint("(amount > 0) = (reverses_id IS NULL)", name="amount"),
        CheckConstraint("payment_id IS NULL OR credit_item_id IS NULL", name="source"),
        APPEND_ONLY,
    )

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class Refund(TenantModel):
    """What left a payment or a credit note without settling anything. One that failed has a row that reverses it."""

    kind: Mapped[RefundKind] = state(RefundKind)
    payment_id: Mapped[UUID | None] = tenant_fk("receivables_payment", nullable=True)
    credit_item_id: Mapped[UUID | None] = tenant_fk("receivables_item", nullable=True, doc="The part of a credit note")
    customer_id: Mapped[UUID] = tenant_fk("customers_customer")
    amount: Mapped[Money] = money("Negative if it reverses another one")
    on: Mapped[date] = mapped_column(doc="The day it counts from")
    reference: Mapped[str | None] = mapped_column(String(200), doc="The caller's own unique key")
    reason: Mapped[str] = mapped_column(String(500))
    entry_id: Mapped[UUID] = tenant_fk("receivables_entry")
    reverses_id: Mapped[UUID | None] = tenant_fk("receivables_refund", nullable=True, index=False)
    if TYPE_CHECKING:  # the columns that money() makes
        amount_amount: Mapped[Decimal]
        amount_currency: Mapped[str]
    __table_args__ = (
        unique("reference"),
        unique("reverses_id"),
        index("amount_amount", "on"),
        CheckConstraint("(amount_amount > 0) = (reverses_id IS NULL)", name="amount"),
        CheckConstraint("(payment_id IS NULL) <> (credit_item_id IS NULL)", name="source"),
        APPEND_ONLY,
    )

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True


class ProvisionRun(TenantModel):
    """Provisions for bad debt, as they were set for a day."""

    sequence: Mapped[int] = mapped_column(doc="1, 2, …: two runs at once do not count the same twice")
    on: Mapped[date] = mapped_column(doc="The day it was run for")
    rates: Mapped[str] = mapped_column(String(200), doc="Days overdue and percent, as they were")
    items: Mapped[int] = mapped_column(doc="For how many items the provision changed")
    change: Mapped[Money] = money("By how much all provisions grew, in the company's currency")
    total: Mapped[Money] = money("What all provisions come to, in the company's currency")
    entry_id: Mapped[UUID | None] = tenant_fk("receivables_entry", nullable=True, index=False)
    __table_args__ = (unique("sequence"), unique("on"), APPEND_ONLY)

    @classmethod
    def frozen_when(cls, instance: Any) -> bool:
        return True
