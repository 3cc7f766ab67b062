"""Money that went out: the payment that it was bounces, or the refund that it was is confirmed by its line."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan.db import LockKey
from huikuan.errors import Refusal
from huikuan.money import Money
from huikuan_customers.api import customer_lock
from huikuan_receivables.banking.facts import LineFacts
from huikuan_receivables.banking.open_lines import check_proposed, drop_proposals, open_line
from huikuan_receivables.banking.posting import line_lock
from huikuan_receivables.changes import Changes
from huikuan_receivables.errors import ALLOCATION_ENDED, LINE_AMOUNT, LINE_INCOMING, LINE_TWICE, WRONG_STATE
from huikuan_receivables.events import BankLineMatched
from huikuan_receivables.models import Allocation, BankLine, BankMatch, BankMatchPart, Payment, Refund
from huikuan_receivables.paying import Departure, become_bounced, check_change, past_day
from huikuan_receivables.snapshots import BankLineStatus, MatchKind, MatchRule, MatchStatus, PaymentStatus, RefundKind
from huikuan_receivables.unallocating import live_allocations

__all__ = ["choose_outgoing", "confirm_outgoing", "post_outgoing", "touched"]

SURE = 100
ZERO = Decimal(0)
LONGEST = 500


def touched(ctx: Context, match: BankMatch) -> set[UUID]:
    """The accounts that a match touches when it is posted."""
    if match.refund_id is not None:
        return {ctx.get(Refund, match.refund_id).customer_id}
    assert match.payment_id is not None
    used = live_allocations(ctx, Allocation.payment_id == match.payment_id)
    return {ctx.get(Payment, match.payment_id).customer_id, *(row.customer_id for row in used)}


def confirm_outgoing(ctx: Context, match: BankMatch) -> BankMatch:
    """Post what was proposed of a line by which money went out."""
    match_id = match.id
    ctx.lock(_keys(ctx, match))
    match = ctx.get(BankMatch, match_id)
    check_proposed(ctx, match)
    return _decide(ctx, open_line(ctx, match.line_id), match)


def choose_outgoing(
    ctx: Context, line_id: UUID, payment_id: UUID | None, refund_id: UUID | None, note: str | None
) -> BankMatch:
    """Post what somebody chose for a line by which money went out."""
    match = BankMatch(
        line_id=line_id,
        kind=MatchKind.RETURN if refund_id is None else MatchKind.REFUND,
        payment_id=payment_id,
        refund_id=refund_id,
        rule=MatchRule.HAND,
        score=SURE,
        reason=note or "Somebody chose.",
    )
    ctx.lock(_keys(ctx, match))
    line = open_line(ctx, line_id)
    if not line.outgoing:
        ctx.refuse(
            Refusal(
                LINE_INCOMING,
                "The money came in; it is no return and no refund.",
                field="line",
                advice="Say which customer paid, and what it settles.",
            )
        )
    return _decide(ctx, line, match)


def post_outgoing(ctx: Context, line: LineFacts, match: BankMatch, *, automatic: bool) -> None:
    """Let the payment bounce, unless it has, or confirm the refund; the accounts and the line are locked.

    ``match``: what was proposed, or a new one.
    """
    if match.kind is MatchKind.RETURN:
        match.customer_id, departure = _take_back(ctx, line, match)
    else:
        match.customer_id, departure = _confirm_refund(ctx, line, match), None
    match.status, match.automatic, match.decided_at = MatchStatus.POSTED, automatic, ctx.now
    match.bounce_id = departure.entry.id if departure is not None else None
    if match.tenant_id is None:
        match.rest = ZERO
        ctx.add(match)
    ctx.flush()
    if departure is not None:
        _keep_parts(ctx, match, departure.settled)
    ctx.emit(
        BankLineMatched(
            bank_line_id=line.id,
            match_id=match.id,
            kind=match.kind,
            payment_id=match.payment_id,
            refund_id=match.refund_id,
            customer_id=match.customer_id,
            rule=match.rule,
            score=match.score,
            automatic=automatic,
            amount=line.amount,
        )
    )


def _decide(ctx: Context, line: LineFacts, match: BankMatch) -> BankMatch:
    post_outgoing(ctx, line, match, automatic=False)
    drop_proposals(ctx, line.id, match.id)
    row = ctx.get(BankLine, line.id)
    row.status, row.note = BankLineStatus.POSTED, None
    return match


def _keys(ctx: Context, match: BankMatch) -> list[LockKey]:
    return [line_lock(match.line_id), *(customer_lock(id) for id in touched(ctx, match))]


def _take_back(ctx: Context, line: LineFacts, match: BankMatch) -> tuple[UUID, Departure | None]:
    """Whose payment it is, and how it left the ledger; one that bounced before the line came does not again."""
    assert match.payment_id is not None
    payment = ctx.get(Payment, match.payment_id)
    _check_amount(ctx, line, payment.amount)
    if ctx.exists(BankMatch, payment_id=payment.id, kind=MatchKind.RETURN, status=MatchStatus.POSTED):
        _refuse_twice(ctx, f"payment {payment.number} was taken back")
    if not check_change(ctx, payment, PaymentStatus.BOUNCED):
        return payment.customer_id, None
    day = past_day(ctx, line.on, "line", since=payment.received_on)
    changes = Changes(ctx)
    departure = become_bounced(ctx, changes, payment, match.reason[:LONGEST], day)
    changes.finish()
    return payment.customer_id, departure


def _confirm_refund(ctx: Context, line: LineFacts, match: BankMatch) -> UUID:
    assert match.refund_id is not None
    refund = ctx.get(Refund, match.refund_id)
    if refund.kind is not RefundKind.REFUND or refund.reverses_id is not None:
        ctx.refuse(Refusal(WRONG_STATE, "Nothing was paid back by it.", field="refund", advice="Choose a refund."))
    if ctx.exists(Refund, reverses_id=refund.id):
        ctx.refuse(Refusal(ALLOCATION_ENDED, "The refund was taken back.", field="refund", advice="Record it anew."))
    _check_amount(ctx, line, refund.amount)
    if ctx.exists(BankMatch, refund_id=refund.id, status=MatchStatus.POSTED):
        _refuse_twice(ctx, f"{refund.amount} were paid back")
    return refund.customer_id


def _check_amount(ctx: Context, line: LineFacts, amount: Money) -> None:
    if line.amount != -amount:
        ctx.refuse(
            Refusal(
                LINE_AMOUNT,
                f"By the line {-line.amount} went out, not {amount}.",
                field="line",
                advice="If the bank kept a fee, bounce the payment by paymentBounce and ignore the line.",
                amount=amount,
            )
        )


def _refuse_twice(ctx: Context, what: str) -> None:
    ctx.refuse(
        Refusal(
            LINE_TWICE,
            f"Another line tells already that {what}.",
            field="line",
            advice="Take that line's match back by bankMatchUndo first.",
        )
    )


def _keep_parts(ctx: Context, match: BankMatch, settled: Sequence[Allocation]) -> None:
    """What is open again, so that it can be settled again."""
    ctx.add_all(
        BankMatchPart(
            match_id=match.id,
            position=position,
            item_id=row.item_id,
            currency=row.currency,
            amount=row.amount,
            allocation_id=row.id,
        )
        for position, row in enumerate(settled, 1)
    )
