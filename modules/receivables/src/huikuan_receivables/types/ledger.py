"""GraphQL types of the ledger, of payments and of what they settle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from huikuan.context import Context
from huikuan.graphql import batch, column, node, to_many, to_one
from huikuan.money import Money
from huikuan.values import Ref
from huikuan_customers.types import Customer
from huikuan_invoicing.snapshots import InvoiceKind
from huikuan_invoicing.types import Invoice
from huikuan_receivables import models
from huikuan_receivables.snapshots import (
    Account,
    AllocationKind,
    EntryKind,
    PaymentMethod,
    PaymentStatus,
    RefundKind,
    WriteOffCause,
)
from huikuan_receivables.unallocating import live_allocations

__all__ = [
    "Allocation",
    "Payment",
    "ProvisionRun",
    "ReceivableEntry",
    "ReceivableItem",
    "ReceivablePosting",
    "Refund",
    "by_attribute",
]


def by_attribute(ctx: Context, attribute: str, ids: Sequence[Any], *, all: bool) -> dict[Any, list[Ref[Allocation]]]:
    """Allocations by what an attribute refers to: those in force, or all that there ever were."""
    column_ = getattr(models.Allocation, attribute)
    if all:
        rows = ctx.scalars(select(models.Allocation).where(column_.in_(ids)).order_by(models.Allocation.id))
    else:
        rows = live_allocations(ctx, column_.in_(ids))
    found: dict[Any, list[Ref[Allocation]]] = {id: [] for id in ids}
    for row in rows:
        found[getattr(row, attribute)].append(Ref(row.id))
    return found


@node(models.Payment, keys=("number", "reference"), permission="receivables.read")
class Payment:
    """Money that came from a customer, or is to come."""

    number: str | None
    customer: Customer = to_one("customer_id", "Who paid.")
    status: PaymentStatus = column("How far it has come.")
    method: PaymentMethod = column("How it came.")
    amount: Money = column("How much.")
    unapplied: Money = column("What of it settles nothing yet.", currency="amount_currency")
    rate: Decimal
    rate_units: int = column("For how many units of the currency the rate is.")
    rate_on: date
    received_on: date
    reference: str | None
    source_type: str | None
    failure_reason: str | None
    ended_on: date | None
    created_at: datetime = column("When it was recorded.")
    refunds: list[Refund] = to_many("payment_id", "What of it was paid back or kept.", order_by="id")

    @batch(requires=["id"])
    def allocations(ctx: Context, payments: Sequence[Any], all: bool = False) -> list[list[Ref[Allocation]]]:
        """What it settles; with `all` also what was taken back."""
        found = by_attribute(ctx, "payment_id", [row.id for row in payments], all=all)
        return [found[row.id] for row in payments]


@node(models.ItemBalance, name="ReceivableItem", permission="receivables.read")
class ReceivableItem:
    """What one instalment of a posted document asks for, and what is open of it."""

    invoice: Invoice = to_one("invoice_id", "The document.")
    sequence: int
    kind: InvoiceKind = column("What the document is.")
    customer: Customer = to_one("customer_id", "Whose account it is on: the bill-to.")
    payer: Customer = to_one("payer_id", "Who is to pay it.")
    currency: str
    amount: Money
    open: Money = column("What is open of it; negative for credit notes.")
    issued_on: date = column("The document's date.")
    due_on: date
    chase_on: date
    closed_on: date | None
    discount_until: date | None = column("Last day of the discount for early payment.")
    discount_amount: Money | None

    @batch(requires=["open", "due_on"])
    def days_overdue(ctx: Context, items: Sequence[Any]) -> list[int]:
        """How many days ago it was due; 0 when it is not overdue, or not open."""
        today = ctx.today
        return [max(0, (today - row.due_on).days) if row.open > 0 else 0 for row in items]

    @batch(requires=["id"])
    def allocations(ctx: Context, items: Sequence[Any], all: bool = False) -> list[list[Ref[Allocation]]]:
        """What settles it; with `all` also what was taken back."""
        found = by_attribute(ctx, "item_id", [row.id for row in items], all=all)
        return [found[row.id] for row in items]


@node(models.Allocation, permission="receivables.read")
class Allocation:
    """What settles how much of an item, from when."""

    payment: Payment | None = to_one("payment_id", "The payment; null where nothing was paid.")
    item: ReceivableItem = to_one("item_id", "The item.")
    credit_item: ReceivableItem | None = to_one("credit_item_id", "The part of a credit note that settles it.")
    invoice: Invoice = to_one("invoice_id", "The item's document.")
    kind: AllocationKind = column("What settles it.")
    on: date
    amount: Money
    source_amount: Money = column(
        "What it takes of the payment; the same but for payments in other currencies.", currency="source_currency"
    )
    cause: WriteOffCause | None = column("Of a write-off: why.")
    rule: str
    score: int | None
    reason: str | None = column("Why; of a row that reverses another one: why it was taken back.")
    reverses: Allocation | None = to_one("reverses_id", "The one that it takes back.")
    entry: ReceivableEntry = to_one("entry_id", "Its entry in the ledger.")


@node(models.Refund, permission="receivables.read")
class Refund:
    """What left a payment or a credit note without settling anything."""

    kind: RefundKind = column("Whether it was paid back or kept.")
    customer: Customer = to_one("customer_id", "Whose money it was.")
    payment: Payment | None = to_one("payment_id", "The payment.")
    credit_item: ReceivableItem | None = to_one("credit_item_id", "The part of a credit note.")
    amount: Money
    on: date
    reference: str | None
    reason: str = column("Why.")
    reverses: Refund | None = to_one("reverses_id", "The one that it takes back.")


@node(models.Entry, name="ReceivableEntry", plural="receivable_entries", permission="receivables.read")
class ReceivableEntry:
    """An entry of the ledger; rows are only ever added."""

    kind: EntryKind = column("What it tells.")
    on: date
    source_type: str
    reason: str | None = column("Why, where somebody said.")
    reverses: ReceivableEntry | None = to_one("reverses_id", "The one that it takes back.")
    postings: list[ReceivablePosting] = to_many("entry_id", "Its sides, which come to nothing.", order_by="id")


@node(models.Posting, name="ReceivablePosting", permission="receivables.read", root=False)
class ReceivablePosting:
    """One side of an entry."""

    account: Account = column("Where it stands.")
    customer: Customer = to_one("customer_id", "Whose account it is about.")
    item: ReceivableItem | None = to_one("item_id", "The item.")
    payment: Payment | None = to_one("payment_id", "The payment.")
    amount: Money

    @batch(requires=["base_amount"])
    def base_amount(ctx: Context, postings: Sequence[Any]) -> list[Money]:
        """The same in the company's currency."""
        return [Money(row.base_amount, ctx.tenant.currency) for row in postings]


@node(models.ProvisionRun, permission="receivables.read")
class ProvisionRun:
    """Provisions for bad debt, as they were set for a day."""

    on: date
    rates: str
    items: int
    change: Money
    total: Money
    entry: ReceivableEntry | None = to_one("entry_id", "Its entry in the ledger; null where nothing changed.")
