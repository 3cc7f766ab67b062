"""Extension points of orders. Each docstring is the contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from huikuan.hooks import change, contribution, reaction, veto
from huikuan.money import Money
from huikuan_orders.snapshots import LineDraft, OrderDraft, OrderSnapshot, OrderTerms, TracePart

if TYPE_CHECKING:
    from huikuan.context import Context
    from huikuan.db import LockKey
    from huikuan.errors import Refusal

__all__ = [
    "orders_after_cancel",
    "orders_after_change",
    "orders_after_close",
    "orders_after_confirm",
    "orders_after_reopen",
    "orders_before_cancel",
    "orders_before_change",
    "orders_before_confirm",
    "orders_before_quote",
    "orders_confirm_locks",
    "orders_payment_terms",
    "orders_price_line",
    "orders_trace_parts",
]


@contribution
def orders_confirm_locks(ctx: Context, order: OrderSnapshot) -> list[LockKey]:  # type: ignore[empty-body]
    """Rows to lock before anything is decided about an order that is or becomes binding.

    Kind: contribution. Asked first by confirm, amend, cancel, close, reopen and complete, once each;
    all keys are sorted by rank and locked together with the order itself (rank 20).
    ``order``: the order as read before the locks; for amend, as it would be afterwards.
    Returns the rows whose values your vetoes and reactions read or write. Only queries, no writes.
    """


@veto
def orders_before_quote(ctx: Context, order: OrderSnapshot) -> list[Refusal] | Refusal | None:
    """Whether a draft may be offered to the customer.

    Kind: veto. After the order's lock, before the first write; nothing else is locked, so what you read of
    others may change until the order is confirmed. ``order``: the draft.
    Returns refusals as in ``orders_before_confirm``; WARN is usual, for an offer binds nobody's money yet.
    """


@veto
def orders_before_confirm(ctx: Context, order: OrderSnapshot) -> list[Refusal] | Refusal | None:
    """Whether an order may be confirmed, or a closed one reopened.

    Kind: veto. After the locks, before the first write; also read-only by ``orderConfirmPreview``.
    ``order``: read after the locks; amounts in its currency, quantities in the products' units.
    Returns refusals: WARN lets pass and tells, APPROVE places a hold, BLOCK refuses. All are asked.
    Give ``advice``: what would make the order pass; ``needed=Money`` where an amount would.
    """


@reaction
def orders_after_confirm(ctx: Context, order: OrderSnapshot) -> None:
    """An order has just been confirmed.

    Kind: reaction, in the same transaction: what you write stands or falls with the confirmation.
    ``order``: confirmed; its version is already the new one.
    """


@change
def orders_payment_terms(
    ctx: Context, terms: OrderTerms, bill_to_id: UUID, total: Money, ordered_on: date
) -> OrderTerms | None:
    """The payment terms of a new sale for which the caller named none; they are frozen on the order.

    Kind: change. While an order is written, after its amounts are known; not for orders of the past.
    ``terms``: those of the bill-to. ``total``: tax included. Returns other terms, code and lines of terms
    that customers has, or None to leave them. What a caller names is judged by ``orders_before_confirm``.
    """


@change
def orders_price_line(ctx: Context, line: LineDraft, order: OrderDraft) -> LineDraft | None:
    """The price of a line for which the caller gave none.

    Kind: change. While an order is written, changed or amended, before amounts are computed.
    ``line``: the draft; unit prices and ``list_price`` in ``order.currency``, six digits; the discount
    in percent. ``order``: customer, kind, currency and day.
    Returns a copy with another unit price, discount or description, or None to leave it. The order
    checks the result: price not negative, at most six digits, discount from 0 to 100, the rest unchanged.
    """


@veto
def orders_before_change(
    ctx: Context, before: OrderSnapshot, after: OrderSnapshot, increase: Money
) -> list[Refusal] | Refusal | None:
    """Whether a confirmed order may change.

    Kind: veto. After the locks, before the first write of a change order.
    ``before``, ``after``: the order as it is and as it would be. ``increase``: by how much its total,
    tax included, would grow; zero if it shrinks. Ask about the increase only: the rest was agreed.
    Returns refusals as in ``orders_before_confirm``.
    """


@reaction
def orders_after_change(ctx: Context, before: OrderSnapshot, after: OrderSnapshot) -> None:
    """A confirmed order was changed by a change order.

    Kind: reaction, in the same transaction. Lines keep their ids: compare by id; a line that was
    given up stays with quantity 0.
    """


@veto
def orders_before_cancel(ctx: Context, order: OrderSnapshot) -> list[Refusal] | Refusal | None:
    """Whether an order may be cancelled.

    Kind: veto. After the locks, before the first write. ``order``: as it is.
    Returns refusals as in ``orders_before_confirm``.
    """


@reaction
def orders_after_cancel(ctx: Context, order: OrderSnapshot) -> None:
    """A confirmed order was cancelled: free what it held.

    Kind: reaction, in the same transaction. Not called for drafts and quotes, which bind nothing.
    ``order``: as it was before.
    """


@reaction
def orders_after_close(ctx: Context, order: OrderSnapshot) -> None:
    """What is not fulfilled of a confirmed order was given up, or all of it is fulfilled.

    Kind: reaction, in the same transaction: free what it still holds.
    ``order``: closed, or DONE.
    """


@reaction
def orders_after_reopen(ctx: Context, order: OrderSnapshot) -> None:
    """A closed order was taken up again, after every veto of ``orders_before_confirm`` was asked anew.

    Kind: reaction, in the same transaction: take again what closing freed. ``order``: open again.
    """


@contribution
def orders_trace_parts(ctx: Context, orders: Sequence[UUID]) -> list[TracePart]:  # type: ignore[empty-body]
    """How far orders have come: reserved, shipped, invoiced, paid, overdue.

    Kind: contribution, on demand, read-only; for many orders at once.
    ``orders``: ids. Returns parts with quantities by line (in the product's unit) or money by order
    (in the order's currency). The order asks them itself before it is cancelled or shrinks: names
    "shipped" and "invoiced" count as fulfilled.
    """
