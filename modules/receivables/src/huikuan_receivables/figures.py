"""Figures of customers, each with its formula; what they are made of is read row by row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.money import Money
from huikuan_receivables.aging import Filter
from huikuan_receivables.habits import delays
from huikuan_receivables.hookspecs import receivables_customer_figures
from huikuan_receivables.metrics import average_delay, dso
from huikuan_receivables.models import Payment, Posting
from huikuan_receivables.open_parts import disputed_amounts
from huikuan_receivables.queries import balances
from huikuan_receivables.snapshots import Account, CustomerFigure, PaymentStatus

__all__ = ["customer_figures", "own_figures", "sales_since"]

ZERO = Decimal(0)
TENTH = Decimal("0.1")
Accounts = Mapping[UUID, str]


def customer_figures(ctx: Context, accounts: Accounts) -> dict[UUID, list[CustomerFigure]]:
    """All figures of these customers, each in the currency named; as all modules tell them."""
    found: dict[UUID, list[CustomerFigure]] = {id: [] for id in accounts}
    for figure in ctx.collect(receivables_customer_figures, accounts=accounts):
        found[figure.customer_id].append(figure)
    return found


def own_figures(ctx: Context, accounts: Accounts) -> list[CustomerFigure]:
    """What receivables itself tells. A fixed number of statements."""
    return [*_sums(ctx, accounts), *_habits(ctx, accounts), *_last_payments(ctx, accounts)]


def sales_since(ctx: Context) -> date:
    """The first day whose invoices count for the days of sales outstanding."""
    return ctx.today - timedelta(days=int(ctx.setting("receivables.dso_days")) - 1)


def _sums(ctx: Context, accounts: Accounts) -> list[CustomerFigure]:
    """What is open, overdue, disputed and unapplied, and how long sales take to come in."""
    today, days = ctx.today, int(ctx.setting("receivables.dso_days"))
    standing = balances(ctx, accounts)
    disputed = disputed_amounts(ctx, today, Filter(list(accounts)))
    sales = _sales(ctx, accounts)
    found = []
    for id, currency in accounts.items():
        own = next((it for it in standing.get(id, ()) if it.currency == currency), None)
        open, overdue, money = (own.open, own.overdue, own.unapplied) if own is not None else (ZERO, ZERO, ZERO)
        sold = sales.get((id, currency), ZERO)
        ratio = dso(open, sold, days)
        sums = (
            ("RECEIVABLE", open, "All that is open; credit notes are taken off."),
            ("OVERDUE", overdue, "What of it was due before today; credit notes are not taken off."),
            ("DISPUTED", disputed.get((id, currency), ZERO), "What of it is disputed."),
            ("UNAPPLIED", money, "Payments that settle nothing yet."),
            ("SALES", sold, f"Invoices of the last {days} days, less credit notes."),
        )
        found += [
            CustomerFigure(customer_id=id, name=name, formula=text, amount=Money(amount, currency))
            for name, amount, text in sums
        ]
        found.append(
            CustomerFigure(
                customer_id=id,
                name="DSO",
                formula=f"Simple: RECEIVABLE / SALES x {days}, as things stand now. Not to be told without sales.",
                number=ratio.quantize(TENTH) if ratio is not None else None,
                unit="days",
                made_of=("RECEIVABLE", "SALES"),
            )
        )
    return found


def _sales(ctx: Context, accounts: Accounts) -> dict[tuple[UUID, str], Decimal]:
    rows = ctx.rows(
        select(Posting.customer_id, Posting.currency, func.sum(Posting.amount))
        .where(
            Posting.account == Account.SALES,
            Posting.customer_id.in_(accounts),
            Posting.on >= sales_since(ctx),
            Posting.on <= ctx.today,
        )
        .group_by(Posting.customer_id, Posting.currency)
    )
    return {(row[0], row[1]): -row[2] for row in rows}


def _habits(ctx: Context, accounts: Accounts) -> list[CustomerFigure]:
    """How late payments came within a year."""
    late: dict[UUID, list[tuple[Decimal, int]]] = {}
    for customer_id, days, amount in delays(ctx, list(accounts)):
        late.setdefault(customer_id, []).append((amount, days))
    found = []
    for id in accounts:
        average = average_delay(late.get(id, []))
        worst = max((days for _, days in late.get(id, [])), default=None)
        found += [
            CustomerFigure(
                customer_id=id,
                name="PAYMENT_DELAY",
                formula="Sum of amount x (day paid - day due) / sum of amounts, of what was paid within 365 days, in"
                " all currencies at the ledger's rates; early is negative, what is overdue counts as paid today."
                " Not to be told where nothing was paid and nothing is overdue.",
                number=average.quantize(TENTH) if average is not None else None,
                unit="days",
                made_of=("OVERDUE",),
            ),
            CustomerFigure(
                customer_id=id,
                name="MAX_DAYS_LATE",
                formula="The most days that anything paid within 365 days came late, or is overdue by now.",
                number=Decimal(max(worst, 0)) if worst is not None else None,
                unit="days",
                made_of=("PAYMENT_DELAY", "OVERDUE"),
            ),
        ]
    return found


def _last_payments(ctx: Context, accounts: Accounts) -> list[CustomerFigure]:
    came = (Payment.status == PaymentStatus.SUCCEEDED, Payment.customer_id.in_(accounts))
    last = (
        select(Payment.customer_id, Payment.amount_currency, func.max(Payment.received_on).label("on"))
        .where(*came)
        .group_by(Payment.customer_id, Payment.amount_currency)
        .subquery()
    )
    same = (
        (last.c.customer_id == Payment.customer_id)
        & (last.c.amount_currency == Payment.amount_currency)
        & (last.c.on == Payment.received_on)
    )
    rows = ctx.rows(
        select(Payment.customer_id, Payment.amount_currency, last.c.on, func.sum(Payment.amount_amount).label("amount"))
        .join(last, same)
        .where(*came)
        .group_by(Payment.customer_id, Payment.amount_currency, last.c.on)
    )
    known = {(row.customer_id, row.amount_currency): (row.on, row.amount) for row in rows}
    found = []
    for id, currency in accounts.items():
        on, amount = known.get((id, currency), (None, None))
        found.append(
            CustomerFigure(
                customer_id=id,
                name="LAST_PAYMENT",
                formula="What came on the last day on which anything came. Not to be told where nothing ever came.",
                amount=Money(amount, currency) if amount is not None else None,
                on=on,
            )
        )
    return found
