"""Root fields of bank statements that are no plain lists."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from huikuan.context import Context
from huikuan.graphql import query
from huikuan_receivables.banking.figures import precision, suspense
from huikuan_receivables.types import BankSuspense, MatchPrecision

__all__ = ["bank_match_precision", "bank_suspense"]


@query(permission="receivables.bank")
def bank_match_precision(
    ctx: Context, since: Annotated[datetime | None, "Only what was decided since then."] = None
) -> list[MatchPrecision]:
    """How often each rule of matching was right."""
    return [
        MatchPrecision(one.rule, one.posted, one.undone, one.confirmed, one.rejected, one.percent)
        for one in precision(ctx, since)
    ]


@query(permission="receivables.bank")
def bank_suspense(ctx: Context) -> list[BankSuspense]:
    """Money that came in and is nobody's yet, by age and currency."""
    return [BankSuspense(one.from_days, one.to_days, one.lines, one.amount, one.oldest) for one in suspense(ctx)]
