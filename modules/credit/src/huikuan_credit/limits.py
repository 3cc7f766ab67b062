"""The limit in force: the customer's own, else its group's, else the company's. 0 is a limit, unset is not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from huikuan.context import Context
from huikuan_credit.accounts import Pool
from huikuan_credit.models import Limit
from huikuan_credit.snapshots import Cover, LimitKind, LimitLevel

__all__ = ["InForce", "in_force", "limits_of", "resolve"]


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds in one currency on one day, and what was found instead where nothing does."""

    limit: Limit | None
    level: LimitLevel | None
    covers: tuple[Cover, ...]
    expired_on: date | None
    elsewhere: bool


def limits_of(ctx: Context, pool: Pool) -> Sequence[Limit]:
    """Every line of credit of a pool that was not replaced or taken back, in all currencies. One statement."""
    owners = [Limit.customer_id == pool.head] if not pool.shared else []
    if pool.group_id is not None:
        owners.append(Limit.group_id == pool.group_id)
    company = Limit.customer_id.is_(None) & Limit.group_id.is_(None)
    statement = select(Limit).where(Limit.ended_at.is_(None), or_(company, *owners))
    return ctx.scalars(statement.order_by(Limit.id))


def in_force(ctx: Context, pool: Pool, currency: str) -> InForce:
    """What holds for a pool today."""
    return resolve(limits_of(ctx, pool), currency, ctx.today)


def resolve(rows: Sequence[Limit], currency: str, today: date) -> InForce:
    """The cascade, as a pure function: the newest valid limit of the nearest level; covers of the owner on top."""
    own = [row for row in rows if row.currency == currency]
    valid = [row for row in own if _valid(row, today)]
    base = next((found for level in LimitLevel if (found := _newest(valid, level)) is not None), None)
    covers = tuple(
        Cover(kind=row.kind, amount=row.amount, until=row.valid_until)
        for row in valid
        if row.kind is not LimitKind.LIMIT and base is not None
    )
    return InForce(
        limit=base,
        level=None if base is None else level_of(base),
        covers=covers,
        expired_on=_expired(own, today),
        elsewhere=any(row.kind is LimitKind.LIMIT and row.currency != currency and _valid(row, today) for row in rows),
    )


def level_of(row: Limit) -> LimitLevel:
    """Whose line of credit it is."""
    if row.customer_id is not None:
        return LimitLevel.CUSTOMER
    return LimitLevel.GROUP if row.group_id is not None else LimitLevel.COMPANY


def _newest(rows: Iterable[Limit], level: LimitLevel) -> Limit | None:
    found = [row for row in rows if row.kind is LimitKind.LIMIT and level_of(row) is level]
    return max(found, key=lambda row: (row.valid_from, row.id), default=None)


def _valid(row: Limit, today: date) -> bool:
    return row.valid_from <= today and (row.valid_until is None or today <= row.valid_until)


def _expired(rows: Iterable[Limit], today: date) -> date | None:
    """The day on which the customer's own limit ran out, if none has followed it."""
    own = [row for row in rows if row.kind is LimitKind.LIMIT and row.customer_id is not None]
    if any(_valid(row, today) for row in own):
        return None
    return max(
        (row.valid_until for row in own if row.valid_until is not None and row.valid_until < today), default=None
    )
