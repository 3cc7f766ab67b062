"""Reading credit for others: many customers at once, never writing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, or_, select

from huikuan.context import Context
from huikuan_credit.accounts import Pool, pool_of, pools
from huikuan_credit.exposure import missing_parts, parts_of
from huikuan_credit.ledger import COLUMNS
from huikuan_credit.limits import InForce, resolve
from huikuan_credit.models import Account, Balance, Entry, Limit, Rating
from huikuan_credit.snapshots import ExposurePart

__all__ = ["Standing", "exposure_at", "latest_ratings", "standings"]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a customer stands in one currency today, together with all that owe with it."""

    currency: str
    pool: Pool
    limits: InForce
    parts: tuple[ExposurePart, ...]
    missing: tuple[str, ...]
    as_of: datetime
    rating_id: UUID | None = None
    class_id: UUID | None = None

    @property
    def exposure(self) -> Decimal:
        """What is owed."""
        return sum((part.amount for part in self.parts), ZERO)

    @property
    def bound(self) -> Decimal | None:
        """The limit with all that raises it; None where none is set."""
        if self.limits.limit is None:
            return None
        return self.limits.limit.amount + sum((cover.amount for cover in self.limits.covers), ZERO)

    @property
    def headroom(self) -> Decimal | None:
        """What may still be owed; negative where more is owed already."""
        return None if self.bound is None else self.bound - self.exposure


def standings(ctx: Context, wanted: Sequence[tuple[UUID, str]]) -> list[Standing]:
    """How these customers stand, each in a currency. A fixed number of statements unless other modules add parts."""
    found = pools(ctx, [id for id, _ in wanted])
    balances = _balances(ctx, found)
    limits = _limits(ctx, found)
    missing = missing_parts(ctx)
    account_ids = {pool.account_id for pool in found.values() if pool.account_id is not None}
    ratings, classes = latest_ratings(ctx, account_ids), _classes(ctx, account_ids)
    answers = []
    for id, currency in wanted:
        pool = found[id]
        balance = None if pool.account_id is None else balances.get((pool.account_id, currency))
        answers.append(
            Standing(
                currency=currency,
                pool=pool,
                limits=resolve(_of(pool, limits), currency, ctx.today),
                parts=parts_of(ctx, pool, balance, currency),
                missing=missing,
                as_of=ctx.now,
                rating_id=None if pool.account_id is None else ratings.get(pool.account_id),
                class_id=None if pool.account_id is None else classes.get(pool.account_id),
            )
        )
    return answers


def _balances(ctx: Context, found: Mapping[UUID, Pool]) -> dict[tuple[UUID, str], Balance]:
    ids = {pool.account_id for pool in found.values() if pool.account_id is not None}
    rows = ctx.scalars(select(Balance).where(Balance.account_id.in_(ids))) if ids else []
    return {(row.account_id, row.currency): row for row in rows}


def _limits(ctx: Context, found: Mapping[UUID, Pool]) -> Sequence[Limit]:
    heads = {pool.head for pool in found.values()}
    groups = {pool.group_id for pool in found.values() if pool.group_id is not None}
    company = Limit.customer_id.is_(None) & Limit.group_id.is_(None)
    owners = or_(company, Limit.customer_id.in_(heads), Limit.group_id.in_(groups))
    return ctx.scalars(select(Limit).where(Limit.ended_at.is_(None), owners).order_by(Limit.id))


def _of(pool: Pool, rows: Sequence[Limit]) -> list[Limit]:
    own = None if pool.shared else pool.head
    return [
        row for row in rows if (row.customer_id, row.group_id) in ((own, None), (None, pool.group_id), (None, None))
    ]


def exposure_at(ctx: Context, customer_id: UUID, currency: str, at: datetime) -> dict[str, Decimal]:
    """What the customer's account owed at a moment, part by part: the sum of its ledger up to then."""
    pool = pool_of(ctx, customer_id)
    sums = dict.fromkeys(COLUMNS.values(), ZERO)
    if pool.account_id is None:
        return sums
    rows = ctx.rows(
        select(Entry.part, func.sum(Entry.amount).label("amount"))
        .where(Entry.account_id == pool.account_id, Entry.currency == currency, Entry.at <= at)
        .group_by(Entry.part)
    )
    return sums | {COLUMNS[row.part]: row.amount for row in rows}


def latest_ratings(ctx: Context, account_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The newest rating of each account; those without are left out."""
    if not account_ids:
        return {}
    rows = ctx.rows(
        select(Rating.account_id, Rating.id)
        .where(Rating.account_id.in_(account_ids))
        .order_by(Rating.account_id, Rating.at, Rating.id)
    )
    return {row.account_id: row.id for row in rows}


def _classes(ctx: Context, account_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    if not account_ids:
        return {}
    rows = ctx.rows(select(Account.id, Account.class_id).where(Account.id.in_(account_ids)))
    return {row.id: row.class_id for row in rows}
