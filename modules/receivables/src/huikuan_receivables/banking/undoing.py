"""Taking a match back in one call: payment, allocations, differences, dispute; the line is open again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.money import Money
from huikuan_customers.api import customer_lock
from huikuan_receivables.banking.payers import forget
from huikuan_receivables.banking.posting import line_lock
from huikuan_receivables.changes import Changes
from huikuan_receivables.errors import MATCH_ENDED
from huikuan_receivables.events import BankMatchUndone, DisputeSettled
from huikuan_receivables.models import Allocation, BankLine, BankMatch, Dispute, Payment
from huikuan_receivables.paying import become_void
from huikuan_receivables.snapshots import BankLineStatus, DisputeState, MatchStatus, PaymentStatus
from huikuan_receivables.unallocating import live_allocations

__all__ = ["undo"]


def undo(ctx: Context, match_id: UUID, reason: str) -> BankMatch:
    """Take back all that a match did; what was open before is open again, and the line waits for somebody."""
    match = ctx.get(BankMatch, match_id)
    _check(ctx, match)
    assert match.payment_id is not None and match.customer_id is not None
    payment_id = match.payment_id
    accounts = {row.customer_id for row in _settled(ctx, payment_id)} | {match.customer_id}
    ctx.lock([line_lock(match.line_id), *(customer_lock(id) for id in accounts)])
    match = ctx.get(BankMatch, match_id)
    _check(ctx, match)
    changes = Changes(ctx)
    payment = ctx.get(Payment, payment_id)
    _check_payment(ctx, payment)
    become_void(ctx, changes, payment, reason, ctx.today)
    changes.finish()
    _end_dispute(ctx, match, reason)
    forget(ctx, match)
    match.status, match.undone_at, match.undo_reason = MatchStatus.UNDONE, ctx.now, reason
    ctx.get(BankLine, match.line_id).status = BankLineStatus.OPEN
    ctx.emit(
        BankMatchUndone(
            bank_line_id=match.line_id,
            match_id=match.id,
            payment_id=payment.id,
            customer_id=payment.customer_id,
            rule=match.rule,
            automatic=match.automatic,
            reason=reason,
        )
    )
    return match


def _settled(ctx: Context, payment_id: UUID) -> Sequence[Allocation]:
    return live_allocations(ctx, Allocation.payment_id == payment_id)


def _check(ctx: Context, match: BankMatch) -> None:
    if match.status is not MatchStatus.POSTED:
        ctx.refuse(
            Refusal(
                MATCH_ENDED,
                f"The match is {match.status.name}; only what is posted can be taken back.",
                field="id",
                advice="Look at the line's other matches.",
            )
        )


def _check_payment(ctx: Context, payment: Payment) -> None:
    if payment.status is not PaymentStatus.SUCCEEDED:
        ctx.refuse(
            Refusal(
                MATCH_ENDED,
                f"Payment {payment.number} is {payment.status.name}: there is nothing to take back.",
                field="id",
                advice="Look at the payment.",
                payment=payment.id,
            )
        )


def _end_dispute(ctx: Context, match: BankMatch, reason: str) -> None:
    """The dispute that the payment began, if nobody has decided it."""
    if match.dispute_id is None:
        return
    dispute = ctx.get(Dispute, match.dispute_id)
    if dispute.state is not DisputeState.OPEN:
        return
    dispute.state, dispute.outcome, dispute.settled_on = DisputeState.WITHDRAWN, reason, ctx.today
    ctx.emit(
        DisputeSettled(
            dispute_id=dispute.id,
            item_id=dispute.item_id,
            customer_id=dispute.customer_id,
            state=dispute.state,
            amount=Money(dispute.amount, dispute.currency),
        )
    )
