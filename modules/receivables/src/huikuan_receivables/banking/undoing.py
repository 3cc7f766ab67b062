"""Taking a match back in one call: payment, allocations, differences, dispute, or a bounce; the line is open again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan.errors import Refusal
from huikuan.money import Money
from huikuan_customers.api import customer_lock
from huikuan_receivables.banking.payers import forget
from huikuan_receivables.banking.posting import line_lock
from huikuan_receivables.changes import Changes
from huikuan_receivables.errors import MATCH_ENDED
from huikuan_receivables.events import BankMatchUndone, DisputeSettled
from huikuan_receivables.models import Allocation, BankLine, BankMatch, BankMatchPart, Dispute, Payment
from huikuan_receivables.paying import become_void
from huikuan_receivables.reinstating import reinstate
from huikuan_receivables.snapshots import BankLineStatus, DisputeState, MatchKind, MatchStatus, PaymentStatus
from huikuan_receivables.unallocating import live_allocations

__all__ = ["undo"]


def undo(ctx: Context, match_id: UUID, reason: str) -> BankMatch:
    """Take back all that a match did; what was open before is open again, and the line waits for somebody."""
    match = ctx.get(BankMatch, match_id)
    _check(ctx, match)
    ctx.lock([line_lock(match.line_id), *(customer_lock(id) for id in _accounts(ctx, match))])
    match = ctx.get(BankMatch, match_id)
    _check(ctx, match)
    assert match.customer_id is not None
    if match.kind is MatchKind.PAYMENT:
        _void(ctx, match, reason)
    elif match.bounce_id is not None:
        _reinstate(ctx, match, reason)
    match.status, match.undone_at, match.undo_reason = MatchStatus.UNDONE, ctx.now, reason
    ctx.get(BankLine, match.line_id).status = BankLineStatus.OPEN
    ctx.emit(
        BankMatchUndone(
            bank_line_id=match.line_id,
            match_id=match.id,
            kind=match.kind,
            payment_id=match.payment_id,
            refund_id=match.refund_id,
            customer_id=match.customer_id,
            rule=match.rule,
            automatic=match.automatic,
            reason=reason,
        )
    )
    return match


def _accounts(ctx: Context, match: BankMatch) -> set[UUID]:
    """Whose accounts are touched: what is settled, or was."""
    owner = [match.customer_id] if match.customer_id is not None else []
    if match.kind is MatchKind.PAYMENT:
        used: Sequence[Allocation] = live_allocations(ctx, Allocation.payment_id == match.payment_id)
    else:
        used = _taken_back(ctx, match)
    return {row.customer_id for row in used}.union(owner)


def _void(ctx: Context, match: BankMatch, reason: str) -> None:
    """The payment that the match posted goes, and all that came of it."""
    payment = ctx.get(Payment, match.payment_id)  # type: ignore[arg-type]
    _check_payment(ctx, payment, PaymentStatus.SUCCEEDED)
    changes = Changes(ctx)
    become_void(ctx, changes, payment, reason, ctx.today)
    changes.finish()
    _end_dispute(ctx, match, reason)
    forget(ctx, match)


def _reinstate(ctx: Context, match: BankMatch, reason: str) -> None:
    """The payment that the match took back is there again. One that had bounced before the line came is not."""
    payment = ctx.get(Payment, match.payment_id)  # type: ignore[arg-type]
    _check_payment(ctx, payment, PaymentStatus.BOUNCED)
    assert match.bounce_id is not None
    changes = Changes(ctx)
    reinstate(ctx, changes, payment, match.bounce_id, _taken_back(ctx, match), reason, ctx.today)
    changes.finish()


def _taken_back(ctx: Context, match: BankMatch) -> Sequence[Allocation]:
    """What the payment of a return had settled, in its order."""
    part = (BankMatchPart.allocation_id == Allocation.id) & (BankMatchPart.tenant_id == Allocation.tenant_id)
    statement = select(Allocation).join(BankMatchPart, part).where(BankMatchPart.match_id == match.id)
    return ctx.scalars(statement.order_by(BankMatchPart.position))


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


def _check_payment(ctx: Context, payment: Payment, status: PaymentStatus) -> None:
    if payment.status is not status:
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
