"""Early warnings: each is told once, and again only after it was over."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.money import Money, quantize
from huikuan_credit.accounts import Pool, balance_of, pools
from huikuan_credit.events import (
    CreditConcentrationWarned,
    CreditExposureRose,
    CreditHabitBroken,
    CreditOverdueBegan,
)
from huikuan_credit.exposure import members, parts_of
from huikuan_credit.hookspecs import credit_payment_facts
from huikuan_credit.limits import in_force
from huikuan_credit.models import Account, Balance, Position
from huikuan_credit.snapshots import Inputs, PaymentFacts

__all__ = ["STEPS", "step_of", "tell_share", "watch_accounts", "watch_share"]

STEPS = (100, 90, 70)
ZERO = Decimal(0)
HABIT_DAYS = Decimal(10)


def step_of(exposure: Decimal, limit: Decimal) -> int:
    """The highest step that an exposure reaches: 100, 90, 70 or 0 percent of the limit."""
    if exposure <= ZERO:
        return 0
    return next((step for step in STEPS if exposure * 100 >= limit * step), 0)


def watch_share(ctx: Context, account_id: UUID, inputs: Inputs, known: Balance | None) -> None:
    """After a document passed: tell if the account has reached a step of its limit."""
    if inputs.bound is None:
        return
    balance = known or balance_of(ctx, account_id, inputs.currency)
    if balance is not None:
        tell_share(ctx, balance, inputs.after, inputs.bound)


def tell_share(ctx: Context, balance: Balance, exposure: Decimal, limit: Decimal) -> None:
    """Tell a step that was not told yet; forget those that the account has left."""
    step = step_of(exposure, limit)
    if step > balance.told_percent:
        ctx.emit(
            CreditExposureRose(
                credit_account_id=balance.account_id,
                percent=step,
                exposure=Money(quantize(exposure, balance.currency), balance.currency),
                limit=Money(quantize(limit, balance.currency), balance.currency),
            )
        )
    if step != balance.told_percent:
        balance.told_percent = step


def watch_accounts(ctx: Context, account_ids: Sequence[UUID]) -> None:
    """Look at accounts anew, whatever moved them or did not."""
    totals = _totals(ctx)
    for account in ctx.scalars(select(Account).where(Account.id.in_(account_ids), Account.in_use).order_by(Account.id)):
        pool = _pool_of(ctx, account)
        if pool is None:
            continue
        for balance in ctx.scalars(select(Balance).where(Balance.account_id == account.id)):
            owed = sum((part.amount for part in parts_of(ctx, pool, balance, balance.currency)), ZERO)
            limits = in_force(ctx, pool, balance.currency)
            if limits.limit is not None:
                bound = limits.limit.amount + sum((cover.amount for cover in limits.covers), ZERO)
                tell_share(ctx, balance, owed, bound)
            _tell_concentration(ctx, balance, owed, totals.get(balance.currency, ZERO))
        _tell_payment(ctx, account, ctx.collect(credit_payment_facts, customer_ids=members(ctx, pool)))


def _pool_of(ctx: Context, account: Account) -> Pool | None:
    """The pool behind an account; of a group any of those that owe together."""
    head = account.customer_id
    if head is None:
        head = ctx.scalar(select(Position.bill_to_id).where(Position.account_id == account.id).limit(1))
    found = None if head is None else pools(ctx, [head]).get(head)
    return found if found is not None and found.account_id == account.id else None


def _totals(ctx: Context) -> dict[str, Decimal]:
    """What all accounts together owe, by currency."""
    owed = Balance.ordered + Balance.shipped + Balance.invoiced + Balance.unapplied
    rows = ctx.rows(select(Balance.currency, func.sum(owed).label("owed")).group_by(Balance.currency))
    return {row.currency: row.owed for row in rows}


def _tell_concentration(ctx: Context, balance: Balance, owed: Decimal, total: Decimal) -> None:
    share = ZERO if total <= ZERO else round(owed * 100 / total, 2)
    large = owed < total and share > Decimal(ctx.setting("credit.concentration_percent"))
    if large and not balance.concentration_told:
        ctx.emit(
            CreditConcentrationWarned(
                credit_account_id=balance.account_id,
                percent=share,
                exposure=Money(quantize(owed, balance.currency), balance.currency),
            )
        )
    if large != balance.concentration_told:
        balance.concentration_told = large


def _tell_payment(ctx: Context, account: Account, facts: Sequence[PaymentFacts]) -> None:
    late = [item for item in facts if item.overdue > ZERO]
    if late and not account.overdue_told:
        worst = max(late, key=lambda item: item.overdue)
        overdue = Money(quantize(worst.overdue, worst.currency), worst.currency)
        ctx.emit(CreditOverdueBegan(credit_account_id=account.id, overdue=overdue))
    account.overdue_told = bool(late)
    broken = next((item for item in facts if _broken(item)), None)
    if broken is not None and not account.habit_told:
        assert broken.delay_days is not None and broken.recent_delay_days is not None
        ctx.emit(
            CreditHabitBroken(
                credit_account_id=account.id, usual_days=broken.delay_days, recent_days=broken.recent_delay_days
            )
        )
    account.habit_told = broken is not None


def _broken(item: PaymentFacts) -> bool:
    """Whether what was paid or is overdue lately came much later than it used to: by ten days, and by half."""
    if item.delay_days is None or item.recent_delay_days is None:
        return False
    return item.recent_delay_days - item.delay_days >= max(HABIT_DAYS, abs(item.delay_days) / 2)
