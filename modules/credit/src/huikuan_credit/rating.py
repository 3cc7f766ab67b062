"""Rating customers by their own history, and by hand for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, select

from huikuan.codec import encode
from huikuan.context import Context
from huikuan_credit.accounts import Pool
from huikuan_credit.events import CreditRatingFell, CreditRatingSet
from huikuan_credit.exposure import members
from huikuan_credit.hookspecs import credit_external_rating, credit_payment_facts
from huikuan_credit.models import Account, Entry, Rating, RiskClass
from huikuan_credit.queries import standings
from huikuan_credit.scoring import Known, Score, score
from huikuan_credit.snapshots import Grade, Part, PaymentFacts

__all__ = ["known_of", "rate", "sales_of", "set_rating"]

ZERO = Decimal(0)
HUNDRED = Decimal(100)
SALES_DAYS = 90
ORDERING = ("confirm", "change", "cancel", "close", "reopen")


def rate(ctx: Context, account: Account, pool: Pool, currency: str) -> Rating | None:
    """Rate an account by what is known of it; None where nothing is. A grade set by hand holds until its day.

    The same grade and score as before are no new rating.
    """
    if account.grade_by_hand and (account.grade_until is None or account.grade_until >= ctx.today):
        return None
    found = score(known_of(ctx, pool, currency))
    if found is None:
        return None
    last = ctx.scalars(_ratings(account.id).limit(1))
    if last and not last[0].by_hand and (last[0].grade, last[0].score) == (found.grade, found.points):
        _put_into_class(ctx, account, found.grade)
        return last[0]
    return _store(ctx, account, found.grade, found, None, None)


def set_rating(ctx: Context, account: Account, grade: Grade, reason: str, until: date | None) -> Rating:
    """Rate by hand."""
    return _store(ctx, account, grade, None, reason, until)


def _store(
    ctx: Context, account: Account, grade: Grade, found: Score | None, reason: str | None, until: date | None
) -> Rating:
    before, by_hand = account.grade, found is None
    account.grade, account.grade_by_hand, account.grade_until = grade, by_hand, until
    _put_into_class(ctx, account, grade)
    ctx.emit(CreditRatingSet(credit_account_id=account.id, grade=grade, by_hand=by_hand))
    if before is not None and grade.name > before.name:
        ctx.emit(CreditRatingFell(credit_account_id=account.id, before=before, grade=grade))
    return ctx.add(
        Rating(
            account_id=account.id,
            at=ctx.now,
            grade=grade,
            score=None if found is None else found.points,
            by_hand=by_hand,
            until=until,
            reasons=encode(found.reasons) if found is not None else [{"name": "by hand", "value": reason}],
            missing=list(found.missing) if found is not None else [],
        )
    )


def _ratings(account_id: UUID) -> Select[Rating]:
    return select(Rating).where(Rating.account_id == account_id).order_by(Rating.at.desc(), Rating.id.desc())


def _put_into_class(ctx: Context, account: Account, grade: Grade) -> None:
    """The active class of the grade, unless somebody chose another one."""
    if not account.class_by_hand:
        risk = ctx.find(RiskClass, grade=grade, active=True)
        account.class_id = None if risk is None else risk.id


def known_of(ctx: Context, pool: Pool, currency: str) -> Known:
    """What is known of a family: what modules tell of its payments, and what credit itself has seen."""
    ids = members(ctx, pool)
    facts: list[PaymentFacts] = ctx.collect(credit_payment_facts, customer_ids=ids)
    [standing] = standings(ctx, [(pool.head, currency)])
    bureau = ctx.provide(credit_external_rating, customer_id=pool.head)
    used = standing.exposure * HUNDRED / standing.bound if standing.bound else None
    if not facts:
        return Known(
            tenure_days=_tenure(ctx, pool, None),
            limit_percent=used,
            bureau=bureau if isinstance(bureau, Grade) else None,
        )
    opened = sum((it.open for it in facts if it.currency == currency), ZERO)
    overdue = sum((it.overdue for it in facts if it.currency == currency), ZERO)
    return Known(
        delay_days=_worst([it.delay_days for it in facts]),
        late_percent=_worst([it.late_percent for it in facts]),
        overdue_percent=overdue * HUNDRED / opened if opened > ZERO else ZERO,
        broken_promises=Decimal(sum(it.broken_promises for it in facts)),
        disputes=Decimal(sum(it.disputes for it in facts)),
        bounced=Decimal(sum(it.bounced for it in facts)),
        tenure_days=_tenure(ctx, pool, min((it.since for it in facts if it.since is not None), default=None)),
        limit_percent=used,
        bureau=bureau if isinstance(bureau, Grade) else None,
    )


def _worst(values: Sequence[Decimal | None]) -> Decimal | None:
    return max((value for value in values if value is not None), default=None)


def _tenure(ctx: Context, pool: Pool, since: date | None) -> Decimal | None:
    """Days since the first item or the first line of the ledger."""
    if pool.account_id is not None:
        first = ctx.scalar(select(func.min(Entry.at)).where(Entry.account_id == pool.account_id))
        if first is not None:
            since = first.date() if since is None else min(since, first.date())
    return None if since is None else Decimal((ctx.today - since).days)


def sales_of(ctx: Context, account_ids: Sequence[UUID], currency: str) -> dict[UUID, Decimal]:
    """What accounts ordered in the last 90 days, less what they cancelled; those that ordered nothing are left out."""
    if not account_ids:
        return {}
    rows = ctx.rows(
        select(Entry.account_id, func.sum(Entry.amount).label("amount"))
        .where(
            Entry.account_id.in_(account_ids),
            Entry.currency == currency,
            Entry.part == Part.ORDERED,
            Entry.event.in_(ORDERING),
            Entry.at >= ctx.now - timedelta(days=SALES_DAYS),
        )
        .group_by(Entry.account_id)
    )
    return {row.account_id: max(row.amount, ZERO) for row in rows}
