"""What receivables contributes to invoicing, customers and the kernel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from huikuan.context import Context
from huikuan.core.errors import SETTING_INVALID
from huikuan.demo_step import DemoStep
from huikuan.errors import BadInput, Refusal
from huikuan.hooks import hookimpl
from huikuan.invariants import Invariant
from huikuan_customers.snapshots import CustomerOverdue, CustomerSnapshot
from huikuan_invoicing.snapshots import InvoiceSnapshot, PaymentPart
from huikuan_receivables.demo import STEPS
from huikuan_receivables.errors import OPEN_ACCOUNT
from huikuan_receivables.figure_rows import own_rows
from huikuan_receivables.figures import own_figures
from huikuan_receivables.habits import habitual_ratings
from huikuan_receivables.invariants import INVARIANTS
from huikuan_receivables.parts import overdue_of, payment_parts
from huikuan_receivables.posted import document_credited, document_posted, read_history
from huikuan_receivables.promises import judge_promises, standing_promises
from huikuan_receivables.queries import balances
from huikuan_receivables.reading_settings import check_setting
from huikuan_receivables.snapshots import (
    CustomerFigure,
    FigureRow,
    PayerRating,
    RowMark,
    SettledItem,
    TimelineEntry,
    TimelineKind,
    TimelineMark,
)
from huikuan_receivables.timeline_sources import own_entries

__all__ = [
    "customers_before_archive",
    "customers_overdue",
    "invoicing_after_credit",
    "invoicing_after_post",
    "invoicing_payment_parts",
    "kernel_before_setting",
    "kernel_demo_steps",
    "kernel_invariants",
    "kernel_module_enabled",
    "receivables_after_settle",
    "receivables_customer_figures",
    "receivables_figure_rows",
    "receivables_rating",
    "receivables_timeline_parts",
]


@hookimpl
def invoicing_after_post(ctx: Context, invoice: InvoiceSnapshot) -> None:
    """Items and entry of the document; advances paid for its orders settle it."""
    document_posted(ctx, invoice)


@hookimpl
def invoicing_after_credit(ctx: Context, invoice: InvoiceSnapshot, credit_note: InvoiceSnapshot) -> None:
    """The credit note settles the document that it takes back."""
    document_credited(ctx, invoice, credit_note)


@hookimpl
def invoicing_payment_parts(ctx: Context, invoices: Sequence[UUID]) -> list[PaymentPart]:
    """What payments, discounts, write-offs and free credit notes settle."""
    return payment_parts(ctx, invoices)


@hookimpl
def customers_overdue(ctx: Context, customer_ids: frozenset[UUID]) -> list[CustomerOverdue]:
    """What was due before today and is open."""
    return overdue_of(ctx, customer_ids)


@hookimpl
def customers_before_archive(ctx: Context, customer: CustomerSnapshot) -> Refusal | None:
    """Whose account is not even stays."""
    found = balances(ctx, [customer.id]).get(customer.id, [])
    if not found:
        return None
    texts = [f"{row.open:f} {row.currency} open, {row.unapplied:f} unapplied" for row in found]
    return Refusal(
        OPEN_ACCOUNT,
        f"The account of {customer.code} is not even: {'; '.join(texts)}.",
        advice="Settle, write off or pay back what is left.",
    )


@hookimpl
def kernel_before_setting(ctx: Context, key: str, value: str | int | bool) -> Refusal | None:
    """Buckets, rates and tolerances are texts that can be read."""
    try:
        check_setting(ctx, key, value)
    except BadInput as error:
        return Refusal(SETTING_INVALID, error.message, field="value")
    return None


@hookimpl
def kernel_invariants() -> Iterable[Invariant]:
    """Ledger, balances, payments and allocations agree."""
    return INVARIANTS


@hookimpl
def kernel_module_enabled(ctx: Context, module: str) -> None:
    """Documents that were posted while receivables was not there get their items and entries."""
    if module == "receivables":
        read_history(ctx)


@hookimpl
def receivables_after_settle(ctx: Context, items: Sequence[SettledItem]) -> None:
    """Promises are judged whenever a payment comes or is taken back."""
    judge_promises(ctx, standing_promises(ctx, [item.item_id for item in items]))


@hookimpl(trylast=True)
def receivables_rating(ctx: Context, customer_ids: frozenset[UUID]) -> list[PayerRating]:
    """Habit, where nobody knows better."""
    return habitual_ratings(ctx, customer_ids)


@hookimpl
def receivables_customer_figures(ctx: Context, accounts: Mapping[UUID, str]) -> list[CustomerFigure]:
    """What the ledger tells of them."""
    return own_figures(ctx, accounts)


@hookimpl
def receivables_figure_rows(
    ctx: Context, customer_id: UUID, currency: str, name: str, after: RowMark | None, limit: int
) -> list[FigureRow] | None:
    """Items, payments, allocations and disputes."""
    return own_rows(ctx, customer_id, currency, name, after, limit)


@hookimpl
def receivables_timeline_parts(
    ctx: Context, customer_id: UUID, kinds: frozenset[TimelineKind], before: TimelineMark | None, limit: int
) -> list[TimelineEntry]:
    """Invoices, payments, write-offs, reminders, disputes, promises and notes."""
    return own_entries(ctx, customer_id, kinds, before, limit)


@hookimpl
def kernel_demo_steps() -> Iterable[DemoStep]:
    """Customers pay, each in their way, and are reminded."""
    return STEPS
