"""What receivables tells at the end of ``huikuan demo``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from huikuan.context import Context
from huikuan.demo_step import DemoRun
from huikuan.graphql.ids import encode_id
from huikuan_receivables.aging import Filter, aged, edges_of
from huikuan_receivables.figures import sales_since
from huikuan_receivables.metrics import dso
from huikuan_receivables.models import (
    Allocation,
    BankMatch,
    Dispute,
    DunningLetter,
    ItemBalance,
    Payment,
    PaymentPromise,
    Posting,
)
from huikuan_receivables.planning import next_reminders
from huikuan_receivables.snapshots import (
    Account,
    AllocationKind,
    DisputeReason,
    LetterState,
    MatchStatus,
    PaymentStatus,
    PromiseState,
)

__all__ = ["finish", "queries"]

ZERO = Decimal(0)


def finish(demo: DemoRun) -> dict[str, Any]:
    """Money, aging, and who did what, in the company's currency: the demo has no other."""
    with demo.kernel.reading(demo.scope) as ctx:
        return {**_money(ctx), **_aging(ctx), **_people(ctx)}


def _money(ctx: Context) -> dict[str, Any]:
    paid = Payment.status == PaymentStatus.SUCCEEDED
    collected = ctx.scalar(select(func.sum(Payment.amount_amount)).where(paid)) or ZERO
    unapplied = ctx.scalar(select(func.sum(Payment.unapplied)).where(paid)) or ZERO
    open = ctx.scalar(select(func.sum(ItemBalance.open))) or ZERO
    overdue = ctx.scalar(select(func.sum(ItemBalance.open)).where(ItemBalance.due_on < ctx.today)) or ZERO
    settled = {
        row[0]: row[1]
        for row in ctx.rows(select(Allocation.kind, func.sum(Allocation.amount)).group_by(Allocation.kind))
    }
    days = int(ctx.setting("receivables.dso_days"))
    sold = -(
        ctx.scalar(
            select(func.sum(Posting.amount)).where(
                Posting.account == Account.SALES, Posting.on >= sales_since(ctx), Posting.on <= ctx.today
            )
        )
        or ZERO
    )
    ratio = dso(open, sold, days)
    return {
        "collected": f"{collected:.2f}",
        "of_that_unapplied": f"{unapplied:.2f}",
        "settled_by_payments": f"{settled.get(AllocationKind.PAYMENT, ZERO):.2f}",
        "written_off": f"{settled.get(AllocationKind.WRITE_OFF, ZERO):.2f}",
        "discounts": f"{settled.get(AllocationKind.DISCOUNT, ZERO):.2f}",
        "open": f"{open:.2f}",
        "overdue": f"{overdue:.2f}",
        "dso_days": f"{ratio:.1f}" if ratio is not None else "",
    }


def _aging(ctx: Context) -> dict[str, Any]:
    buckets = edges_of(ctx, None)
    found = aged(ctx, ctx.today, buckets, Filter(), by_customer=False)
    return {
        f"aging_{currency}": {
            bucket.label: f"{amount:.2f}" for bucket, amount in zip(buckets, row.amounts, strict=True)
        }
        for (_, currency), row in sorted(found.items(), key=lambda it: it[0][1])
    }


def _people(ctx: Context) -> dict[str, Any]:
    """Who paid too little or too much, disputed, promised and was reminded."""
    short = Dispute.reason == DisputeReason.SHORT_PAYMENT
    promises = ctx.rows(select(PaymentPromise.state, func.count()).group_by(PaymentPromise.state))
    letters = ctx.rows(
        select(DunningLetter.level, func.count())
        .where(DunningLetter.state == LetterState.ISSUED)
        .group_by(DunningLetter.level)
        .order_by(DunningLetter.level)
    )
    customers = set(ctx.scalars(select(ItemBalance.customer_id).where(ItemBalance.open > 0).distinct()))
    coming: dict[str, int] = {}
    for day, level in sorted(next_reminders(ctx, customers).values()):
        key = f"{day} level {level}"
        coming[key] = coming.get(key, 0) + 1
    matched = ctx.rows(
        select(BankMatch.automatic, func.count())
        .where(BankMatch.status == MatchStatus.POSTED)
        .group_by(BankMatch.automatic)
    )
    return {
        "bank_lines_matched": {"by itself" if row[0] else "by hand": row[1] for row in matched},
        "short_paid": ctx.scalar(select(func.count()).select_from(Dispute).where(short)) or 0,
        "over_paid": ctx.scalar(select(func.count()).select_from(Payment).where(Payment.unapplied > 0)) or 0,
        "disputed": ctx.scalar(select(func.count()).select_from(Dispute).where(~short)) or 0,
        "promised": {state.name: count for state, count in promises if isinstance(state, PromiseState)},
        "reminders_sent": {f"level {row[0]}": row[1] for row in letters},
        "next_reminders": dict(list(coming.items())[:5]),
    }


def queries(demo: DemoRun) -> list[tuple[str, str]]:
    """Documents that run as they stand on the demo's data."""
    with demo.kernel.reading(demo.scope) as ctx:
        rows = ctx.rows(
            select(ItemBalance.customer_id)
            .where(ItemBalance.open > 0)
            .group_by(ItemBalance.customer_id)
            .order_by(func.sum(ItemBalance.open).desc())
            .limit(1)
        )
    found = [
        (
            "Who owes how much, by how long it is overdue",
            """query {
  receivablesAging(first: 10) {
    buckets { label amount { amount currency } }
    rows { customer { code name } open { amount } overdue { amount } }
  }
}""",
        ),
        (
            "Whom to call first, why, and what to do next",
            """query {
  collectionWorklist(first: 5) {
    customer { code name } score level overdue { amount currency } oldestDueOn
  }
}""",
        ),
    ]
    if rows:
        customer = encode_id("Customer", rows[0].customer_id)
        found.append(
            (
                "One customer's figures, each with its formula",
                f"""query {{
  node(id: "{customer}") {{
    ... on Customer {{ code receivableFigures {{ name amount {{ amount currency }} number unit formula }} }}
  }}
}}""",
            )
        )
    return found
