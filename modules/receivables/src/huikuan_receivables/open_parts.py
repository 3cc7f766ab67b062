"""Open items and unapplied money one by one, as of any day, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from huikuan.context import Context
from huikuan_receivables.aging import Bucket, Filter
from huikuan_receivables.models import Dispute, Posting
from huikuan_receivables.snapshots import Account

__all__ = ["OpenPart", "disputed_amounts", "open_parts", "unapplied_parts"]

ZERO = Decimal(0)
Place = tuple[date, UUID]


@dataclass(frozen=True, slots=True)
class OpenPart:
    """What was open of an item, or unapplied of a payment, as of a day. ``on``: when it is due, or came."""

    id: UUID
    on: date
    currency: str
    amount: Decimal
    disputed: Decimal = ZERO


def open_parts(
    ctx: Context, as_of: date, wanted: Filter, *, within: Bucket | None = None, after: Place | None = None, limit: int
) -> list[OpenPart]:
    """Items that were open on a day, by due day and id. Two statements."""
    if wanted.nobody:
        return []
    due, item = Posting.due_on, Posting.item_id
    statement = (
        select(item, due, Posting.currency, func.sum(Posting.amount).label("open"))
        .where(Posting.account == Account.RECEIVABLE, Posting.on <= as_of)
        .where(*wanted.on(Posting.customer_id, Posting.currency))
        .group_by(due, item, Posting.currency)
        .having(func.sum(Posting.amount) != 0)
        .order_by(due, item)
        .limit(limit)
    )
    if within is not None:
        statement = statement.where(within.holds(due, as_of))
    if after is not None:
        statement = statement.where(_beyond(due, item, after))
    rows = ctx.rows(statement)
    disputed = _disputed(ctx, as_of, Dispute.item_id.in_([row.item_id for row in rows])) if rows else {}
    return [OpenPart(row.item_id, row.due_on, row.currency, row.open, _part(disputed, row)) for row in rows]


def unapplied_parts(ctx: Context, as_of: date, wanted: Filter, *, limit: int) -> list[OpenPart]:
    """Payments with money that settled nothing on a day, the oldest first. One statement."""
    first, total = func.min(Posting.on), func.sum(Posting.amount)
    statement = (
        select(Posting.payment_id, first.label("on"), Posting.currency, total.label("amount"))
        .where(Posting.account == Account.UNAPPLIED, Posting.on <= as_of)
        .where(*wanted.on(Posting.customer_id, Posting.currency))
        .group_by(Posting.payment_id, Posting.currency)
        .having(total != 0)
        .order_by(first, Posting.payment_id)
        .limit(limit)
    )
    rows = ctx.rows(statement)
    return [OpenPart(row.payment_id, row.on, row.currency, -row.amount) for row in rows]


def disputed_amounts(ctx: Context, as_of: date, wanted: Filter) -> dict[tuple[UUID, str], Decimal]:
    """What was disputed on a day by customer and currency, of each item at most what was open. Two statements."""
    disputed = _disputed(ctx, as_of, *wanted.on(Dispute.customer_id, Dispute.currency))
    if not disputed:
        return {}
    rows = ctx.rows(
        select(Posting.customer_id, Posting.currency, Posting.item_id, func.sum(Posting.amount).label("open"))
        .where(Posting.account == Account.RECEIVABLE, Posting.on <= as_of, Posting.item_id.in_(disputed))
        .group_by(Posting.customer_id, Posting.currency, Posting.item_id)
    )
    found: dict[tuple[UUID, str], Decimal] = {}
    for row in rows:
        assert row.item_id is not None
        part = _part(disputed, row)
        if part:
            key = row.customer_id, row.currency
            found[key] = found.get(key, ZERO) + part
    return found


def _disputed(ctx: Context, as_of: date, *whose: Any) -> dict[UUID, Decimal]:
    """Amounts of disputes that were open on a day; changes of an amount are not dated."""
    lasting = or_(Dispute.settled_on.is_(None), Dispute.settled_on > as_of)
    statement = select(Dispute.item_id, Dispute.amount).where(Dispute.opened_on <= as_of, lasting, *whose)
    found: dict[UUID, Decimal] = {}
    for row in ctx.rows(statement):
        found[row.item_id] = max(row.amount, found.get(row.item_id, ZERO))
    return found


def _beyond(first: Any, second: Any, place: Place) -> Any:
    """What comes after a place; said in two parts, so that an index is of use."""
    return and_(first >= place[0], or_(first > place[0], second > place[1]))


def _part(disputed: dict[UUID, Decimal], row: Any) -> Decimal:
    """What is disputed of an item, at most what is open."""
    open: Decimal = row.open
    return max(ZERO, min(disputed.get(row.item_id, ZERO), open))
