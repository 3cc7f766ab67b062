"""What lines of bank statements pay: runs of matching, and what people decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan.graphql import output
from huikuan.values import Id, Ref
from huikuan_customers.types import Customer
from huikuan_receivables.banking import deciding
from huikuan_receivables.banking.returning import choose_outgoing
from huikuan_receivables.banking.running import run_matching
from huikuan_receivables.banking.undoing import undo
from huikuan_receivables.commands.texts import given_reason
from huikuan_receivables.inputs import PaymentAllocationInput
from huikuan_receivables.models import BankLine, BankMatch, BankSource, Payment, Refund

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
    """Find what open lines pay, or which payment or refund went out. What is certain is posted; the rest is proposed.

    A line is posted if its best proposal stands alone and its score is at least `receivables.match_score`; one by which
    money went out only if it names what it is. `changed`: lines of which something changed meanwhile; run again.
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
    """Post what was proposed. From now on the payer's account and name are known as this customer's.

    Of money that went out the payment bounces, unless it has already, or the refund is confirmed.
    """
    return deciding.confirm(ctx, id, customer.id if customer is not None else None, rate)


@command(permission="receivables.bank", idempotency="natural")
def bank_match_post(
    ctx: Context,
    line: Annotated[Id[BankLine], "The line."],
    customer: Annotated[Ref[Customer] | None, "Who paid; left out only where money went out."] = None,
    allocations: Annotated[list[PaymentAllocationInput] | None, "What it settles; empty: nothing yet."] = None,
    rate: Annotated[Decimal | None, "Of a foreign currency: what one unit is worth in the company's."] = None,
    note: Annotated[str | None, "Why."] = None,
    returned: Annotated[Ref[Payment] | None, "Where money went out: the payment that the bank took back."] = None,
    refund: Annotated[Id[Refund] | None, "Where money went out: what was paid back."] = None,
) -> BankMatch:
    """Post a line as you choose: its payment, or the payment that it takes back, or the refund that it is.

    Of a payment the payer's account and name are known from now on.
    """
    if returned is None and refund is None:
        if customer is None:
            raise BadInput("Say who paid; or where money went out, what it was.", field="customer")
        return deciding.by_hand(ctx, line, customer.id, allocations or (), rate, note)
    if returned is not None and refund is not None:
        raise BadInput("It is either a return or a refund.", field="refund")
    if customer is not None or allocations is not None or rate is not None:
        raise BadInput("That goes with money that came in.", field="customer")
    return choose_outgoing(ctx, line, returned.id if returned is not None else None, refund, note)


@command(permission="receivables.bank", idempotency="natural")
def bank_match_reject(ctx: Context, id: Id[BankMatch]) -> BankMatch:
    """Say that a proposal is wrong. Said again it changes nothing."""
    return deciding.reject(ctx, id)


@command(permission="receivables.bank", idempotency="natural")
def bank_match_undo(ctx: Context, id: Id[BankMatch], reason: Annotated[str, "Why."]) -> BankMatch:
    """Take a posted match back: its payment is void, what it settled is open again as before, and so is the line.

    A payment that bounced by the match is here again, and settles again what is still open enough; the rest of it is
    unapplied.
    """
    return undo(ctx, id, given_reason(reason))


@command(permission="receivables.bank", idempotency="natural")
def bank_line_ignore(
    ctx: Context,
    id: Id[BankLine],
    note: Annotated[str | None, "Why."] = None,
    ignored: Annotated[bool, "False: it may be something between a customer and the company after all."] = True,
) -> BankLine:
    """Say that a line is nothing between a customer and the company, as a fee of the bank: it needs no match."""
    return deciding.ignore(ctx, id, ignored, note)


def match_lines(ctx: Context, limit: int) -> int:
    """What the job does: new lines, and those that nothing was found for since a day; how many it looked at."""
    return run_matching(ctx, None, limit, tried_until=ctx.now - timedelta(days=1)).tried
