"""Open items are owed until they are settled, unapplied money lowers what is owed; and how customers pay."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import or_, select

from huikuan import Context, hookimpl, subscribe
from huikuan.core.events import ModuleEnabled
from huikuan.invariants import Invariant
from huikuan_credit.accounts import pools
from huikuan_credit.ledger import hold
from huikuan_credit.models import Account, Position
from huikuan_credit.owing import Key, Owing, add_owed, owing_of, source_of
from huikuan_credit.rechecking import ease
from huikuan_credit.snapshots import PaymentFacts
from huikuan_receivables.api import account_sums, payer_records
from huikuan_receivables.events import PromiseJudged
from huikuan_receivables.snapshots import PayerRating, PayerRecord, PromiseState, SettledItem, UnappliedChange

NAME = "receivables"


# --- what is owed -------------------------------------------------------------------------------


@hookimpl
def receivables_after_settle(ctx: Context, items: Sequence[SettledItem]) -> None:
    """What was settled is owed no longer, what was taken back is owed again."""
    changes: dict[Key, Owing] = {}
    for item in items:
        key = (item.customer_id, item.currency)
        changes[key] = changes.get(key, Owing()) + owing_of(item.after) - owing_of(item.before)
    add_owed(ctx, "settle", changes)


@hookimpl
def receivables_after_unapplied(ctx: Context, payments: Sequence[UnappliedChange]) -> None:
    """Money that settles nothing yet lowers what is owed."""
    changes: dict[Key, Owing] = {}
    for payment in payments:
        key = (payment.customer_id, payment.currency)
        changes[key] = changes.get(key, Owing()) + Owing(unapplied=payment.before - payment.after)
    add_owed(ctx, "pay", changes)


# --- how customers pay --------------------------------------------------------------------------


@hookimpl
def credit_payment_facts(ctx: Context, customer_ids: Sequence[UUID]) -> list[PaymentFacts]:
    """What the ledger of receivables tells of them."""
    return [_facts(ctx, record) for record in payer_records(ctx, customer_ids)]


def _facts(ctx: Context, record: PayerRecord) -> PaymentFacts:
    due, issued = record.oldest_due_on, record.oldest_issued_on
    return PaymentFacts(
        customer_id=record.customer_id,
        currency=record.currency,
        days_overdue=0 if due is None else (ctx.today - due).days,
        overdue=record.overdue,
        open=record.open,
        oldest_days=0 if issued is None else (ctx.today - issued).days,
        dunning_level=record.dunning_level,
        delay_days=record.delay_days,
        recent_delay_days=record.recent_delay_days,
        late_percent=record.late_percent,
        broken_promises=record.broken_promises,
        disputes=record.disputes,
        bounced=record.bounced,
        sales_90_days=record.invoiced_90_days,
        since=record.since,
    )


@hookimpl
def receivables_rating(ctx: Context, customer_ids: frozenset[UUID]) -> list[PayerRating]:
    """The grade of the account that they owe with, unless its day has passed."""
    found = {id: pool.account_id for id, pool in pools(ctx, sorted(customer_ids)).items()}
    grades = _grades(ctx, {id for id in found.values() if id is not None})
    return [
        PayerRating(customer_id=id, grade=grades[account_id])
        for id, account_id in found.items()
        if account_id in grades
    ]


def _grades(ctx: Context, account_ids: Collection[UUID]) -> dict[UUID, str]:
    rows = ctx.scalars(select(Account).where(Account.id.in_(account_ids))) if account_ids else []
    return {
        row.id: row.grade.name
        for row in rows
        if row.grade is not None and (row.grade_until is None or row.grade_until >= ctx.today)
    }


@subscribe(PromiseJudged)
def trust_again(ctx: Context, event: PromiseJudged) -> None:
    """Who keeps a promise is asked about anew."""
    if event.state is PromiseState.KEPT:
        pool = pools(ctx, [event.customer_id])[event.customer_id]
        ease(ctx, pool.group_id if pool.shared else pool.head)


# --- building it anew, and what must be true ----------------------------------------------------


@hookimpl
def kernel_module_enabled(ctx: Context) -> None:
    """Build what customers owe from what is open."""
    rebuild(ctx)


@subscribe(ModuleEnabled)
def follow_receivables(ctx: Context, event: ModuleEnabled) -> None:
    """Receivables is back: what it did meanwhile is made up for."""
    if event.module == NAME:
        rebuild(ctx)


@hookimpl
def kernel_invariants() -> Iterable[Invariant]:
    """Positions and receivables agree."""
    return [
        Invariant(
            "credit.receivables",
            "What is invoiced, less what is unapplied, is what stands on the accounts of receivables.",
            lambda ctx: [customer_id for customer_id, _ in _differing(ctx)],
        )
    ]


def rebuild(ctx: Context) -> int:
    """Bring what is invoiced and unapplied in line with receivables; returns how many accounts differed.

    The rows of the positions are held first: whoever settles or pays meanwhile adds to them after this, and none of
    that is among what is read here.
    """
    keys = _differing(ctx)
    for key in keys:
        hold(ctx, source_of(key))
    ctx.flush()
    ids = {customer_id for customer_id, _ in keys}
    told, known = _told(ctx, ids), _known(ctx, ids)
    add_owed(ctx, "rebuild", {key: told.get(key, Owing()) - known.get(key, Owing()) for key in keys})
    return len(keys)


def _differing(ctx: Context) -> list[Key]:
    """Accounts of which credit says something else than receivables."""
    told, known = _told(ctx), _known(ctx)
    keys = sorted(told.keys() | known.keys(), key=str)
    return [key for key in keys if told.get(key, Owing()) != known.get(key, Owing())]


def _told(ctx: Context, ids: Collection[UUID] | None = None) -> Mapping[Key, Owing]:
    return {
        (row.customer_id, row.currency): Owing(row.owed, row.credits - row.unapplied) for row in account_sums(ctx, ids)
    }


def _known(ctx: Context, ids: Collection[UUID] | None = None) -> Mapping[Key, Owing]:
    statement = select(Position.source_id, Position.currency, Position.invoiced, Position.unapplied).where(
        or_(Position.invoiced != 0, Position.unapplied != 0)
    )
    if ids is not None:
        statement = statement.where(Position.source_id.in_(ids))
    return {(row.source_id, row.currency): Owing(row.invoiced, row.unapplied) for row in ctx.rows(statement)}
