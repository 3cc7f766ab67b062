"""Extension points of receivables. Each docstring is the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from huikuan.hooks import contribution, reaction, veto
from huikuan.money import Money
from huikuan_receivables.snapshots import OpenItem, PayerRating, SettledItem, WriteOffCause

if TYPE_CHECKING:
    from huikuan.context import Context
    from huikuan.errors import Refusal

__all__ = ["receivables_after_settle", "receivables_before_write_off", "receivables_rating"]


@reaction
def receivables_after_settle(ctx: Context, items: Sequence[SettledItem]) -> None:
    """The open amount of items has just changed: a payment, a credit note, a write-off, or one of them taken back.

    Kind: reaction, in the same transaction: what you write stands or falls with it. Each item once, with what was
    open before and is open now, in its currency and with its sign. The items' customers are locked, but for
    items that are posted in the same transaction.
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
