"""What lines of bank statements pay: runs of matching, and what people decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from huikuan.commands import command
from huikuan.context import Context
from huikuan.graphql import output
from huikuan.values import Id, Ref
from huikuan_customers.types import Customer
from huikuan_receivables.banking import deciding
from huikuan_receivables.banking.running import run_matching
from huikuan_receivables.banking.undoing import undo
from huikuan_receivables.commands.texts import given_reason
from huikuan_receivables.inputs import PaymentAllocationInput
from huikuan_receivables.models import BankLine, BankMatch, BankSource

__all__ = [
    "BankMatchRan",
    "bank_line_ignore",
    "bank_match_confirm",
    "bank_match_post",
    "bank_match_reject",
    "bank_match_run",
    "bank_match_undo",
    "match_lines",
]

USUAL = 1_000


@output
@dataclass(frozen=True)
class BankMatchRan:
    """What a run of matching came to."""

    tried: int
    posted: int
    proposed: int
    unmatched: int
    changed: int


@command(permission="receivables.bank", idempotency="natural")
def bank_match_run(
    ctx: Context,
    source: Annotated[Ref[BankSource] | None, "Only lines of this account."] = None,
    limit: Annotated[int, "At most so many lines, up to 10,000."] = USUAL,
    again: Annotated[bool, "Whether lines that were looked at before are looked at again."] = False,
) -> BankMatchRan:
    """Find what open lines pay. What is certain is posted; for the rest there are proposals.

    A line is posted if its best proposal stands alone and its score is at least `receivables.match_score`. `changed`:
    lines of which something changed meanwhile; run again.
    """
    before = ctx.now if again else None
    found = run_matching(ctx, source.id if source is not None else None, limit, tried_until=before)
    return BankMatchRan(found.tried, found.posted, found.proposed, found.unmatched, found.changed)


@command(permission="receivables.bank", idempotency="natural")
def bank_match_confirm(
    ctx: Context,
    id: Id[BankMatch],
    customer: Annotated[Ref[Customer] | None, "Who paid, where the proposal does not say."] = None,
    rate: Annotated[Decimal | None, "Of a foreign currency: what one unit is worth in the company's."] = None,
) -> BankMatch:
    """Post what was proposed. From now on the payer's account and name are known as this customer's."""
    return deciding.confirm(ctx, id, customer.id if customer is not None else None, rate)


@command(permission="receivables.bank", idempotency="natural")
def bank_match_post(
    ctx: Context,
    line: Annotated[Id[BankLine], "The line."],
    customer: Annotated[Ref[Customer], "Who paid."],
    allocations: Annotated[list[PaymentAllocationInput], "What it settles; empty: nothing yet."],
    rate: Annotated[Decimal | None, "Of a foreign currency: what one unit is worth in the company's."] = None,
    note: Annotated[str | None, "Why."] = None,
) -> BankMatch:
    """Post the payment of a line as you choose. From now on the payer's account and name are known."""
    return deciding.by_hand(ctx, line, customer.id, allocations, rate, note)


@command(permission="receivables.bank", idempotency="natural")
def bank_match_reject(ctx: Context, id: Id[BankMatch]) -> BankMatch:
    """Say that a proposal is wrong. Said again it changes nothing."""
    return deciding.reject(ctx, id)


@command(permission="receivables.bank", idempotency="natural")
def bank_match_undo(ctx: Context, id: Id[BankMatch], reason: Annotated[str, "Why."]) -> BankMatch:
    """Take a posted match back: its payment is void, what it settled is open again as before, and so is the line."""
    return undo(ctx, id, given_reason(reason))


@command(permission="receivables.bank", idempotency="natural")
def bank_line_ignore(
    ctx: Context,
    id: Id[BankLine],
    note: Annotated[str | None, "Why."] = None,
    ignored: Annotated[bool, "False: it is a payment of a customer after all."] = True,
) -> BankLine:
    """Say that a line is no payment of a customer: it needs no match."""
    return deciding.ignore(ctx, id, ignored, note)


def match_lines(ctx: Context, limit: int) -> int:
    """What the job does: new lines, and those that nothing was found for since a day; how many it looked at."""
    return run_matching(ctx, None, limit, tried_until=ctx.now - timedelta(days=1)).tried
