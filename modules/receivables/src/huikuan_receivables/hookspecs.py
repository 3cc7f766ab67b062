"""Extension points of receivables. Each docstring is the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from huikuan.hooks import contribution, provider, reaction, veto
from huikuan.money import Money
from huikuan_receivables.snapshots import (
    CustomerFigure,
    FigureRow,
    OpenItem,
    PayerRating,
    RowMark,
    SettledItem,
    TimelineEntry,
    TimelineKind,
    TimelineMark,
    UnappliedChange,
    WriteOffCause,
)

if TYPE_CHECKING:
    from huikuan.context import Context
    from huikuan.errors import Refusal

__all__ = [
    "receivables_after_settle",
    "receivables_after_unapplied",
    "receivables_before_write_off",
    "receivables_customer_figures",
    "receivables_figure_rows",
    "receivables_rating",
    "receivables_timeline_parts",
    "receivables_timeline_subjects",
]


@reaction
def receivables_after_settle(ctx: Context, items: Sequence[SettledItem]) -> None:
    """What settles items has just changed: a payment, a credit note, a write-off, or one of them taken back.

    Kind: reaction, in the same transaction: what you write stands or falls with it. Each item once, with what was
    open before and is open now, in its currency and with its sign; both are the same where a credit note settles it
    in the place of a payment. The items' customers are locked, but for
    items that are posted in the same transaction. New items are told by ``invoicing_after_post``; those of documents
    that were posted before receivables was enabled are told here when it is, as if nothing had been open before.
    """


@reaction
def receivables_after_unapplied(ctx: Context, payments: Sequence[UnappliedChange]) -> None:
    """What settles nothing of payments has just changed: money came, was used, given back, paid back or taken back.

    Kind: reaction, in the same transaction: what you write stands or falls with it. Each payment once, with what was
    unapplied before and is now, in its currency; within a command it may change several times, each is told. The
    payments' customers are locked, but for advances that settle an invoice which is posted in the same transaction.
    """


@veto
def receivables_before_write_off(
    ctx: Context, item: OpenItem, amount: Money, cause: WriteOffCause
) -> list[Refusal] | Refusal | None:
    """Whether a part of an item may be given up.

    Kind: veto. After the locks, before the first write. ``amount``: at most what is open; in the item's currency.
    Returns refusals: WARN lets pass and tells, APPROVE places a hold, BLOCK refuses. All are asked. Not asked about
    differences within the tolerance, which are written off by themselves.
    """


@contribution
def receivables_rating(ctx: Context, customer_ids: frozenset[UUID]) -> list[PayerRating]:  # type: ignore[empty-body]
    """How customers pay: dunning policies may be meant for one rating only.

    Kind: contribution, on demand, read-only; for many customers at once. ``customer_ids``: only these.
    Returns a rating for those you know; where several answer for a customer, the first one holds. Receivables
    itself comes last, with the average delay of a year: A up to 30 days, B up to 60, C up to 90, D beyond.
    """


@contribution
def receivables_customer_figures(ctx: Context, accounts: Mapping[UUID, str]) -> list[CustomerFigure]:  # type: ignore[empty-body]
    """Figures of customers: what is open and overdue, how they pay, what was ordered and is not invoiced yet.

    Kind: contribution, on demand, read-only; for many customers at once. ``accounts``: the currency in which each
    customer's figures are wanted. Returns at most one figure of a name for each of them, each with its formula; names
    are in capitals, and no two modules have the same.
    """


@provider
def receivables_figure_rows(
    ctx: Context, customer_id: UUID, currency: str, name: str, after: RowMark | None, limit: int
) -> list[FigureRow] | None:
    """The rows that a figure is made of.

    Kind: provider, on demand, read-only: whoever tells the figure ``name`` answers. Returns at most ``limit`` rows by
    day and id, only those beyond ``after``; None if the figure is another module's, or is made of other figures.
    """


@contribution
def receivables_timeline_parts(  # type: ignore[empty-body]
    ctx: Context, customer_id: UUID, kinds: frozenset[TimelineKind], before: TimelineMark | None, limit: int
) -> list[TimelineEntry]:
    """Entries of a customer's timeline.

    Kind: contribution, on demand, read-only, once for each page. ``kinds``: only entries of these. Returns your newest
    ``limit`` entries before the place ``before`` (all if it is None); what is known by its day only stands where that
    day begins. Show only what the actor may see elsewhere.
    """


@contribution
def receivables_timeline_subjects(ctx: Context, customer_id: UUID) -> list[tuple[str, UUID]]:  # type: ignore[empty-body]
    """Documents of a customer on which entries of other modules hang, such as the orders that goods leave for.

    Kind: contribution, on demand, read-only. Returns types (such as "Order") and ids.
    """
